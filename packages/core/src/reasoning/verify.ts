import type { LocalDate } from '../observation/schema.js'
import { renderFact } from '../query/describe.js'
import type { Fact } from '../query/schema.js'
import { type Bindings, bind, referencesOf, typedBy } from './bind.js'
import { unboundDate } from './dates.js'
import { isFixed } from './fixed.js'
import { findNumeral } from './numerals.js'
import { hasMarkup, unadorned, visible } from './plain.js'
import { brokenRule, claimsOf } from './wording.js'

/** What a sentence is checked against. */
export interface VerifyContext extends Bindings {
  /** The person's own words of this turn. */
  words: string
  today: LocalDate
  /** Sentences that AUREN's own code wrote may be fixed ones; a model's may not. */
  by: 'narrator' | 'model'
}

/** A sentence that may go out, or why it may not. */
export type Checked = { ok: true; text: string; facts: string[] } | { ok: false; reason: string }

/** Relative difference below which two values may be called the same. */
const SAME_WITHIN = 0.02

/**
 * Checks one sentence of a draft and renders it. What its author typed is read first, so that a number can only come
 * from a fact: no markup, no numeral but in the person's own quoted words, no word of time without a fact, no
 * forbidden wording, and no direction, comparison or rank without a fact of that sign in the same sentence.
 */
export function checkSentence(sentence: string, context: VerifyContext): Checked {
  if (context.by === 'narrator' && isFixed(sentence)) return { ok: true, text: sentence, facts: [] }
  const shown = unadorned(visible(sentence))
  if (shown === '') return refuse('empty')
  if (shown.length > 600) return refuse('too_long')
  const typed = typedBy(shown)
  if (hasMarkup(typed)) return refuse('markup')
  if (/[{}]/.test(typed)) return refuse('malformed_placeholder')

  const references = referencesOf(shown)
  const facts = [...new Set(references.filter(({ to }) => to === 'fact').map(({ id }) => id))]
    .map((id) => (Object.hasOwn(context.facts, id) ? context.facts[id] : undefined))
    .filter((fact) => fact !== undefined)
  if (context.by === 'model' && references.some(({ to }) => to !== 'fact')) return refuse('not_for_models')
  const own = withoutQuotes(typed, context.words)
  const numeral = findNumeral(own)
  if (numeral !== null) return refuse(`numeral: ${numeral}`)
  const date = unboundDate(own, { words: context.words, facts, today: context.today })
  if (date !== null) return refuse(`date: ${date}`)
  const rule = brokenRule(own)
  if (rule !== null) return refuse(`wording: ${rule}`)
  const claim = unboundClaim(own, facts, context.words)
  if (claim !== null) return refuse(`claim: ${claim}`)
  if (context.by === 'model' && facts.length === 0 && describesPerson(own)) return refuse('unfounded')
  const [first] = references
  if (
    claimsOf(own).up !== claimsOf(own).down &&
    first &&
    first.to === 'fact' &&
    /^comparison|^baseline/.test(first.path)
  ) {
    // "{{x.comparison}} is higher than {{x}}" would turn the sign round.
    return refuse('claim: order')
  }
  return bind(shown, context)
}

