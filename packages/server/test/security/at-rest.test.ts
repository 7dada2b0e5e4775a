import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeMasterKey } from '../../../plugins/src/storage/sql/master-key.js'
import { type Installation, install } from '../harness.js'
import { bearer, send } from '../identity-http.js'
import { canaries, foundIn, leaveCanaries } from './canaries.js'
import { startTwo, type Two } from './two-persons.js'

const first = makeMasterKey()
const second = makeMasterKey()
const env = {
  AUREN_LOCAL_PERSON: 'false',
  OURA_CLIENT_ID: 'client',
  OURA_CLIENT_SECRET: 's3cret',
  OURA_VERIFICATION_TOKEN: 'token',
}
let two: Two
let token: string
let dataDir: string

/** Every file below a folder, with its bytes. */
function* filesIn(folder: string): Iterable<{ path: string; bytes: Buffer }> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) {
      const path = join(entry.parentPath, entry.name)
      yield { path, bytes: readFileSync(path) }
    }
}

beforeAll(async () => {
  two = await startTwo({ AUREN_MASTER_KEY: first })
  dataDir = two.here.config.dataDir
  token = (await leaveCanaries(two)).token
  // As it is exported to the person: all of it is there.
  const all = (await two.call('neuros', 'GET', '/v1/export', two.ann.token)).text
  expect(foundIn(Buffer.from(all), { note: canaries.note, chat: canaries.chat })).toEqual(['note', 'chat'])
  await two.here.close()
})
afterAll(async () => {
  await two?.oura.close()
  await two?.here.remove()
})

describe('the data folder (C12)', () => {
  it('holds no word, token, password or raw byte in the clear, in any file', () => {
    const found: string[] = []
    let files = 0
    let seen = false
    for (const { path, bytes } of filesIn(dataDir)) {
      files++
      // What is not sealed is found, so the search finds what is there.
      seen ||= foundIn(bytes, { provider: 'app.watch' }).length > 0
      for (const name of foundIn(bytes, { ...canaries, token, person: token.slice(10), master: first }))
        found.push(`${name} in ${path}`)
    }
    expect(files).toBeGreaterThan(100)
    expect(seen).toBe(true)
    expect(found).toEqual([])
  })

  it('is its owner’s alone', () => {
    expect(statSync(dataDir).mode & 0o077).toBe(0)
    expect(statSync(join(dataDir, 'pg')).mode & 0o077).toBe(0)
  })
})

describe('another master key (C12)', () => {
  const reopen = async (masterKey: string, look: (here: Installation) => Promise<void>): Promise<void> => {
    const here = await install({ ...env, OURA_BASE_URL: two.oura.url, AUREN_MASTER_KEY: masterKey }, { dataDir })
    try {
      await look(here)
    } finally {
      await here.close()
    }
  }
  const readAll = async (here: Installation): Promise<void> => {
    const get = (service: 'neuros' | 'biometric', path: string): Promise<{ status: number; text: string }> =>
      send(here.services.addresses[service] as string, 'GET', path, { headers: bearer(token) })
    expect((await get('neuros', '/v1/memories')).text).toContain(canaries.note)
    expect((await get('neuros', '/v1/threads/t-1/messages')).text).toContain(canaries.chat)
    expect((await get('biometric', '/v1/quarantine')).text).toContain(canaries.aside)
    const [connection] = await here.auren.ingest.connections.list(two.ann.user)
    expect(connection).toMatchObject({ provider: 'oura', account: two.oura.account })
    const login = await send(here.services.addresses.neuros as string, 'POST', '/v1/auth/login', {
      body: { name: canaries.name, password: canaries.password },
    })
    expect(login.status).toBe(200)
  }

  it('put before the old one opens everything, then does so alone; the old one alone fails loudly', async () => {
    await reopen(`${second},${first}`, readAll)
    await reopen(second, readAll)
    await expect(reopen(first, readAll)).rejects.toMatchObject({ code: 'AUREN_KEY_INVALID' })
    await reopen(second, readAll)
  })
})

describe('a key that nobody gave (C12)', () => {
  let here: Installation
  beforeAll(async () => {
    here = await install()
  })
  afterAll(async () => {
    await here?.close()
    await here?.remove()
  })

  it('lies in the data folder for its owner alone', () => {
    expect(statSync(join(here.config.dataDir, 'master.key')).mode & 0o777).toBe(0o600)
    expect(statSync(here.config.dataDir).mode & 0o077).toBe(0)
  })
})
