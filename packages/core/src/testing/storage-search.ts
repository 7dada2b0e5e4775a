import type { MemoryRecord, Scope } from '../memory/ports.js'
import type { UserId } from '../observation/schema.js'
import { storageInvariants } from './invariants.js'
import type { TestRunner, WholeStorage } from './storage-kit.js'

const verbs = ['walk', 'climb', 'paint', 'cook', 'plant', 'repair', 'camp', 'fish', 'sail', 'jump']
const places = ['harbour', 'market', 'river', 'garden', 'bridge', 'station', 'forest', 'museum', 'castle', 'island']
const things = ['camera', 'guitar', 'lantern', 'blanket', 'kite', 'basket', 'ladder', 'hammer', 'candle', 'drum']
const names = ['Mira', 'Tom', 'Ayşe', 'Ben', 'Ida']
/** Of the turns that answer a question, how many must be among the first ten; the floor of LoCoMo's categories 1-4. */
const FLOOR = 0.66
const FIRST = 10
const scope = (user: UserId): Scope => ({ user, purpose: 'answer' })

/**
 * Holds lexical search to invariant 21 on a generated set: a hundred things that were said, and questions that name them
 * by other forms of their words, beside others of the same words. What answers a question in a conversation stands a turn
 * beside what it asks about.
 */
export function testSearch(
  { it, expect }: TestRunner,
  storage: () => WholeStorage,
  person: (name?: string) => Promise<UserId>,
): void {
  const share = (found: readonly string[], gold: readonly string[]): number =>
    gold.filter((id) => found.slice(0, FIRST).includes(id)).length / gold.length
  const mean = (of: readonly number[]): number => of.reduce((sum, one) => sum + one, 0) / of.length
  const said = verbs.flatMap((verb, v) =>
    places.map((place, p) => ({
      verb,
      place,
      name: names[(v + p) % names.length] as string,
      thing: things[(v + 3 * p) % 10] as string,
      n: v * 10 + p,
    })),
  )

  it(`21: ${storageInvariants[21].title}: what is remembered`, async () => {
    const user = await person()
    await storage().transaction(async (tx) => {
      await storage().lockPersons(tx, [user])
      await storage().patterns.put(
        tx,
        user,
        said.map(({ verb, place, name, n }) => note(`${n}`, `I ${verb}ed at the ${place} and met ${name}`, n)),
      )
    })
    const shares: number[] = []
    for (const { verb, place, n } of said) {
      const text = `Whom did I meet when I was ${verb}ing, and were there other ${place}s?`
      const hits = await storage().patterns.search(scope(user), { text, limit: FIRST })
      shares.push(
        share(
          hits.map(({ record }) => record.id),
          [`${n}`],
        ),
      )
    }
    expect(mean(shares) >= FLOOR).toBe(true)
    expect(await storage().patterns.search(scope(user), { text: 'quinquagenarian', limit: FIRST })).toEqual([])
  })

  it(`21: ${storageInvariants[21].title}: what was said`, async () => {
    const user = await person()
    const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
    for (const [t, thread] of places.entries())
      await storage().transaction(async (tx) => {
        for (const { verb, place, name, thing, n } of said.filter((_, i) => (Math.floor(i / 10) + i) % 10 === t))
          for (const [i, text] of [
            `Yesterday I ${verb}ed near the ${place}.`,
            `${name} carried a ${thing} along.`,
          ].entries())
            await storage().threads.addTurn(tx, user, {
              id: id(2 * n + i),
              thread,
              role: 'person',
              text,
              facts: [],
              at: 2 * n + i,
            })
      })
    const shares: number[] = []
    for (const { verb, place, n } of said) {
      const text = `Who was carrying something along when I was ${verb}ing at one of the ${place}s?`
      const hits = await storage().threads.search(scope(user), { text, limit: FIRST })
      shares.push(
        share(
          hits.map(({ turn }) => turn.id),
          [id(2 * n), id(2 * n + 1)],
        ),
      )
    }
    expect(mean(shares) >= FLOOR).toBe(true)
  })
}

function note(id: string, text: string, at: number): MemoryRecord {
  return {
    id,
    kind: 'note',
    validFrom: at,
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
    pinned: false,
  }
}
