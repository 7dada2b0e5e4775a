import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { trappedExport, traps } from './kill/export.js'
import { dataFolders } from './kill/folders.js'
import { prepare, survive } from './kill/survive.js'
import { readTables, type Tables } from './kill/tables.js'

// A few of the kills of `npm run test:faults`, at the places where most is at stake.
const folders = dataFolders()
let prepared = ''
let upload = ''
let undisturbed: Tables

beforeAll(async () => {
  prepared = await folders.create()
  upload = await prepare(prepared, trappedExport(7000, 5))
  const dataDir = await folders.create(prepared)
  const { view } = await survive(dataDir, upload, [])
  expect(view).toMatchObject({ state: 'done', error: null })
  expect(Object.fromEntries(view.rejected.map(({ reason, count }) => [reason, count]))).toMatchObject(traps)
  undisturbed = await readTables(dataDir)
  expect(undisturbed).toMatchObject({ accepted: undisturbed.stored, waiting: 0, jobs: { done: 1 } })
  expect(undisturbed.stored).toBeGreaterThan(5)
  expect(undisturbed.rows.chunks).toBeGreaterThan(10)
}, 240_000)
afterAll(() => folders.remove())

describe('a server killed in the middle of an import', () => {
  it('has the same tables after it was started again', async () => {
    const dataDir = await folders.create(prepared)
    const { kills, view } = await survive(dataDir, upload, [
      { place: 'ingest:after-receive', nth: 1 },
      { place: 'import:step-before-commit', nth: 2 },
      { place: 'relay:after-commit', nth: 1 },
      { place: 'consume:after-write', nth: 1 },
      { place: 'import:step-after-commit', nth: 1 },
    ])
    const inFlight = kills.filter((killed) => killed.inFlight)
    console.log(
      `kills: ${kills.length} planned, ${kills.filter(({ fired }) => fired).length} fired, ${inFlight.length} in flight`,
    )
    expect(inFlight).toHaveLength(5)
    expect(view).toMatchObject({ state: 'done', error: null })
    expect(await readTables(dataDir)).toEqual(undisturbed)
  }, 240_000)
})
