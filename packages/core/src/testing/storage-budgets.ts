import { metricIds, metric as metricOf } from '../catalogue/index.js'
import type { Batch, MemoryRecord, Scope } from '../memory/ports.js'
import { type Recall, recall } from '../memory/recall.js'
import type { UserId } from '../observation/schema.js'
import { shiftDate } from '../query/calendar.js'
import { storageInvariants } from './invariants.js'
import type { Spent, TestRunner, WholeStorage } from './storage-kit.js'

const day = 86_400_000
const LAST = '2025-12-31'
/** Most that ten years may take of what one takes. */
const GROWTH = 1.3
const scope = (user: UserId): Scope => ({ user, purpose: 'answer' })
/** Thirty that are measured but a few times a day. */
const ids = metricIds
  .flatMap((id) => metricOf(id) ?? [])
  .filter(({ shape, kind }) => shape === 'sample' && kind !== 'cumulative')
  .sort((a, b) => Number(b.sparse) - Number(a.sparse))
  .slice(0, 30)
  .map(({ id, unit }) => ({ id, unit }))

/**
 * Holds a storage to invariant 19, counted: what a question of yesterday costs in statements and rows after ten years of
 * thirty metrics is what it costs after one. Times are measured by benchmarks, and asserted by nobody.
 */
export function testBudgets(
  { it, expect }: TestRunner,
  storage: () => WholeStorage,
  person: (name?: string) => Promise<UserId>,
): void {
  const keep = async (user: UserId, years: number): Promise<void> => {
    const first = Date.parse(`${LAST}T00:00:00Z`) - (years * 365 - 1) * day
    for (let year = 0; year < years; year++)
      await storage().transaction(async (tx) => {
        await storage().lockPersons(tx, [user])
        await storage().longTerm.write(tx, user, [yearOf(first + year * 365 * day)])
        await storage().patterns.put(tx, user, memoriesOf(first + year * 365 * day))
      })
  }
  const cost = async <T>(fn: (of: WholeStorage) => Promise<T>): Promise<Spent & { result: T }> => {
    const { of, spent } = counting(storage())
    const before = spent()
    const result = await fn(of)
    const after = spent()
    return { result, statements: after.statements - before.statements, rows: after.rows - before.rows }
  }

  it(`19: ${storageInvariants[19].title}`, async () => {
    const persons = [await person(), await person()] as const
    await keep(persons[0], 1)
    await keep(persons[1], 10)
    const [metric] = ids as [(typeof ids)[number]]
    const asked = (user: UserId, of: WholeStorage): Promise<Recall> =>
      recall(of, scope(user), {
        text: 'how have I slept after coffee',
        about: [metric.id],
        time: { from: shiftDate(LAST, -27), to: LAST },
      })
    const days = (user: UserId, of: WholeStorage) =>
      of.longTerm.days(scope(user), { metrics: [metric.id], from: shiftDate(LAST, -27), to: LAST })
    const write = (user: UserId, of: WholeStorage) =>
      of.transaction(async (tx) => {
        await of.lockPersons(tx, [user])
        const noon = Date.parse(`${LAST}T12:00:00Z`)
        return of.longTerm.write(tx, user, [batch(ids.map(({ id, unit }) => sample(id, unit, noon, 51)))])
      })
    const say = (user: UserId, of: WholeStorage) =>
      of.transaction(async (tx) => {
        await of.lockPersons(tx, [user])
        await of.patterns.put(tx, user, [memory('fresh', 'note', 'I slept well', Date.parse(LAST))])
      })
    const works: Record<string, (user: UserId, of: WholeStorage) => Promise<unknown>> = {
      recall: asked,
      days,
      write,
      say,
    }
    for (const [name, work] of Object.entries(works)) {
      // Once before, for what is kept from the first call on.
      if (name === 'recall') for (const user of persons) await asked(user, storage())
      const young = await cost((of) => work(persons[0], of))
      const old = await cost((of) => work(persons[1], of))
      expect([name, old.statements]).toEqual([name, young.statements])
      expect([name, old.rows <= young.rows * GROWTH]).toEqual([name, true])
      expect(young.statements).toBeGreaterThan(0)
    }
    // What is recalled is as long as it was, and there is something.
    const [young, old] = await Promise.all(persons.map((user) => asked(user, storage())))
    expect((young?.hits.length ?? 0) > 5 && (old?.tokens ?? 0) <= (young?.tokens ?? 0) * GROWTH).toBe(true)
    // Ten years by the month are no more rows than there are months.
    const months = await cost((of) =>
      of.ladder.read(scope(persons[1]), { rungs: ['month'], series: [metric.id], from: '2016-01-01', to: LAST }),
    )
    expect(months.rows <= 120 * GROWTH).toBe(true)
  })
}

/** The storage's own count, or what passes through its ports. */
function counting(of: WholeStorage): { of: WholeStorage; spent(): Spent } {
  if (of.spent) return { of, spent: of.spent }
  const spent: Spent = { statements: 0, rows: 0 }
  const counted = <T extends object>(tier: T): T =>
    new Proxy(tier, {
      get(target, name) {
        const method = Reflect.get(target, name) as unknown
        if (typeof method !== 'function') return method
        return async (...args: unknown[]) => {
          spent.statements++
          const result: unknown = await Reflect.apply(method, target, args)
          if (Array.isArray(result)) spent.rows += result.length
          return result
        }
      },
    })
  return {
    of: { ...of, longTerm: counted(of.longTerm), patterns: counted(of.patterns), ladder: counted(of.ladder) },
    spent: () => ({ ...spent }),
  }
}

function sample(metric: string, unit: string, start: number, value: number) {
  const source = { name: 'Watch', type: 'watch' as const }
  return { shape: 'sample' as const, metric, start, value, unit, source, offset: 0, zoneBasis: 'carried' as const }
}

const batch = (observations: Batch['observations']): Batch => ({
  provider: 'test',
  account: 'account',
  receivedAt: Date.parse(LAST) + 10 * day,
  rawRef: 'raw',
  observations,
})

function yearOf(first: number): Batch {
  return batch(
    Array.from({ length: 365 }, (_, i) =>
      ids.map(({ id, unit }, m) => sample(id, unit, first + i * day + 7 * 3_600_000, 50 + ((i + m) % 9))),
    ).flat(),
  )
}

/** A year of memories: notes and episodes each month, a baseline of each metric. */
function memoriesOf(first: number): MemoryRecord[] {
  const months = Array.from({ length: 12 }, (_, month) => first + month * 30 * day)
  return [
    ...months.flatMap((at, i) => [
      memory(`note ${at}`, 'note', `I slept ${['badly', 'well'][i % 2]} after coffee`, at),
      memory(`aside ${at}`, 'note', `The neighbours painted their fence ${i}`, at, []),
      memory(`episode ${at}`, 'episode', `I had a cold in month ${i}`, at),
    ]),
    ...ids.map(({ id }) => memory(`baseline ${id} ${first}`, 'baseline', `${id} was as usual`, first, [id])),
    memory('safety', 'safety', 'I take beta blockers', first, []),
  ]
}

function memory(
  id: string,
  kind: MemoryRecord['kind'],
  text: string,
  at: number,
  about: string[] = ids.slice(0, 1).map((one) => one.id),
): MemoryRecord {
  return {
    id,
    kind,
    validFrom: at,
    validTo: null,
    recordedAt: at,
    supersededAt: null,
    origin: 'self',
    algorithm: null,
    derivedFrom: [],
    about,
    text,
    body: {},
    status: 'active',
    confidence: null,
    pinned: kind === 'safety',
  }
}
