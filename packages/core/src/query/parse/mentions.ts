import type { LocalDate } from '../../observation/schema.js'
import { readDates } from './dates.js'
import { lexiconFor } from './lexicon.js'
import { readQuantity } from './quantity.js'
import { createReader } from './reader.js'
import { readTerms } from './terms.js'
import type { Vocabulary } from './vocabulary.js'

/** What a sentence mentions, in the words of the question parser. */
export interface Mentions {
  /** Metric ids, in the order of the sentence. */
  metrics: string[]
  tags: string[]
  /** The first quantity, as it was said; `unit` in UCUM, null where none was said. */
  quantity: { value: number; unit: string | null } | null
  /** The first and the last day that is named; null where none is. */
  time: { from: LocalDate; to: LocalDate } | null
}

/**
 * What a statement is about, by the phrases that questions are understood by.
 *
 * @param today days without a year are the latest up to it; absent: no time is read
 */
export function mentionsOf(
  sentence: string,
  { vocabulary, today }: { vocabulary?: Vocabulary | undefined; today?: LocalDate | undefined } = {},
): Mentions {
  const { terms } = readTerms(sentence, lexiconFor(vocabulary))
  const reader = createReader(terms)
  const metrics: string[] = []
  const tags: string[] = []
  const days: { from: LocalDate; to: LocalDate }[] = []
  let quantity = null as Mentions['quantity']
  for (let at = 0; at < reader.length; at++) {
    const dates = today === undefined ? null : readDates(reader, at, today)
    if (dates) {
      days.push(dates.value)
      at = dates.next - 1
      continue
    }
    const concept = reader.meaning(at, 'concept')?.concept
    if (concept?.days[0] !== undefined && !metrics.includes(concept.days[0])) metrics.push(concept.days[0])
    const tag = reader.meaning(at, 'tag')?.tag
    if (tag !== undefined && !tags.includes(tag)) tags.push(tag)
    const said = quantity === null ? readQuantity(reader, at) : null
    if (said && said.value.clock === undefined) {
      quantity = { value: said.value.value, unit: said.value.unit?.ucum ?? null }
      at = said.next - 1
    }
  }
  const from = days.map((span) => span.from).sort()[0]
  const to = days
    .map((span) => span.to)
    .sort()
    .at(-1)
  return { metrics, tags, quantity, time: from === undefined || to === undefined ? null : { from, to } }
}
