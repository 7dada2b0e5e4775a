import type { Batch, LongTerm, Observation } from '@auren/core'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLongTerm } from '../src/storage/sql/longterm/index.js'
import type { Sql } from '../src/storage/sql/port.js'
import type { SqlVault } from '../src/storage/sql/vault.js'
import { deliveries, nameOf } from './longterm-deliveries.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

let sql: Sql
let vault: SqlVault
let longTerm: LongTerm
let persons = 0

beforeAll(async () => {
  sql = await openTestSql()
  vault = await openTestVault(sql)
  longTerm = createLongTerm(sql, vault)
})
afterAll(() => sql.close())

async function person(): Promise<string> {
  const user = `person ${++persons}`
  await sql.transaction((tx) => vault.create(tx, user))
  return user
}

const write = (user: string, ...batches: Batch[]) => sql.transaction((tx) => longTerm.write(tx, user, batches))

const tables = ['chunks', 'chunk_history', 'records', 'sources', 'entries', 'days', 'source_days']

/** Every row of a person in every table, without what differs from person to person: name, keyed hash, ciphertext. */
async function dump(user: string, ...but: string[]): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  for (const table of tables) {
    const rows = await sql.transaction((tx) =>
      tx.query<{ row: Record<string, unknown> }>(
        `select to_jsonb(t) - 'user_id' - 'words' - 'hash' as row from auren.${table} t where user_id = $1`,
        [user],
      ),
    )
    found[table] = rows
      .map(({ row }) => JSON.stringify(Object.entries(row).filter(([key]) => !but.includes(key))))
      .sort()
  }
  return found
}

/** Where every row lies: unchanged where nothing was written. */
async function places(user: string): Promise<unknown[]> {
  const all: unknown[] = []
  for (const table of [...tables, 'person_versions'])
    all.push(
      ...(await sql.transaction((tx) =>
        tx.query(`select '${table}' as t, ctid::text, xmin::text from auren.${table} where user_id = $1 order by 2`, [
          user,
        ]),
      )),
    )
  return all
}

interface Held {
  version: number | null
  last: number
  gone: 0 | 1 | 2
}

/** A plain Map that knows the rules and nothing of ours: what holds, by name, as JSON of what it says. */
function oracle(batches: readonly Batch[]): Map<string, string> {
  const names = new Map<string, { recordId: string | undefined; values: Map<string, Held> }>()
  const revisions = new Map<string, { version: number; at: number; gone: boolean }[]>()
  for (const { receivedAt, observations } of batches)
    for (const one of observations) {
      const version = one.version ?? null
      if (one.recordId !== undefined && !(one.shape === 'deletion' && one.target))
        revisions.set(one.recordId, [
          ...(revisions.get(one.recordId) ?? []),
          { version: version ?? -1, at: version === null ? receivedAt : 0, gone: one.shape === 'deletion' },
        ])
      if (one.shape === 'deletion' && !one.target) continue
      const name = nameOf(one)
      const known = names.get(name) ?? { recordId: one.recordId, values: new Map<string, Held>() }
      names.set(name, known)
      const said = saying(one)
      const before = known.values.get(said)
      known.values.set(said, {
        gone: one.shape !== 'deletion' ? 0 : one.sticky ? 2 : 1,
        version: before?.version == null ? version : Math.max(before.version, version ?? -1),
        last: Math.max(before?.last ?? receivedAt, receivedAt),
      })
    }
  const held = new Map<string, string>()
  for (const [name, { recordId, values }] of names) {
    const newest = (recordId === undefined ? [] : (revisions.get(recordId) ?? [])).sort(
      (a, b) => b.version - a.version || b.at - a.at || Number(b.gone) - Number(a.gone),
    )[0]
    const isLive = (v: Held) =>
      v.gone > 0 || !newest || (!newest.gone && (v.version ?? -1) >= newest.version && v.last >= newest.at)
    const [best] = [...values]
      .filter(([, value]) => isLive(value))
      .sort(
        ([, a], [, b]) =>
          Number(b.gone === 2) - Number(a.gone === 2) || (b.version ?? -1) - (a.version ?? -1) || b.last - a.last,
      )
    if (best && best[1].gone === 0) held.set(name, best[0])
  }
  return held
}

/** What an observation says, without what names it and when it came. */
function saying(one: Observation): string {
  if (one.shape === 'deletion') return one.sticky ? 'gone for ever' : 'gone'
  const value = 'value' in one && one.value !== undefined ? one.value + 0 : null
  return JSON.stringify([value, one.offset, 'text' in one ? (one.text ?? null) : null])
}

async function held(user: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for await (const one of longTerm.scan({ user, purpose: 'export' })) found.set(nameOf(one), saying(one))
  return found
}

