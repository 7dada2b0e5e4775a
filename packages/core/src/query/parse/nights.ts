import type { Period, QueryInput } from '../schema.js'
import { Query } from '../schema.js'
import { conceptOf } from './concepts.js'
import type { UnderstandContext } from './context.js'
import { createHoldings } from './holdings.js'
import type { Lexicon } from './lexicon.js'
import { readSaidPeriod } from './periods.js'
import { createReader } from './reader.js'
import { readTerms } from './terms.js'
import { plainText } from './tokens.js'

/** Questions about sleep as a whole; what follows has to be a period. */
const open =
  /^(?:and |so )?how (?:(?:well |long and well )?(?:did|do|have|am) i (?:been )?(?:sleep|slept|sleeping)|(?:was|is|has|were) my (?:sleep|nights?)(?: been)?)(?![\w-])/

/** What tells how a night was, besides how long it lasted. */
const further = ['sleep_deep', 'sleep_rem', 'sleep_awake', 'sleep_efficiency'] as const

/** A sleep question that names its period, and the numbers that answer it. */
export interface Nights {
  queries: Query[]
  readings: string[]
}

/** `how did I sleep last week`: the means of the period, of what the person has. Null where it is no such question. */
export function readNights(sentence: string, lexicon: Lexicon, context: UnderstandContext): Nights | null {
  const words = plainText(sentence)
    .replace(/[^\p{L}\p{N}:.-]+/gu, ' ')
    .trim()
  const begun = open.exec(words)
  if (!begun) return null
  const read = periodOf(words.slice(begun[0].length), lexicon, context.today)
  if (!read) return null
  const holdings = createHoldings(context.metrics, context.vocabulary)
  const held = further.filter((key) => holdings.has(holdings.metricOf(conceptOf(key)) ?? ''))
  const queries = ['sleep_duration', ...held].map(
    (metric): QueryInput => ({ measure: { of: 'metric', metric }, aggregate: 'mean', period: read.period }),
  )
  return { queries: queries.map((query) => Query.parse(query)), readings: read.readings }
}

/** The rest of the sentence as one period; nothing is the last night, `lately` the last seven. */
function periodOf(rest: string, lexicon: Lexicon, today: string): { period: Period; readings: string[] } | null {
  const { terms } = readTerms(rest, lexicon)
  const reader = createReader(terms)
  if (reader.length === 0) return { period: { kind: 'calendar', unit: 'day', offset: 0 }, readings: [] }
  if (reader.length === 1 && /^(?:lately|recently)$/.test(reader.text(0, 1))) {
    return {
      period: { kind: 'last', n: 7, unit: 'day' },
      readings: [`${reader.text(0, 1)} meaning the last seven nights`],
    }
  }
  const said = readSaidPeriod(reader, 0, { today })
  return said && said.next === reader.length ? { period: said.value.period, readings: [] } : null
}
