import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { trappedExport, traps } from './kill/export.js'
import { prepare, survive } from './kill/survive.js'
import { readTables, type Tables } from './kill/tables.js'

// A few of the kills of `npm run test:faults`, at the places where most is at stake.
const bytes = trappedExport(9000, 5)
const folders: string[] = []
const folder = async (from?: string): Promise<string> => {
  const made = await mkdtemp(join(tmpdir(), 'auren-kill-'))
  folders.push(made)
  if (from) await cp(from, made, { recursive: true })
  return made
}
let prepared = ''
let upload = ''
let undisturbed: Tables

beforeAll(async () => {
  prepared = await folder()
  upload = await prepare(prepared, bytes)
  const dataDir = await folder(prepared)
  const { view } = await survive(dataDir, upload, [])
  expect(view).toMatchObject({ state: 'done', error: null })
  expect(Object.fromEntries(view.rejected.map(({ reason, count }) => [reason, count]))).toMatchObject(traps)
  undisturbed = await readTables(dataDir)
  expect(undisturbed.stored).toBeGreaterThan(5)
  expect(undisturbed.rows.chunks).toBeGreaterThan(10)
}, 120_000)
afterAll(async () => {
  for (const made of folders) await rm(made, { recursive: true, force: true })
})

describe('a server killed in the middle of an import', () => {
  it('has the same tables after it was started again', async () => {
    const dataDir = await folder(prepared)
    const { kills, view } = await survive(dataDir, upload, [
      { place: 'ingest:after-receive', nth: 1 },
      { place: 'import:step-before-commit', nth: 2 },
      { place: 'relay:after-commit', nth: 1 },
      { place: 'consume:after-write', nth: 1 },
      { place: 'import:step-after-commit', nth: 2 },
      { place: 'consume:before-commit', nth: 1 },
    ])
    const counted = kills.filter(({ fired, inFlight }) => fired && inFlight)
    console.log(`kills: ${kills.length} planned, ${counted.length} fired with work in flight`)
    expect(counted.length).toBeGreaterThanOrEqual(5)
    expect(view).toMatchObject({ state: 'done', error: null })
    expect(await readTables(dataDir)).toEqual(undisturbed)
  }, 120_000)
})
