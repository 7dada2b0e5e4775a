import type { Consent } from '../events/identity.js'
import type { ExportLine } from '../exchange/lines.js'
import { permitOf } from '../memory/consent.js'
import { createMemory, type Memory } from '../memory/memory.js'
import type { MemoryRecord, Purpose } from '../memory/ports.js'
import type { Observation, UserId } from '../observation/schema.js'
import { storageInvariants } from './invariants.js'
import { observations, receivedAt, t0 } from './storage-data.js'
import type { TestRunner, WholeStorage } from './storage-kit.js'

const purposes = ['answer', 'display', 'model', 'export'] as const satisfies readonly Purpose[]
/** Every kind that what is stored below is of, and everything at once. */
const kinds = [
  'safety',
  'goal',
  'note',
  'pattern',
  'turn',
  'profile',
  'heart_rate',
  'steps',
  'weight',
  'sleep',
  'workout',
]
const all = [...kinds, 'tag', 'alcohol', '*']

const memories: readonly Pick<MemoryRecord, 'id' | 'kind' | 'text' | 'about'>[] = [
  { id: 'safety', kind: 'safety', text: 'I take beta blockers', about: [] },
  { id: 'goal', kind: 'goal', text: 'I want to weigh less', about: ['weight'] },
  { id: 'note', kind: 'note', text: 'my pulse was low', about: ['heart_rate'] },
  { id: 'pattern', kind: 'pattern', text: 'steps and pulse go together', about: ['steps', 'heart_rate'] },
]

/** Holds recall and export to invariant 18, over every pair of purpose and kind and any history of saying yes and no. */
export function testConsent(
  { it, expect }: TestRunner,
  storage: () => WholeStorage,
  person: (name?: string) => Promise<UserId>,
): void {
  it(`18: ${storageInvariants[18].title}`, async () => {
    const { default: fc } = await import('fast-check')
    const user = await person()
    const { longTerm, patterns, threads, hot, ladder } = storage()
    await storage().transaction(async (tx) => {
      await storage().lockPersons(tx, [user])
      const batch = { provider: 'test', account: 'account', receivedAt, rawRef: 'raw', observations: observations() }
      await longTerm.write(tx, user, [batch])
      await longTerm.setProfile(tx, user, { locale: 'en-GB' })
      await patterns.put(tx, user, memories.map(record))
      await threads.addTurn(tx, user, {
        id: '00000000-0000-4000-8000-000000000001',
        thread: 'talk',
        role: 'person',
        text: 'I felt my pulse in the night',
        facts: [],
        at: t0,
      })
    })
    let consents: Consent[] = []
    const unasked = (): Promise<never> => Promise.reject(new Error('Nothing is removed here.'))
    const memoryFor = (purpose: Purpose): Memory =>
      createMemory(
        {
          journal: {
            transaction: storage().transaction,
            person: storage().person,
            lockPersons: storage().lockPersons,
            erase: async () => ({}),
            raw: async () => null,
            receive: unasked,
          },
          longTerm,
          patterns,
          threads: { ...threads, remove: unasked },
          hot,
          ladder,
          detectors: [],
          now: () => t0,
          today: async () => '2026-05-04',
          permit: async (_user, of) => permitOf(consents, of),
        },
        user,
        purpose,
      )
    /** Kind by kind, by the rule as it is told to people. */
    const allowed = (purpose: Purpose, kind: string): boolean => {
      let [own, every]: (boolean | null)[] = [null, null]
      for (const said of consents) {
        if (said.purpose !== purpose) continue
        if (said.kind === kind) {
          own = said.granted
          // A grant of the kind is newer than what was said of everything before.
          if (said.granted) every = null
        } else if (said.kind === '*') every = said.granted
      }
      return own !== false && every !== false
    }
    const check = async (): Promise<void> => {
      for (const purpose of ['answer', 'display', 'model'] as const) {
        const may = (of: readonly string[]): boolean => of.every((kind) => allowed(purpose, kind))
        const { pinned, hits, said, gaps, degraded, why } = await memoryFor(purpose).recall({
          text: 'pulse, steps, and what I take',
          about: ['heart_rate', 'steps'],
          time: { from: '2026-05-04', to: '2026-05-04' },
          turns: 3,
        })
        const expected = memories.filter(({ kind, about }) => may([kind, ...about])).map(({ id }) => id)
        expect([...pinned, ...hits].map(({ id }) => id).sort()).toEqual([...expected].sort())
        expect(said.length).toBe(may(['turn']) ? 1 : 0)
        // What is kept back is said, and gives no reason away.
        if (expected.length < memories.length) expect(gaps.some((gap) => gap.includes('kept back'))).toBe(true)
        expect(Object.keys(why).length).toBe(expected.length + said.length)
        expect(degraded).toEqual([])
      }
      const lines: ExportLine[] = []
      for await (const line of memoryFor('display').export()) lines.push(line)
      const may = (of: readonly string[]): boolean => of.every((kind) => allowed('export', kind))
      const told: Record<string, number> = {}
      for (const { type } of lines) told[type] = (told[type] ?? 0) + 1
      const kept = observations().filter((one) => may(kindsOf(one)))
      expect([told.observation ?? 0, told.memory ?? 0, told.turn ?? 0, told.profile ?? 0]).toEqual([
        kept.length,
        memories.filter(({ kind, about }) => may([kind, ...about])).length,
        may(['turn']) ? 1 : 0,
        may(['profile']) ? 1 : 0,
      ])
      // Nothing is left out silently.
      const out = lines.flatMap((line) =>
        line.type === 'withheld' && line.item.kind !== 'record' ? [line.item.count] : [],
      )
      const whole = observations().length + memories.length + 2
      const shown = kept.length + (told.memory ?? 0) + (told.turn ?? 0) + (told.profile ?? 0)
      expect(out.reduce((sum, count) => sum + count, 0)).toBe(whole - shown)
    }
    for (const purpose of purposes)
      for (const kind of all) {
        consents = [{ purpose, kind, granted: false, version: '1', at: t0 }]
        await check()
      }
    const said = fc.record({
      purpose: fc.constantFrom(...purposes),
      kind: fc.constantFrom('*', '*', 'note', 'heart_rate', 'sleep', 'safety'),
      granted: fc.boolean(),
      version: fc.constant('1'),
      at: fc.constant(t0),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(said, { maxLength: 6 }), async (history) => {
        consents = history
        await check()
      }),
      { numRuns: 15, seed: 18 },
    )
  })
}

function kindsOf(one: Observation): readonly string[] {
  if (one.shape === 'session') return [one.kind]
  if (one.shape === 'tag') return ['tag', one.tag]
  return one.shape === 'deletion' ? [] : [one.metric]
}

function record(of: (typeof memories)[number]): MemoryRecord {
  return {
    ...of,
    about: [...of.about],
    validFrom: t0,
    validTo: null,
    recordedAt: t0,
    supersededAt: null,
    origin: 'self',
    algorithm: null,
    derivedFrom: [],
    body: {},
    status: 'active',
    confidence: null,
    pinned: of.kind === 'safety' || of.kind === 'goal',
  }
}
