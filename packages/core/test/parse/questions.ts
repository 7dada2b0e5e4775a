import { expect } from 'vitest'
import { metricIds } from '../../src/catalogue/index.js'
import { understand } from '../../src/query/parse/index.js'
import { readPeriod } from '../../src/query/period.js'
import type { Query, SeriesQuery } from '../../src/query/schema.js'

/** A Wednesday: last week is 9 to 15 March, last month is February. */
export const today = '2026-03-18'

/** Reads a sentence as a person with every metric says it. */
export function read(text: string, metrics: readonly string[] = metricIds) {
  return understand(text, { today, metrics })
}

/** The one query of a sentence that has to be understood whole. */
export function one(text: string, metrics?: readonly string[]): Query {
  const { queries, complete, clarify } = read(text, metrics)
  expect({ text, complete, queries: queries.length, clarify }).toEqual({
    text,
    complete: true,
    queries: 1,
    clarify: undefined,
  })
  return queries[0]!
}

/** As {@link one}, for everything but look-ups of patterns. */
export function series(text: string, metrics?: readonly string[]): SeriesQuery {
  const query = one(text, metrics)
  expect('measure' in query).toBe(true)
  return query as SeriesQuery
}

/** Conditions of a question about days; one on the value itself is one on its metric. */
export function limits({ measure, where }: SeriesQuery): unknown[] {
  return where.map((condition) =>
    condition.on === 'value' && measure.of === 'metric'
      ? { ...condition, on: 'metric', metric: measure.metric }
      : condition,
  )
}

/** The civil dates that a query is about, `from..to`, or `all`. */
export function dates(query: { period?: SeriesQuery['period'] | undefined }): string {
  const { span } = readPeriod(query.period ?? { kind: 'all' }, today)
  return span ? `${span.from}..${span.to}` : 'all'
}
