import { Temporal } from 'temporal-polyfill'
import { AurenError } from '../errors.js'
import type { LongTerm, Scope } from '../memory/ports.js'
import { type Instant, LocalDate } from '../observation/schema.js'
import { ALGORITHM, factId } from './canonical.js'
import { createClock, dateAt } from './clock.js'
import { type ExplainTarget, type Explanation, explain } from './explain.js'
import { catalogueLookup, type MetricLookup } from './measure.js'
import { answerPattern } from './pattern.js'
import type { Fact, QueryInput, QueryOptions } from './schema.js'
import { answerSeries } from './series.js'
import { isPattern, parseQuery } from './validate.js'

/** What the fact engine stands on. */
export interface FactEngineOptions {
  longTerm: LongTerm
  /** Metrics beyond the catalogue's (those of plugins); default: the catalogue and vendor-namespaced names. */
  metrics?: MetricLookup
  /** Clock for questions that do not say what today is; default: the system's. */
  now?: () => Instant
}

/** Typed questions in, facts out. */
export interface FactEngine {
  /**
   * Answers one question of one person. Throws AUREN_QUERY_INVALID, AUREN_METRIC_UNKNOWN, and what the store throws;
   * too little data is no error but a fact that says so.
   */
  ask(scope: Scope, query: QueryInput, options?: Partial<QueryOptions>): Promise<Fact>
  /** How a number came about: see {@link explain}. */
  explain(scope: Scope, target: ExplainTarget, options?: Partial<QueryOptions>): Promise<Explanation>
  /** The person's local date now, by their profile's zone (UTC without one). */
  today(scope: Scope): Promise<LocalDate>
}

/** How often a question is asked again because data came in while it was answered. */
const RETRIES = 2

/** Makes the fact engine over tier 2. */
export function createFactEngine({
  longTerm,
  metrics = catalogueLookup,
  now = Date.now,
}: FactEngineOptions): FactEngine {
  async function today(scope: Scope): Promise<LocalDate> {
    const at = now()
    return dateAt(at, createClock(await longTerm.profile(scope)).offset(at, null))
  }

  async function setting(scope: Scope, options: Partial<QueryOptions>) {
    const date = options.today ?? (await today(scope))
    if (!LocalDate.safeParse(date).success) {
      throw new AurenError('AUREN_QUERY_INVALID', '`today` must be a date such as 2026-03-01')
    }
    return {
      today: Temporal.PlainDate.from(date).toString(),
      lastPlus: options.lastPlus ?? 0,
      lookup: metrics,
    } as const
  }

  return {
    today,
    async ask(scope, input, options = {}) {
      const query = parseQuery(input, metrics)
      const set = await setting(scope, options)
      for (let attempt = 0; ; attempt++) {
        const version = await longTerm.version(scope)
        const answer = isPattern(query)
          ? await answerPattern(query, longTerm, scope, set)
          : await answerSeries(query, longTerm, scope, set)
        // Reads are several: equal versions around them make them one.
        const settled = (await longTerm.version(scope)) === version
        if (!settled && attempt < RETRIES) continue
        if (!settled) answer.notes.push('Data are still coming in: this may change in a moment.')
        return { id: factId(query, version, set.today, set.lastPlus), query, ...answer, algorithm: ALGORITHM }
      }
    },
    async explain(scope, target, options = {}) {
      return explain(longTerm, scope, target, await setting(scope, options))
    },
  }
}
