import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

// From source a thread needs the loader that compiles TypeScript, so the server runs in a process of its own.
const script = resolve(import.meta.dirname, 'worker/threaded.ts')
const root = resolve(import.meta.dirname, '../../..')
let folder: string
let said: Record<string, unknown>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auren-thread-'))
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--conditions=auren-source', script],
    { cwd: root, env: { ...process.env, AUREN_DATA: folder, AUREN_ZONE: 'Europe/Berlin', AUREN_LOG_LEVEL: 'fatal' } },
  )
  said = JSON.parse(stdout.trim().split('\n').at(-1) as string)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('an embedded server imports in another thread than the one that serves, and tells what it stored', () => {
  expect(said.imported).toMatchObject({ state: 'done', progress: { observations: 3, rejected: 0 } })
  expect(said.mean).toMatchObject({ status: 'ok', value: 62, n: 1 })
  expect(said.storedTold).toBeGreaterThanOrEqual(1)
})

it('what an app sends is stored at once, without anybody looking for it', () => {
  expect(said.processed).toBe(true)
})

it('a thread that dies is started again, and goes on with what waited', () => {
  expect(said.startedAgain).toBe(1)
  expect(said.afterDeath).toMatchObject({ status: 'ok', value: 7000 })
})
