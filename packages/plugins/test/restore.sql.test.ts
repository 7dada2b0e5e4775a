import type { Batch, LongTerm, MetricRegistry, Observation, Patterns, RecordMark, Scope, Threads } from '@auren/core'
import { exportLines, identityKey, memoryHot } from '@auren/core'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkExport, restoreSteps } from '../../core/src/ingest/restore.js'
import { createJournal } from '../src/storage/sql/journal/index.js'
import { createLongTerm } from '../src/storage/sql/longterm/index.js'
import { createPatterns } from '../src/storage/sql/patterns.js'
import type { Sql } from '../src/storage/sql/port.js'
import { createThreads } from '../src/storage/sql/threads.js'
import type { SqlVault } from '../src/storage/sql/vault.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

const registry: MetricRegistry = {}
const T0 = Date.UTC(2026, 2, 1)
const HOUR = 3_600_000
const NOW = T0 + 1000 * HOUR

let sql: Sql
let vault: SqlVault
let journal: ReturnType<typeof createJournal>
let longTerm: LongTerm
let patterns: Patterns
let threads: Threads

beforeAll(async () => {
  sql = await openTestSql()
  vault = await openTestVault(sql, 'system-check')
  journal = createJournal(sql, vault, { partitions: 1, now: () => NOW })
  longTerm = createLongTerm(sql, vault)
  patterns = createPatterns(sql, vault)
  threads = createThreads(sql, vault)
})
afterAll(() => sql.close())

const person = (user: string): Promise<unknown> => journal.transaction((tx) => vault.create(tx as never, user))
const scopeOf = (user: string): Scope => ({ user, purpose: 'operate' })

async function exported(user: string): Promise<{ type: string; [field: string]: unknown }[]> {
  const lines: { type: string }[] = []
  for await (const line of exportLines({ longTerm, patterns, threads, now: () => NOW }, user))
    lines.push(JSON.parse(JSON.stringify(line)))
  return lines
}