/** A statement about the person that no fact stands behind; offers, questions and what they said are none. */
function describesPerson(text: string): boolean {
  const lower = text.toLowerCase()
  if (!/\b(?:you|your|yours|you're|you've)\b/.test(lower) || /\?["”»)]?\s*$/.test(text)) return false
  return !/\b(?:you (?:asked|said|wrote|mentioned|told|can|could|may|might|want|wish|like)|your (?:question|words|data|measurements|message)|if you|let me know|for you|thank you|tell me)\b/.test(
    lower,
  )
}

function refuse(reason: string): Checked {
  return { ok: false, reason }
}

/** What is left when the person's own words, in quotation marks, are taken out of a sentence that says they are theirs. */
function withoutQuotes(text: string, words: string): string {
  if (!/\byou (?:asked|said|wrote|mentioned|told)\b|\byour (?:question|words|note)\b/i.test(text)) return text
  const flat = (s: string) => s.toLowerCase().replace(/[’‘]/g, "'").replace(/\s+/g, ' ').trim()
  const said = ` ${flat(words)} `
  return text.replace(/[“"«]([^“”"«»]+)[”"»]/g, (quote, inner: string) => {
    const wanted = flat(inner).replace(/^[\s.,;:!?]+|[\s.,;:!?]+$/g, '')
    const at = wanted === '' ? -1 : said.indexOf(wanted)
    const whole =
      at >= 0 && !/[\p{L}\p{N}.]/u.test(said.charAt(at - 1)) && !/[\p{L}\p{N}]/u.test(said.charAt(at + wanted.length))
    return whole ? ' ' : quote
  })
}

/** Signs that a fact bears out: +1 and −1 for its comparison or its place against the baseline, 0 for no difference. */
export function signsOf(fact: Fact): number[] {
  if (fact.status !== 'ok' || fact.value === null) return []
  const signs: number[] = []
  const { comparison, baseline, value } = fact
  if (comparison?.difference != null) {
    const scale = Math.max(Math.abs(value), Math.abs(comparison.value ?? 0))
    const shownEqual = renderFact(fact).comparison?.direction === 'equal'
    if (shownEqual || Math.abs(comparison.difference) <= SAME_WITHIN * scale) signs.push(0)
    // A difference that is small is still a difference; its direction may be said too.
    if (comparison.difference !== 0) signs.push(Math.sign(comparison.difference))
  }
  if (baseline && 'pattern' in fact.query && fact.query.pattern === 'deviation') {
    if (value >= baseline.low && value <= baseline.high) signs.push(0)
    if (value !== baseline.median) signs.push(Math.sign(value - baseline.median))
  }
  if (fact.trend) signs.push(fact.trend.direction === 'none' ? 0 : fact.trend.direction === 'rising' ? 1 : -1)
  return signs
}

/** +1 for a fact that is a maximum, −1 for a minimum, 0 otherwise. */
function rankOf(fact: Fact): number {
  if (fact.status !== 'ok' || !('aggregate' in fact.query)) return 0
  const { aggregate } = fact.query
  if (aggregate === 'argmax' || aggregate === 'max') return 1
  return aggregate === 'argmin' || aggregate === 'min' ? -1 : 0
}

/** A claim of the sentence that no fact in it bears out, or null. */
function unboundClaim(text: string, facts: readonly Fact[], words: string): string | null {
  const claims = claimsOf(text)
  const comparing = facts.map(signsOf).filter((signs) => signs.length > 0)
  const all = (sign: number) => comparing.length > 0 && comparing.every((signs) => signs.includes(sign))
  if (claims.negated) return 'negated direction'
  if (claims.up && claims.down) return 'two directions'
  if (claims.up && !all(1)) return 'up'
  if (claims.down && !all(-1)) return 'down'
  if (claims.same && !all(0)) return 'same'
  if (claims.compared && comparing.length === 0 && !facts.some((fact) => fact.baseline)) return 'comparison'
  if (claims.highest && !facts.some((fact) => rankOf(fact) === 1)) return 'highest'
  if (claims.lowest && !facts.some((fact) => rankOf(fact) === -1)) return 'lowest'
  if (claims.highest && claims.lowest) return 'two ranks'
  if (claims.prize !== null) {
    const theirs = new RegExp(`\\b${claims.prize}\\b`, 'i').test(words)
    if (!theirs || !facts.some((fact) => rankOf(fact) !== 0)) return claims.prize
  }
  return null
}

/**
 * Splits prose into sentences, keeping placeholders and decimal points whole. A line is never joined with the next.
 */
export function sentencesOf(prose: string): string[] {
  return prose
    .split(/\r?\n+/)
    .flatMap((line) => line.split(/(?<=[.!?…]["”»)]?)\s+(?=["“«(]?[\p{Lu}{])/u))
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '')
}