/** A permutation of deliveries cut into batches at other places, some of it twice. */
const rearranged = (all: readonly Batch[]): fc.Arbitrary<Batch[]> =>
  fc
    .tuple(
      fc.shuffledSubarray([...all], { minLength: all.length }),
      fc.array(fc.nat(all.length - 1), { maxLength: 3 }),
      fc.infiniteStream(fc.boolean()),
    )
    .map(([shuffled, again, cut]) =>
      [...shuffled, ...again.map((i) => all[i] as Batch)].flatMap((batch) =>
        cut.next().value
          ? [...batch.observations].reverse().map((one) => ({ ...batch, observations: [one] }))
          : [batch],
      ),
    )

describe('what is stored', () => {
  it('equals a plain Map, and the tables are the same whatever the order, split, repetition and batching', async () => {
    await fc.assert(
      fc.asyncProperty(
        deliveries.chain((all) => fc.tuple(fc.constant(all), rearranged(all), fc.boolean())),
        async ([all, other, together]) => {
          const [a, b] = [await person(), await person()]
          for (const batch of all) await write(a, batch)
          if (together) await write(b, ...other)
          else for (const batch of other) await write(b, batch)
          expect(await held(a)).toEqual(oracle(all))
          expect(await dump(b)).toEqual(await dump(a))
        },
      ),
      { numRuns: 60 },
    )
  }, 120_000)

  it('is not written again by what is known, and only its stamps by what comes again later', async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async (all) => {
        const user = await person()
        await write(user, ...all)
        const before = await places(user)
        const [report] = [await write(user, ...all)]
        expect(report.changed).toBe(0)
        expect(await places(user)).toEqual(before)

        const newest = all.at(-1) as Batch
        const rows = await dump(user, 'last_received', 'runs', 'marks')
        await write(user, { ...newest, receivedAt: 9999 })
        // The same again changes nothing but when it was last seen, unless something newer had replaced it before.
        if (all.length === 1) expect(await dump(user, 'last_received', 'runs', 'marks')).toEqual(rows)
      }),
      { numRuns: 30 },
    )
  }, 120_000)

  it('reads as of any time as it read then, but for values that went and came back', async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async (all) => {
        const user = await person()
        await write(user, ...all)
        const times = all.map(({ receivedAt }) => receivedAt)
        const then = times.map((t) => oracle(all.filter(({ receivedAt }) => receivedAt <= t)))
        const names = new Set(then.flatMap((of) => [...of.keys()]).filter((name) => name.startsWith('sample|')))
        const steady = [...names].filter((name) => {
          const runs = then.map((of) => of.get(name)).filter((said, i, list) => i === 0 || said !== list[i - 1])
          const said = runs.filter((one) => one !== undefined)
          return new Set(said).size === said.length
        })
        for (const [i, t] of times.entries()) {
          const read = new Map<string, number>()
          for (const metric of ['heart_rate', 'weight', 'steps'])
            for (const s of await longTerm.samples(
              { user, purpose: 'answer' },
              { metric, from: 0, to: 4e12, asOf: t + 5 },
            ))
              read.set(
                ['sample', s.recordId, metric, s.start, s.end ?? undefined, s.source.split('/').at(-1)].join('|'),
                s.value,
              )
          for (const name of steady) {
            const said = then[i]?.get(name)
            expect(read.get(name)).toBe(said === undefined ? undefined : JSON.parse(said)[0])
          }
        }
      }),
      { numRuns: 40 },
    )
  }, 120_000)

  it('reads through the SQL function as through our decoder', async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, fc.integer({ min: 0, max: 100 }), async (all, hours) => {
        const user = await person()
        await write(user, ...all)
        const from = Date.UTC(2026, 2, 28) + hours * 3_600_000
        for (const metric of ['heart_rate', 'weight', 'steps'])
          for (const [low, high] of [
            [0, 4e12],
            [from, from + 30 * 3_600_000],
          ] as const) {
            const ours = await longTerm.samples({ user, purpose: 'answer' }, { metric, from: low, to: high })
            const rows = await sql.as(user, (tx) =>
              tx.query('select * from auren.samples($1, $2, $3, $4) order by start_ms, source, end_ms, value', [
                user,
                metric,
                low,
                high,
              ]),
            )
            expect(rows).toEqual(
              ours
                .map(({ source, start, end, value }) => ({ source, start_ms: start, end_ms: end, value }))
                .sort(
                  (x, y) =>
                    x.start_ms - y.start_ms ||
                    (x.source < y.source ? -1 : x.source > y.source ? 1 : 0) ||
                    (x.end_ms ?? 9e15) - (y.end_ms ?? 9e15) ||
                    x.value - y.value,
                ),
            )
          }
      }),
      { numRuns: 20 },
    )
  }, 120_000)
})
