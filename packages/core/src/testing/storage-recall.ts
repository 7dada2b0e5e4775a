import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { isAurenError } from '../errors.js'
import type { MemoryRecord, Patterns, Scope } from '../memory/ports.js'
import { type Recall, type RecallQuery, recall } from '../memory/recall.js'
import type { UserId } from '../observation/schema.js'
import { storageInvariants } from './invariants.js'
import type { TestRunner, WholeStorage } from './storage-kit.js'

const day = 86_400_000
/** 2016-01-01T00:00:00Z */
const begin = 1_451_606_400_000
const scope = (user: UserId): Scope => ({ user, purpose: 'answer' })
const syllables = ['ka', 'lo', 'mi', 'ru', 'te', 'vo', 'zi', 'pa', 'ne', 'du', 'fi', 'go', 'sha', 'bre', 'qui', 'wom']

function memory(id: string, of: Partial<MemoryRecord> & Pick<MemoryRecord, 'kind' | 'text'>): MemoryRecord {
  return {
    id,
    validFrom: begin,
    validTo: null,
    recordedAt: begin,
    supersededAt: null,
    origin: 'self',
    algorithm: null,
    derivedFrom: [],
    about: [],
    body: {},
    status: 'active',
    confidence: null,
    pinned: false,
    ...of,
  }
}

