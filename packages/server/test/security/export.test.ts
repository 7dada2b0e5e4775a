import { afterAll, beforeAll, expect, it } from 'vitest'
import { placesIn } from '../../../plugins/src/storage/pglite/folder.js'
import { openPglite } from '../../../plugins/src/storage/pglite/sql.js'
import { canaries, leaveCanaries } from './canaries.js'
import { startTwo, type Two } from './two-persons.js'

/** C13: an export is complete, its counts are those of the tables, and nobody else is in it. */

/** Where each table with rows of a person goes in an export, or why it does not. */
const tables: Record<string, 'observation' | 'revision' | 'record' | 'memory' | 'turn' | 'token' | 'consent' | string> =
  {
    chunks: 'observation',
    chunk_history: 'revision',
    entries: 'observation or revision',
    records: 'record',
    memories: 'memory',
    turns: 'turn',
    api_tokens: 'token',
    consents: 'consent',
    profiles: 'profile',
    sources: 'in each observation',
    days: 'computed from observations',
    source_days: 'computed from observations',
    ladder: 'computed from observations',
    ladder_marks: 'computed from observations',
    ladder_standing: 'computed from observations',
    person_versions: 'a counter of the cache',
    memory_versions: 'a counter of the cache',
    threads: 'in each turn',
    turn_index: 'words of turns, hashed',
    turn_words: 'words of turns, hashed',
    lexemes: 'words, hashed',
    runs: 'the stream of a turn',
    run_parts: 'the stream of a turn',
    checkpoints: 'the state of a run',
    checkpoint_writes: 'the state of a run',
    persons: 'the key itself',
    accounts: 'how one signs in: GET /v1/auth/me',
    sign_ins: 'how one signs in: GET /v1/auth/sessions',
    account_links: 'how one signs in',
    connections: 'secrets of vendors: GET /v1/connections',
    inbox: 'as the vendor sent it; what it says is in the observations',
    outbox: 'on its way to the observations',
    jobs: 'work of the installation: GET /v1/imports',
    quarantine: 'set aside: GET /v1/quarantine',
    blobs: 'the file as it was uploaded, which the person has',
    blob_frames: 'the file as it was uploaded, which the person has',
  }

let two: Two
beforeAll(async () => {
  two = await startTwo()
  await leaveCanaries(two)
  const sample = { shape: 'sample', metric: 'weight', start: '2026-11-20T10:00:00Z', unit: 'kg' }
  const send = (token: string, key: string, observations: unknown[]) =>
    two.call('biometric', 'POST', '/v1/observations', token, {
      headers: { 'idempotency-key': key },
      body: { app: 'watch', observations },
    })
  await send(two.ann.token, 'a', [
    { ...sample, value: 70, recordId: 'r-1', version: 1 },
    { shape: 'session', kind: 'sleep', start: '2026-11-19T22:00:00Z', end: '2026-11-20T06:00:00Z', measures: {} },
  ])
  await send(two.ann.token, 'b', [{ ...sample, value: 71, recordId: 'r-1', version: 2 }])
  await send(two.ben.token, 'a', [{ shape: 'tag', tag: 'note', start: sample.start, text: 'BEN-9c1 was here' }])
  await two.call('neuros', 'POST', '/v1/memories', two.ben.token, { body: { kind: 'note', text: 'BEN-9c1 thinks' } })
  await two.here.auren.ingest.settled()
}, 60_000)
afterAll(async () => {
  await two?.oura.close()
  await two?.here.remove()
})

it('has every row of the person, in each format, and nothing of anybody else (C13)', async () => {
  const exported = async (token: string | null, format = ''): Promise<{ status: number; text: string }> =>
    two.call('neuros', 'GET', `/v1/export${format && `?format=${format}`}`, token)
  const all = (await exported(two.ann.token)).text
  const lines = all
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; lines?: number; item?: { shape?: string } })
  const csv = (await exported(two.ann.token, 'csv')).text.trim().split('\r\n')
  const fhir = JSON.parse((await exported(two.ann.token, 'fhir')).text) as {
    entry: { resource: { resourceType: string } }[]
  }
  const ben = (await exported(two.ben.token)).text
  for (const text of [all, csv.join('\n'), JSON.stringify(fhir)]) {
    expect(text).not.toContain('BEN-9c1')
    expect(text).not.toContain(two.ben.user)
  }
  expect(ben).toContain('BEN-9c1')
  for (const word of [canaries.note, canaries.chat, two.ann.user]) expect(ben).not.toContain(word)
  expect((await exported(null)).status).toBe(401)
  // Nobody's name in the address or a header makes it another's.
  const asked = await two.call('neuros', 'GET', `/v1/export?user=${two.ben.user}`, two.ann.token, {
    headers: { 'x-user-id': two.ben.user },
  })
  expect(asked.text).not.toContain('BEN-9c1')

  await two.here.close()
  const sql = await openPglite({ dataDir: placesIn(two.here.config.dataDir).database })
  const count = async (text: string): Promise<number> =>
    (await sql.transaction((tx) => tx.query<{ n: number }>(text, [two.ann.user])))[0]?.n ?? 0
  const ofType = (type: string): number => lines.filter((line) => line.type === type).length

  const withRows: string[] = []
  const named = await sql.transaction((tx) =>
    tx.query<{ name: string }>(
      `select distinct c.table_name as name from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
        where c.table_schema = 'auren' and c.column_name = 'user_id' and t.table_type = 'BASE TABLE'`,
    ),
  )
  for (const { name } of named)
    if ((await count(`select count(*)::int4 as n from auren.${name} where user_id = $1`)) > 0) withRows.push(name)
  // A table that nobody has decided about stops here.
  expect(withRows.filter((name) => !(name in tables))).toEqual([])
  expect(withRows).toEqual(
    expect.arrayContaining(['chunks', 'chunk_history', 'entries', 'records', 'memories', 'turns']),
  )

  const held =
    (await count('select sum(n)::int4 as n from auren.chunks where user_id = $1')) +
    (await count('select count(*)::int4 as n from auren.entries where user_id = $1 and held'))
  const old =
    (await count('select sum(n)::int4 as n from auren.chunk_history where user_id = $1')) +
    (await count('select count(*)::int4 as n from auren.entries where user_id = $1 and not held'))
  expect(ofType('observation')).toBe(held)
  expect(ofType('revision')).toBe(old)
  expect(old).toBe(1)
  for (const [table, type] of [
    ['records', 'record'],
    ['memories', 'memory'],
    ['turns', 'turn'],
    ['api_tokens', 'token'],
    ['consents', 'consent'],
  ] as const)
    expect([type, ofType(type)]).toEqual([
      type,
      await count(`select count(*)::int4 as n from auren.${table} where user_id = $1`),
    ])
  await sql.close()
  expect(lines.at(-1)).toEqual({ type: 'end', lines: lines.length - 1 })
  // A row for each, the header, and none for the night's measures, which has none; and so in FHIR, with the Patient.
  expect(csv).toHaveLength(1 + held)
  expect(fhir.entry.filter(({ resource }) => resource.resourceType === 'Observation')).toHaveLength(held)
})
