import type { Hot, MemoryRecord, Scope } from '../memory/ports.js'
import { type Ready, readyOf } from '../memory/ready.js'
import { recall } from '../memory/recall.js'
import type { UserId } from '../observation/schema.js'
import { storageInvariants } from './invariants.js'
import type { TestRunner, WholeStorage } from './storage-kit.js'

/** 2026-05-04T00:00:00Z */
const begin = 1_777_852_800_000
const DATE = '2026-05-04'
const scope = (user: UserId): Scope => ({ user, purpose: 'answer' })

type Step =
  | { does: 'measure' | 'say' | 'withdraw' | 'forget' | 'fail'; n: number }
  | { does: 'wipe' | 'outage' | 'back' | 'stale' | 'ask' }
  /** Refills and a write, all at once. */
  | { does: 'race'; n: number }

/** A tier that can be away, and that can give what it held long ago. */
function faulty(hot: Hot): Hot & { mode: 'up' | 'away' | 'stale' } {
  const first = new Map<string, NonNullable<Awaited<ReturnType<Hot['get']>>>>()
  const place = (user: UserId, key: string): string => JSON.stringify([user, key])
  return {
    mode: 'up',
    async get(user, key) {
      if (this.mode === 'away') return null
      if (this.mode === 'stale') return structuredClone(first.get(place(user, key)) ?? null)
      return hot.get(user, key)
    },
    async put(user, key, entry) {
      if (this.mode === 'away') return
      if (!first.has(place(user, key))) first.set(place(user, key), structuredClone(entry))
      await hot.put(user, key, entry)
    },
    async wipe(user) {
      if (this.mode !== 'away') await hot.wipe(user)
    },
  }
}

/** Holds what is kept ready to invariant 5: with whatever the hot tier holds or does, answers are as without one. */
export function testCache(
  { it, expect }: TestRunner,
  storage: () => WholeStorage,
  person: (name?: string) => Promise<UserId>,
): void {
  const write = (
    user: UserId,
    fn: (tx: Parameters<Parameters<WholeStorage['transaction']>[0]>[0]) => Promise<unknown>,
  ) =>
    storage().transaction(async (tx) => {
      await storage().lockPersons(tx, [user])
      await fn(tx)
    })
  /** What is pinned and what was measured: with a hot tier, or without one. */
  const answer = async (user: UserId, ready?: Ready): Promise<string> => {
    const { longTerm, patterns } = storage()
    const read = () => longTerm.days(scope(user), { metrics: ['heart_rate'], from: '2026-01-01', to: '2026-12-31' })
    const { pinned, contradictions, degraded } = await recall(
      { patterns, ...(ready ? { ready } : {}) },
      scope(user),
      {},
    )
    const version = ready ? await longTerm.version(scope(user)) : 0
    const days = ready ? await ready.read(user, 'days', { version, date: DATE }, read) : await read()
    return JSON.stringify({ pinned, contradictions, degraded, days })
  }

  it(`5: ${storageInvariants[5].title}`, async () => {
    const { default: fc } = await import('fast-check')
    const n = fc.nat(3)
    const steps = fc.array(
      fc.oneof(
        fc.record({ does: fc.constantFrom('measure' as const, 'say' as const, 'withdraw' as const), n }),
        fc.record({ does: fc.constantFrom('forget' as const, 'fail' as const, 'race' as const), n }),
        fc.record({
          does: fc.constantFrom('wipe' as const, 'outage' as const, 'back' as const, 'stale' as const, 'ask' as const),
        }),
      ) as ReturnType<typeof fc.constant<Step>>,
      { minLength: 4, maxLength: 14 },
    )
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const user = await person()
        const hot = faulty(storage().hot)
        const ready = readyOf(hot)
        const { longTerm, patterns } = storage()
        let at = begin
        const say = (id: number) =>
          write(user, (tx) => patterns.put(tx, user, [fact(`fact ${id}`, `I take ${['iron', 'zinc'][at % 2]}`, at)]))
        const measure = (value: number) =>
          write(user, (tx) => longTerm.write(tx, user, [beat(begin + (at % 5) * 60_000, 50 + value, at)]))
        await say(0)
        for (const step of plan) {
          at++
          if (step.does === 'measure') await measure(step.n)
          else if (step.does === 'say') await say(step.n)
          else if (step.does === 'withdraw')
            await write(user, (tx) => patterns.close(tx, user, `fact ${step.n}`, at, 'retired'))
          else if (step.does === 'forget') await write(user, (tx) => patterns.remove(tx, user, [`fact ${step.n}`]))
          else if (step.does === 'fail') {
            // What is taken back was seen by whoever asked inside of it, and by nobody after.
            const failed = await write(user, async (tx) => {
              await patterns.put(tx, user, [fact('fact 9', 'I take nothing', at)])
              await longTerm.write(tx, user, [beat(begin + 60_000, 99, at)])
              await answer(user, ready)
              throw new Error('taken back')
            }).then(
              () => false,
              () => true,
            )
            expect(failed).toBe(true)
          } else if (step.does === 'wipe') await hot.wipe(user)
          else if (step.does === 'outage') hot.mode = 'away'
          else if (step.does === 'back') hot.mode = 'up'
          else if (step.does === 'stale') hot.mode = 'stale'
          else if (step.does === 'race')
            await Promise.all([...Array(3)].map((_, i) => (i === 1 ? say(step.n) : answer(user, ready))))
          expect(await answer(user, ready)).toBe(await answer(user))
        }
        hot.mode = 'up'
        expect(await answer(user, ready)).toBe(await answer(user))
      }),
      { numRuns: 15, seed: 20_260_504 },
    )
  })
}

function beat(start: number, value: number, receivedAt: number) {
  return {
    provider: 'test',
    account: 'account',
    receivedAt,
    rawRef: `raw ${receivedAt}`,
    observations: [
      {
        shape: 'sample' as const,
        metric: 'heart_rate',
        start,
        value,
        unit: '/min',
        source: { name: 'Watch', type: 'watch' as const },
        offset: 0,
        zoneBasis: 'carried' as const,
      },
    ],
  }
}

function fact(id: string, text: string, at: number): MemoryRecord {
  return {
    id,
    kind: 'safety',
    validFrom: begin,
    validTo: null,
    recordedAt: at,
    supersededAt: null,
    origin: 'self',
    algorithm: null,
    derivedFrom: [],
    about: [],
    text,
    body: {},
    status: 'active',
    confidence: null,
    pinned: true,
  }
}
