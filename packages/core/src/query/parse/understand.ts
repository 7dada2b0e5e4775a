import type { Understanding } from '../../reasoning/types.js'
import { formatDate } from '../dates.js'
import { readPeriod } from '../period.js'
import type { Period, Query } from '../schema.js'
import { isPattern } from '../validate.js'
import { readBody } from './body.js'
import type { UnderstandContext } from './context.js'
import { readEffect } from './effect.js'
import { createHoldings } from './holdings.js'
import { isStatement, openIntent, statementIntent } from './intents.js'
import { type Lexicon, lexiconFor } from './lexicon.js'
import { type Nights, readNights } from './nights.js'
import { resolve } from './resolve.js'
import { readTerms } from './terms.js'
import { joinVendors, vendorsOf } from './vendors.js'

/** Words beyond which a sentence is no question that the grammar could know. */
const MOST_TERMS = 80
/** Characters that are read at all. */
const MOST_CHARACTERS = 2000
const MOST_SENTENCES = 6

/**
 * Reads an English question by grammar: the same words are always understood the same way, and one word that nothing
 * accounts for leaves the question not understood (`complete: false`, no queries) rather than answered wrongly. Never
 * throws; time is bounded whatever the text.
 */
export function understand(text: string, context: UnderstandContext): Understanding {
  const intent = statementIntent(text)
  if (intent) return { queries: [], complete: true, intent, readings: [] }
  const nothing: Understanding = { queries: [], complete: false, intent: 'unknown', readings: [] }
  if (text.length > MOST_CHARACTERS) return nothing
  if (isStatement(text)) return nothing
  const lexicon = lexiconFor(context.vocabulary)
  const nights = readNights(text, lexicon, context)
  if (nights) return asleep(nights, context)
  const open = openIntent(text)
  if (open) return { queries: [], complete: true, intent: open, readings: [] }
  const sentences = sentencesOf(text).filter((sentence) => statementIntent(sentence) !== 'smalltalk')
  if (sentences.length === 0 || sentences.length > MOST_SENTENCES) return nothing
  const parts = sentences.map((sentence) => readSentence(sentence, lexicon, context))
  if (parts.length > 1 && parts.some((part) => !part.complete)) {
    // An answer to a question asked back stands behind the words that led to it.
    const together = readSentence(sentences.join(' '), lexicon, context)
    if (together.complete) return together
  }
  const clarify = parts.find((part) => part.clarify)?.clarify
  if (clarify) return { ...nothing, intent: 'numbers', clarify }
  if (parts.some((part) => !part.complete)) {
    const intents = new Set(sentences.map(openIntent))
    intents.delete(null)
    const [only] = intents
    return only && intents.size === 1 ? { ...nothing, intent: only } : nothing
  }
  return {
    queries: parts.flatMap((part) => part.queries),
    complete: true,
    intent: 'numbers',
    readings: [...new Set(parts.flatMap((part) => part.readings))],
  }
}

function asleep({ queries, readings }: Nights, { today, lastPlus = 0 }: UnderstandContext): Understanding {
  const periods = queries.flatMap((query) => periodReadings(query, today, lastPlus, true))
  return { queries, complete: true, intent: 'sleep', readings: [...new Set([...readings, ...periods])] }
}

/** Ends of sentences; not the point of `vs.`, of a number or of an abbreviation. */
function sentencesOf(text: string): string[] {
  return text
    .split(/[?!;]+|(?<!\b(?:vs|approx|avg|min|max|std|dev|ca|e\.g|i\.e|a\.m|p\.m|a|p))\.(?=\s|$)/i)
    .map((sentence) => sentence.trim())
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence))
}

function readSentence(sentence: string, lexicon: Lexicon, context: UnderstandContext): Understanding {
  const nothing: Understanding = { queries: [], complete: false, intent: 'unknown', readings: [] }
  const vendors = vendorsOf(context.metrics)
  const { terms: said, corrections } = readTerms(sentence, lexicon, vendors)
  const terms = joinVendors(said, vendors, context.metrics)
  if (terms.length === 0 || terms.length > MOST_TERMS) return nothing
  const { today, lastPlus = 0 } = context
  const holdings = createHoldings(context.metrics, context.vocabulary)
  for (const draft of [readEffect(terms, today), readBody(terms, today)]) {
    if (draft?.clarify) return { ...nothing, clarify: draft.clarify }
    if (!draft || draft.unknown.length > 0) continue
    const resolved = resolve(draft, { today, lastPlus, holdings })
    if (!resolved) continue
    const { clarify, queries, readings } = resolved
    if (clarify) return { ...nothing, clarify }
    const meant = corrections.map(({ from, to }) => `${from} meaning ${to}`)
    return {
      queries,
      complete: true,
      intent: 'numbers',
      readings: [
        ...meant,
        ...readings,
        ...queries.flatMap((query) => periodReadings(query, today, lastPlus, draft.night)),
      ],
    }
  }
  return nothing
}

/** How the periods of a query were read, as a phrase. */
function periodReadings(query: Query, today: string, lastPlus: 0 | 1, night: boolean): string[] {
  if (isPattern(query)) return []
  const periods: (Period | undefined)[] = [query.period, query.compare?.period]
  return periods.flatMap((period) => {
    if (!period) return []
    const { note, span } = readPeriod(period, today, lastPlus)
    if (night && span && span.from === span.to) return [`the night that ended on ${formatDate(span.from)}`]
    return note ? [note.replace(/\.$/, '').replace(/^[A-Z](?![A-Z])/, (first) => first.toLowerCase())] : []
  })
}
