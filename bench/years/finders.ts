// The baselines: three ways to find rows for a question. What they find is answered from by the same code (answers.ts).
import { InMemoryStore } from '@langchain/langgraph'
import { countTokens } from '../../packages/core/src/memory/tokens.js'
import { stem } from '../../packages/core/src/query/parse/stem.js'
import type { Question } from './needs.js'
import type { Person } from './person.js'
import type { Row } from './rows.js'

/** Rows that a baseline has for a question. */
export type Finder = (question: Question) => Promise<readonly Row[]>

/** Days that the window reaches back. */
const WINDOW = 30

/** Everything of the last thirty days, and nothing else. */
export function windowOf(person: Person, rows: readonly Row[]): Finder {
  const seen = rows.filter(({ day }) => day >= person.plan.days - WINDOW)
  return async () => seen
}

const idle = new Set(
  'a an and at between by did do have how i in is it my of on s that the there to was were what when which'.split(' '),
)

function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !idle.has(word)).map(stem)
}

/** As many of the best rows as fit into the budget, in tokens of o200k_base. */
async function within(budget: number, best: Iterable<Row>): Promise<Row[]> {
  const count = await countTokens()
  const kept: Row[] = []
  let left = budget
  for (const row of best) {
    left -= count(row.text)
    if (left < 0) break
    kept.push(row)
  }
  return kept
}

/**
 * Okapi BM25 over the sentence of every row, stemmed, k1 = 1.2, b = 0.75 (Robertson & Zaragoza, Foundations and Trends in
 * Information Retrieval 3, 2009); the question itself is the query.
 */
export function bm25Of(rows: readonly Row[], budget: number): Finder {
  const [k1, b] = [1.2, 0.75]
  const postings = new Map<string, Map<number, number>>()
  const lengths = rows.map(({ text }, i) => {
    const words = wordsOf(text)
    for (const word of words) {
      const held = postings.get(word) ?? new Map<number, number>()
      held.set(i, (held.get(i) ?? 0) + 1)
      postings.set(word, held)
    }
    return words.length
  })
  const usual = lengths.reduce((sum, length) => sum + length, 0) / lengths.length
  return async ({ text }) => {
    const scores = new Map<number, number>()
    for (const word of new Set(wordsOf(text))) {
      const held = postings.get(word)
      if (!held) continue
      const idf = Math.log(1 + (rows.length - held.size + 0.5) / (held.size + 0.5))
      for (const [i, n] of held) {
        const weight = (n * (k1 + 1)) / (n + k1 * (1 - b + (b * (lengths[i] as number)) / usual))
        scores.set(i, (scores.get(i) ?? 0) + idf * weight)
      }
    }
    const best = [...scores].sort(([i, x], [j, y]) => y - x || i - j).map(([i]) => rows[i] as Row)
    return within(budget, best)
  }
}

const DIMENSIONS = 256

/** Stems hashed into a vector (feature hashing, Weinberger et al. 2009), the same everywhere: no model is at hand offline. */
function embed(text: string): number[] {
  const vector = new Array<number>(DIMENSIONS).fill(0)
  for (const word of wordsOf(text)) {
    let hash = 2_166_136_261
    for (const char of word) hash = Math.imul(hash ^ (char.codePointAt(0) as number), 16_777_619) >>> 0
    vector[hash % DIMENSIONS] = (vector[hash % DIMENSIONS] as number) + 1
  }
  return vector
}

/** Rows asked of the store at most; more than fit into any budget used here. */
const LIMIT = 400

/**
 * LangGraph's own store, used as its documentation shows: `put` under a namespace of the person, `search` with the question
 * and, where it names a metric or a tag, a filter on that.
 */
export async function storeOf(person: Person, rows: readonly Row[], budget: number): Promise<Finder> {
  const embeddings = {
    embedQuery: async (text: string) => embed(text),
    embedDocuments: async (texts: string[]) => texts.map(embed),
  }
  // The type asks for LangChain's class; the store calls these two methods of it.
  const store = new InMemoryStore({ index: { dims: DIMENSIONS, embeddings: embeddings as never, fields: ['text'] } })
  const namespace = [person.user, 'memories']
  const byId = new Map(rows.map((row) => [row.id, row]))
  for (const { id, text, metric, tag, said } of rows)
    await store.put(namespace, id, { text, about: metric ?? tag ?? said?.kind })
  return async ({ text, need }) => {
    const about =
      need.ask === 'change'
        ? need.series.replace('sleep_midpoint', 'sleep_duration')
        : need.ask === 'when'
          ? 'note'
          : need.ask === 'counts'
            ? 'safety'
            : need.ask === 'said'
              ? need.kind
              : need.ask === 'tagged days'
                ? need.tag
                : need.ask === 'effect' || need.ask === 'link'
                  ? undefined
                  : need.metric
    const found = await store.search(namespace, { query: text, limit: LIMIT, ...(about ? { filter: { about } } : {}) })
    return within(
      budget,
      found.flatMap(({ key }) => byId.get(key) ?? []),
    )
  }
}
