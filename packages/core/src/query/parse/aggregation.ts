import type { Aggregate } from '../schema.js'
import { conceptOf } from './concepts.js'
import { currentSide, type Draft } from './draft.js'
import type { Reader } from './reader.js'

/** `usual`, `normal`, `baseline`: what is usual, or whether something is. */
export function readUsual(reader: Reader, at: number, draft: Draft): number | null {
  const judged = reader.word(0, 'be') && reader.word(at, 'high|low|elevated|raised') && !draft.aggregate
  if (judged) {
    draft.ask = 'deviation'
    return at + 1
  }
  if (!reader.word(at, 'usual|normal|baseline|typical|unusual|abnormal|usually|normally')) return null
  const question = reader.word(0, 'be|is|was|do|did|have|has|how')
  draft.ask = draft.ask === 'deviation' || (question && !reader.word(at, 'baseline')) ? 'deviation' : 'baseline'
  return reader.word(at + 1, 'range|value|level') ? at + 2 : at + 1
}

/** `rising`, `gone up`, `trend`, `changed`. */
export function readTrend(reader: Reader, at: number, draft: Draft): number | null {
  const word = reader.word(
    at,
    'trend|rise|increase|decrease|decline|improve|worsen|change|fall|drop|progress|evolve|develop',
  )
  const gone =
    (reader.word(at, 'go|trend') && reader.word(at + 1, 'up|down')) ||
    (reader.word(at, 'get|become|grow') &&
      /^(?:better|worse|higher|lower|longer|shorter|faster|slower)$/.test(reader.terms[at + 1]?.text ?? ''))
  // "How can I improve my sleep" asks for advice.
  if (reader.word(0, 'how') && reader.word(1, 'can|could|to|would|do')) return null
  if (!word && !gone) return null
  if (draft.ask !== 'deviation') draft.ask = 'trend'
  return gone || reader.word(at + 1, 'up|down') ? at + 2 : at + 1
}

const contrasts = 'more|less|fewer|higher|lower|better|worse|greater|longer|shorter|faster|slower|later|earlier'

/** `average`, `95th percentile`, `longest`, `best`, and words that compare without a number. */
export function readAggregate(reader: Reader, at: number, draft: Draft): number | null {
  const p = reader.number(at)
  if (p !== undefined && reader.word(at + 1, 'percentile') && p <= 100) {
    draft.aggregate = 'percentile'
    draft.p = p
    return at + 2
  }
  if (reader.word(at, 'current|currently') && draft.aggregate === undefined) {
    draft.aggregate = 'last'
    return at + 1
  }
  const now =
    (reader.word(at, 'right') && reader.word(at + 1, 'now')) ||
    (reader.word(at, 'at') && reader.word(at + 1, 'present')) ||
    (reader.word(at, 'at') && reader.word(at + 1, 'the') && reader.word(at + 2, 'moment'))
  if (now) {
    draft.aggregate ??= 'last'
    return reader.word(at + 2, 'moment') ? at + 3 : at + 2
  }
  const spread = reader.word(at, 'range') && !reader.word(at - 1, 'in|of|usual|normal|typical')
  if (spread && draft.aggregate === undefined && currentSide(draft).measures.length > 0) {
    draft.aggregate = 'range'
    return at + 1
  }
  if (reader.word(at, 'best|worst')) {
    draft.best = reader.word(at, 'best') ? 'best' : 'worst'
    return at + 1
  }
  const extreme = reader.meaning(at, 'extreme')
  if (extreme) {
    const side = currentSide(draft)
    draft.aggregate = extreme.aggregate
    if (side.measures.length === 0) side.measures.push({ concept: conceptOf(extreme.concept), implied: true })
    return at + 1
  }
  const found = reader.meaning(at, 'aggregate')?.aggregate
  // "What does HRV mean" asks for an explanation.
  const explained =
    at + 1 === reader.length && reader.word(at, 'mean') && reader.meaning(at - 1, 'concept') !== undefined
  if (found && !explained) {
    if (!combine(draft, found, reader.word(at - 1, 'and|,'))) return null
    return at + 1
  }
  // "The maximum of my temperature" compares with no number.
  const limit = /^(?:a )?(maximum|minimum) of$/.exec(reader.terms[at]?.text ?? '')?.[1]
  if (limit && reader.number(at + 1) === undefined)
    return combine(draft, limit === 'maximum' ? 'max' : 'min', false) ? at + 1 : null
  if (reader.meaning(at, 'compare') || reader.word(at, contrasts)) {
    if (!new RegExp(`^(?:${contrasts})$`).test(reader.terms[at]!.text)) return null
    draft.contrast = true
    return at + 1
  }
  return null
}

/** Two words of aggregation in one question: `average total` is a mean of totals, `highest average` cannot be told. */
function combine(draft: Draft, found: Aggregate, joined: boolean): boolean {
  if (joined && draft.aggregate !== undefined && draft.aggregate !== found) {
    if (draft.second !== undefined) return false
    draft.second = found
    return true
  }
  if (draft.aggregate === undefined || draft.aggregate === found || draft.aggregate === 'sum') {
    draft.aggregate = found
    return true
  }
  if (draft.which && (found === 'mean' || found === 'sum')) return true
  return found === 'sum' || (draft.aggregate === 'mean' && draft.which !== undefined)
}