/** Brings lines back, `page` bytes at a read, and says what was set aside. */
async function restore(
  user: string,
  lines: readonly unknown[],
  mine = true,
): Promise<{ aside: string[]; kept: number }> {
  const bytes = Buffer.from(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'))
  const file = {
    name: 'x.ndjson',
    size: bytes.length,
    read: async (at: number, length: number) => bytes.subarray(at, at + Math.min(length, 1000)),
  }
  const head = await checkExport(file, user, { mine })
  const aside: string[] = []
  let kept = 0
  const ports = { journal, registry, longTerm, patterns, threads, hot: memoryHot() }
  const origin = { user, receivedAt: NOW, rawRef: `raw of ${user}` }
  for await (const step of restoreSteps(ports, file, head, origin, null, new AbortController().signal)) {
    await journal.transaction((tx) => step.write(tx))
    aside.push(...step.aside.map(({ reason, detail }) => `${reason}: ${detail}`))
    kept += step.kept
  }
  return { aside, kept }
}

const source = fc.constantFrom({ name: 'Watch', type: 'watch' as const }, { name: 'Phone', type: 'phone' as const })
const common = {
  source,
  offset: fc.constantFrom(null, 60),
  zoneBasis: fc.constant('carried' as const),
  version: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
}
const bare = <T extends Record<string, unknown>>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as T
const ids = fc.constantFrom(undefined, 'r1', 'r2')
const observation: fc.Arbitrary<Observation> = fc.oneof(
  fc
    .record({ ...common, at: fc.integer({ min: 0, max: 5 }), value: fc.integer({ min: 50, max: 53 }), recordId: ids })
    .map(({ at, ...rest }) =>
      bare({ shape: 'sample', metric: 'heart_rate', start: T0 + at * 7 * HOUR, unit: '/min', ...rest } as Observation),
    ),
  fc
    .record({ ...common, at: fc.integer({ min: 0, max: 3 }), value: fc.integer({ min: 10, max: 12 }), recordId: ids })
    .map(({ at, ...rest }) => {
      const start = T0 + at * 11 * HOUR
      return bare({
        shape: 'sample',
        metric: 'steps',
        start,
        end: start + HOUR,
        unit: '{count}',
        ...rest,
      } as Observation)
    }),
  fc
    .record({
      ...common,
      day: fc.integer({ min: 1, max: 2 }),
      value: fc.integer({ min: 5000, max: 5002 }),
      recordId: ids,
    })
    .map(({ day, ...rest }) =>
      bare({ shape: 'daily_total', metric: 'steps', date: `2026-03-0${day}`, unit: '{count}', ...rest } as Observation),
    ),
  fc
    .record({ ...common, nights: fc.integer({ min: 1, max: 2 }), text: fc.constantFrom(undefined, 'noisy', 'calm') })
    .map(({ nights, ...rest }) => {
      const start = T0 + nights * 24 * HOUR
      const stages = [{ stage: 'deep' as const, start, end: start + HOUR }]
      return bare({
        shape: 'session',
        kind: 'sleep',
        start,
        end: start + 8 * HOUR,
        stages,
        measures: { sleep_deep: 3600 },
        ...rest,
      } as Observation)
    }),
  fc
    .record({ ...common, at: fc.integer({ min: 0, max: 2 }), text: fc.constantFrom(undefined, 'two glasses') })
    .map(({ at, ...rest }) =>
      bare({ shape: 'tag', tag: 'alcohol', start: T0 + at * 20 * HOUR, ...rest } as Observation),
    ),
)
const said = fc.oneof(
  { weight: 5, arbitrary: observation },
  {
    weight: 1,
    arbitrary: fc.tuple(observation, fc.boolean()).map(([of, sticky]): Observation => {
      if (of.shape === 'deletion') return of
      const { shape, source: from } = of
      const times = of.shape === 'daily_total' ? { date: of.date } : bare({ start: of.start, end: of.end })
      const name = 'metric' in of ? of.metric : 'tag' in of ? of.tag : of.kind
      return bare({
        shape: 'deletion',
        target: { shape, of: name, ...times },
        source: from,
        recordId: of.recordId,
        ...(sticky ? { sticky } : {}),
      } as Observation)
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('r1', 'r2').map((recordId): Observation => ({ shape: 'deletion', recordId })),
  },
)
const batches = fc.array(
  fc.record({
    provider: fc.constantFrom('oura', 'app.own'),
    observations: fc.array(said, { minLength: 1, maxLength: 6 }),
    again: fc.boolean(),
  }),
  { minLength: 1, maxLength: 7 },
)

/**
 * Of two values of one identity in one delivery a hash decides, which of words is keyed by the person: an import would
 * number them instead.
 */
function withoutTies(provider: string, account: string, observations: readonly Observation[]): Observation[] {
  const seen = new Set<string>()
  return observations.filter((one) => {
    if (one.shape !== 'session' && one.shape !== 'tag') return true
    const key = identityKey(provider, account, one)
    return !seen.has(key) && seen.add(key)
  })
}

const sorted = (lines: readonly unknown[]): string[] => lines.map((line) => JSON.stringify(line)).sort()
/** What names the person: their accounts of files, and the time at which it was written. */
const anonymous = (lines: readonly { type: string }[], user: string): string[] =>
  sorted(lines.filter(({ type }) => type !== 'auren')).map((line) =>
    line.replaceAll(`"account":"${user}"`, '"account":"me"'),
  )

let runs = 0
it('brings everything back: daily values, what was known at any time, and an equal export (property)', async () => {
  await fc.assert(
    fc.asyncProperty(batches, async (deliveries) => {
      const [ann, bob] = [`ann ${++runs}`, `bob ${runs}`]
      await Promise.all([person(ann), person(bob)])
      const written = deliveries.flatMap(({ provider, observations, again }, i): Batch[] => {
        const account = provider === 'oura' ? 'acc-7' : ann
        const batch = {
          provider,
          account,
          receivedAt: T0 + (50 + 10 * i) * HOUR,
          rawRef: `raw ${i}`,
          observations: withoutTies(provider, account, observations),
        }
        return again ? [batch, { ...batch, receivedAt: batch.receivedAt + HOUR, rawRef: `again ${i}` }] : [batch]
      })
      for (const batch of written) await journal.transaction((tx) => longTerm.write(tx, ann, [batch]))
      const lines = await exported(ann)
      expect(await restore(bob, lines)).toMatchObject({ aside: [] })
      expect(anonymous(await exported(bob), bob)).toEqual(anonymous(lines, ann))
      // Twice is once.
      await restore(bob, lines)
      expect(anonymous(await exported(bob), bob)).toEqual(anonymous(lines, ann))

      const keyless = <T extends object>(rows: readonly T[]): unknown =>
        sorted(rows.map((row) => JSON.parse(JSON.stringify(row).replace(/\/[0-9a-f]{8}\//g, '/account/'))))
      const days = { metrics: ['heart_rate', 'steps', 'sleep_deep'], from: '2026-02-20', to: '2026-03-20' }
      for (const from of ['merged', 'all'])
        expect(keyless(await longTerm.days(scopeOf(bob), { ...days, source: from }))).toEqual(
          keyless(await longTerm.days(scopeOf(ann), { ...days, source: from })),
        )
      for (const asOf of [undefined, ...written.map(({ receivedAt }) => receivedAt)])
        for (const metric of ['heart_rate', 'steps']) {
          const q = { metric, from: T0 - 1000 * HOUR, to: NOW, ...(asOf === undefined ? {} : { asOf }) }
          expect(keyless(await longTerm.samples(scopeOf(bob), q))).toEqual(
            keyless(await longTerm.samples(scopeOf(ann), q)),
          )
        }
      const nights = { from: '2026-02-20', to: '2026-03-20', all: true }
      const bodies = async (user: string) =>
        sorted((await longTerm.sessions(scopeOf(user), nights)).map(({ id: _, source: __, ...rest }) => rest))
      expect(await bodies(bob)).toEqual(await bodies(ann))
    }),
    { numRuns: 40, seed: 20_260_301 },
  )
}, 180_000)

it('keeps a tombstone: what was deleted for good does not come back with a later delivery', async () => {
  await Promise.all([person('cleo'), person('dora')])
  const value: Observation = {
    shape: 'sample',
    metric: 'weight',
    start: T0,
    value: 70,
    unit: 'kg',
    source: { name: 'Scale', type: 'scale' },
    offset: 0,
    zoneBasis: 'carried',
  }
  const gone: Observation = {
    shape: 'deletion',
    target: { shape: 'sample', of: 'weight', start: T0 },
    source: value.source,
    sticky: true,
  }
  const write = (user: string, receivedAt: number, observations: Observation[]) =>
    journal.transaction((tx) =>
      longTerm.write(tx, user, [{ provider: 'withings', account: 'w', receivedAt, rawRef: 'r', observations }]),
    )
  await write('cleo', T0, [value])
  await write('cleo', T0 + HOUR, [gone])
  await restore('dora', await exported('cleo'))
  await write('dora', T0 + 9 * HOUR, [value])
  const all = { metric: 'weight', from: 0, to: NOW }
  expect(await longTerm.samples(scopeOf('dora'), all)).toEqual([])
  expect(await longTerm.samples(scopeOf('dora'), { ...all, asOf: T0 })).toHaveLength(1)
})

it('sets bad lines aside with the reason, tells of a file that was cut off, and keeps the rest', async () => {
  await person('eve')
  const observation = {
    shape: 'sample',
    metric: 'weight',
    start: T0,
    value: 70,
    unit: 'kg',
    source: { name: 'Scale', type: 'scale' },
    offset: 0,
    zoneBasis: 'carried',
    provider: 'withings',
    account: 'w',
    receivedAt: T0,
    rawRef: 'r',
  }
  const { aside, kept } = await restore('eve', [
    { type: 'auren', v: 2, user: 'eve', at: T0 },
    '{"type":"observation","item":{"shape":',
    { type: 'observation', item: { ...observation, value: 7000 } },
    { type: 'observation', item: { ...observation, receivedAt: NOW + 1 } },
    { type: 'observation', item: { ...observation, metric: 'moonlight' } },
    { type: 'surprise', item: {} },
    { type: 'memory', item: { id: 'm' } },
    { type: 'observation', item: observation },
    { type: 'end', lines: 99 },
  ])
  expect(kept).toBe(1)
  expect(aside).toEqual([
    'export_line: line 2: the line is not JSON',
    'hard_range: weight is outside what is possible',
    'export_line: line 4: it is said to be known since a time that has not come',
    'unknown_metric: no metric that samples can have',
    expect.stringMatching(/^export_line: line 6: type: Invalid/),
    expect.stringMatching(/^export_line: line 7: /),
    'export_line: line 9: lines are missing before it, or there are too many',
  ])
  const open = await journal.transaction((tx) => journal.listQuarantine(tx, { user: 'eve', open: true, limit: 100 }))
  expect(open).toHaveLength(7)
  const cut = await restore('eve', [
    { type: 'auren', v: 2, user: 'eve', at: T0 },
    { type: 'observation', item: observation },
  ])
  expect(cut.aside).toEqual([expect.stringContaining('the file breaks off before its end')])
})

it('reads version 1, refuses a newer one, and another person’s unless it is said to be one’s own', async () => {
  await person('fay')
  const head = { type: 'auren', v: 1, user: 'fay', at: T0 }
  expect(await restore('fay', [head, { type: 'profile', profile: { sex: 'female' } }], false)).toEqual({
    aside: [],
    kept: 1,
  })
  expect(await longTerm.profile(scopeOf('fay'))).toEqual({ sex: 'female' })
  await expect(restore('fay', [{ ...head, v: 3 }])).rejects.toMatchObject({ code: 'AUREN_INPUT_INVALID' })
  await expect(restore('fay', [{ ...head, user: 'gil' }], false)).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
  // What the person has said here holds.
  await restore('fay', [head, { type: 'profile', profile: { sex: 'male', birthDate: '1990-01-02' } }])
  expect(await longTerm.profile(scopeOf('fay'))).toEqual({ sex: 'female', birthDate: '1990-01-02' })
})

it('keeps marks of a record as they were', async () => {
  await Promise.all([person('hal'), person('ida')])
  const part = (start: number, version: number): Observation => ({
    shape: 'sample',
    metric: 'heart_rate',
    start,
    value: 60,
    unit: '/min',
    source: { name: 'Ring', type: 'ring' },
    offset: 0,
    zoneBasis: 'carried',
    recordId: 'night',
    version,
  })
  const write = (receivedAt: number, observations: Observation[]) =>
    journal.transaction((tx) =>
      longTerm.write(tx, 'hal', [{ provider: 'oura', account: 'o', receivedAt, rawRef: 'r', observations }]),
    )
  await write(T0, [part(T0, 1), part(T0 + HOUR, 1)])
  await write(T0 + HOUR, [part(T0, 2)])
  await restore('ida', await exported('hal'))
  const marks: RecordMark[] = [
    { version: 1, at: T0, gone: 0 },
    { version: 2, at: T0 + HOUR, gone: 0 },
  ]
  expect((await exported('ida')).find(({ type }) => type === 'record')?.item).toMatchObject({ marks })
  const starts = async (asOf?: number) =>
    (
      await longTerm.samples(scopeOf('ida'), {
        metric: 'heart_rate',
        from: 0,
        to: NOW,
        ...(asOf === undefined ? {} : { asOf }),
      })
    ).map(({ start }) => start)
  // By hand: version 2 has the first alone; before it both were known.
  expect(await starts()).toEqual([T0])
  expect(await starts(T0)).toEqual([T0, T0 + HOUR])
})
