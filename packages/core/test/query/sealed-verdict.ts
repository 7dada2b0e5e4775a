import { createFactEngine } from '../../src/query/run.js'
import type { Fact, QueryInput } from '../../src/query/schema.js'
import { createMemoryLongTerm } from '../../src/testing/memory-long-term.js'
import { phone, scope, watch } from './person.js'
import { sealedPerson, TODAY } from './sealed-person.js'

/**
 * How a sentence was read. `wrong`: queries came back that say something else than was asked, or anything at all where
 * nothing could be asked; worse than `not understood`.
 */
export type Verdict = 'exact' | 'not understood' | 'wrong'

function near(a: number | null | undefined, b: number | null | undefined): boolean {
  if (a == null || b == null) return (a ?? null) === (b ?? null)
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b))
}

function sameRows(a: Fact, b: Fact): boolean {
  const [mine, theirs] = [a.rows ?? [], b.rows ?? []]
  const held = new Map(mine.map(({ key, value }) => [key, value]))
  return mine.length === theirs.length && theirs.every(({ key, value }) => held.has(key) && near(held.get(key), value))
}

/** Whether two queries told the same person the same: by the numbers, whatever the queries look like. */
export function sameFact(got: Fact, wanted: Fact): boolean {
  if (got.status !== wanted.status || got.unit !== wanted.unit) return false
  const { query } = wanted
  if (!('pattern' in query) && query.group)
    return 'group' in got.query && got.query.group === query.group && sameRows(got, wanted)
  if (wanted.date && got.date !== wanted.date) return false
  if (!('pattern' in query) && query.aggregate === 'distribution' && !sameRows(got, wanted)) return false
  if ((wanted.trend === undefined) !== (got.trend === undefined)) return false
  if ((wanted.comparison === undefined) !== (got.comparison === undefined)) return false
  if (!near(got.baseline?.z, wanted.baseline?.z)) return false
  const [a, b] = [got.comparison?.value, wanted.comparison?.value]
  // "A against B" is as good as "B against A": both numbers are told, each with its name.
  const swapped = wanted.comparison !== undefined && near(got.value, b) && near(a, wanted.value)
  return (near(got.value, wanted.value) && near(a, b)) || swapped
}

const engines = [11, 23].map((seed) =>
  createFactEngine({ longTerm: createMemoryLongTerm({ sources: [watch, phone], ...sealedPerson(seed) }) }),
)

/** What the sealed persons are told. */
export function answers(query: QueryInput): Promise<Fact[]> {
  return Promise.all(engines.map((engine) => engine.ask(scope, query, { today: TODAY })))
}

/** Judges what was understood by what it would tell two persons. */
export async function judge(got: readonly QueryInput[], expected: readonly QueryInput[] | null): Promise<Verdict> {
  if (got.length === 0) return expected ? 'not understood' : 'exact'
  const [first, ...more] = got
  if (!expected || !first || more.length > 0) return 'wrong'
  // What the engine refuses gives no number.
  const told = await answers(first).catch(() => null)
  if (!told) return 'not understood'
  for (const one of expected) {
    const wanted = await answers(one)
    if (told.every((fact, i) => sameFact(fact, wanted[i]!))) return 'exact'
  }
  return 'wrong'
}