/** Holds recall over a storage to invariants 6, 12, 13, 20 and 22. */
export function testRecall(
  { it, expect }: TestRunner,
  storage: () => WholeStorage,
  person: (name?: string) => Promise<UserId>,
): void {
  const put = (user: UserId, records: readonly MemoryRecord[]) =>
    storage().transaction(async (tx) => {
      await storage().lockPersons(tx, [user])
      await storage().patterns.put(tx, user, records)
    })
  const ask = (
    user: UserId,
    query: RecallQuery,
    patterns: Pick<Patterns, 'list' | 'search'> = held(),
  ): Promise<Recall> => recall({ patterns, longTerm: storage().longTerm }, scope(user), query)
  const held = (): Patterns => storage().patterns
  const ids = (records: readonly { id: string }[]): string[] => records.map(({ id }) => id).sort()
  const title = (number: keyof typeof storageInvariants): string => `${number}: ${storageInvariants[number].title}`

  it(`${title(6)}: what is recalled, too`, async () => {
    const user = await person()
    const seen: { at: number; found: Recall }[] = []
    for (let month = 0; month < 6; month++) {
      const at = begin + month * 30 * day
      await put(user, [
        memory('goal', { kind: 'goal', text: `sleep ${420 + month} minutes`, pinned: true, recordedAt: at }),
        memory(`note ${month}`, { kind: 'note', text: `slept badly in month ${month}`, recordedAt: at }),
      ])
      seen.push({ at, found: await ask(user, { text: 'how have I slept', asOf: at }) })
    }
    for (const { at, found } of seen) expect(await ask(user, { text: 'how have I slept', asOf: at })).toEqual(found)
    expect(seen.map(({ found }) => found.pinned.map(({ text }) => text))).toEqual(
      seen.map((_, month) => [`sleep ${420 + month} minutes`]),
    )
  })

  it(title(12), async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const random = xoroshiro128plus(seed)
      const user = await person()
      const pinned = Array.from({ length: uniformInt(random, 1, 6) }, (_, i) =>
        memory(`pinned ${i}`, {
          kind: (['safety', 'preference', 'goal'] as const)[i % 3] as 'safety',
          text: `never forget ${i}: ${syllables[uniformInt(random, 0, 15)]}`,
          pinned: true,
        }),
      )
      const chat = Array.from({ length: uniformInt(random, 0, 60) }, (_, i) =>
        memory(`note ${i}`, {
          kind: 'note',
          text: `forget what I never said about ${syllables[i % 16]}`,
          about: ['steps'],
        }),
      )
      await put(user, [...chat, ...pinned])
      for (const query of [{}, { text: 'never forget ka' }, { about: ['steps'], limit: 1 }, { text: 'zz', limit: 0 }])
        expect(ids((await ask(user, query)).pinned)).toEqual(ids(pinned))
      const { tokens } = await ask(user, { limit: 0 })
      expect(ids((await ask(user, { text: 'never', budget: { tokens } })).pinned)).toEqual(ids(pinned))
      // Less than that is refused, and never cut off.
      const less = await ask(user, { budget: { tokens: tokens - 1 } }).catch((error: unknown) => error)
      expect(isAurenError(less) && less.code).toEqual('AUREN_INPUT_INVALID')
    }
  })

  it(title(13), async () => {
    const user = await person()
    const facts = [
      'I am allergic to penicillin',
      'I am not allergic to penicillin',
      'I take warfarin',
      'I no longer take warfarin',
    ]
    await put(
      user,
      facts.map((text, i) =>
        memory(`fact ${i}`, { kind: 'safety', text, pinned: true, recordedAt: begin + i * day, about: ['penicillin'] }),
      ),
    )
    for (const query of [
      {},
      { text: 'may I take penicillin' },
      { about: ['penicillin'] },
      { text: 'warfarin', limit: 1 },
    ]) {
      const { pinned, hits } = await ask(user, query)
      expect(pinned.map(({ text }) => text).sort()).toEqual([...facts].sort())
      expect(hits).toEqual([])
    }
  })

  it(title(20), async () => {
    const user = await person()
    await put(user, [
      memory('safety', { kind: 'safety', text: 'I take beta blockers', pinned: true }),
      memory('note', { kind: 'note', text: 'my pulse was low', about: ['heart_rate'] }),
    ])
    const query: RecallQuery = { text: 'pulse', about: ['heart_rate'], time: { from: '2016-01-01', to: '2016-01-31' } }
    const whole = await ask(user, query)
    expect(whole.degraded).toEqual([])
    expect(ids(whole.hits)).toEqual(['note'])
    const away = async (): Promise<never> => {
      throw new Error('gone')
    }
    const noSearch = await ask(user, query, { list: held().list, search: away })
    expect(noSearch.degraded).toEqual(['words: AUREN_INTERNAL'])
    expect([ids(noSearch.pinned), ids(noSearch.hits)]).toEqual([['safety'], ['note']])
    const nothing = await ask(user, query, { list: away, search: away })
    expect(nothing.degraded.map((said) => said.split(':')[0]).sort()).toEqual([
      'about',
      'contradictions',
      'pinned',
      'time',
      'words',
    ])
    const noDays = await recall({ patterns: held(), longTerm: { metrics: away, days: away } }, scope(user), query)
    expect(noDays.degraded).toEqual(['gaps: AUREN_INTERNAL'])
    expect(ids(noDays.pinned)).toEqual(['safety'])
  })

  it(title(22), async () => {
    const user = await person()
    const random = xoroshiro128plus(22)
    const word = (): string => Array.from({ length: 4 }, () => syllables[uniformInt(random, 0, 15)]).join('')
    const years = Array.from({ length: 120 }, (_, month) => {
      const at = begin + month * 30 * day
      const name = word()
      const planted = memory(`planted ${month}`, {
        kind: 'note',
        text: `I began to take ${name} against my headaches`,
        validFrom: at,
        recordedAt: at,
      })
      const chatter = Array.from({ length: 6 }, (_, i) =>
        memory(`chatter ${month}/${i}`, {
          kind: 'note',
          text: `I began to read ${word()} and my headaches went, or so I take it`,
          validFrom: at,
          recordedAt: at,
        }),
      )
      return { name, planted, chatter }
    })
    const found = async (month: number): Promise<boolean> => {
      const { name, planted } = years[month] as (typeof years)[number]
      const { hits } = await ask(user, { text: `since when do I take ${name}` })
      return hits.some(({ id }) => id === planted.id)
    }
    const share = async (): Promise<number> => {
      let hit = 0
      for (let month = 0; month < 12; month++) if (await found(month)) hit++
      return hit / 12
    }
    const keep = (from: number, to: number) =>
      put(
        user,
        years.slice(from, to).flatMap(({ planted, chatter }) => [planted, ...chatter]),
      )
    await keep(0, 12)
    const young = await share()
    await keep(12, 120)
    // Ten years later the first year is recalled as it was then, and the last as the first.
    expect((await share()) >= 0.95 * young && young > 0.95).toBe(true)
    expect(await found(119)).toBe(true)
  })
}
