import { Temporal } from 'temporal-polyfill'
import type { LocalDate } from '../observation/schema.js'
import type { Fact } from '../query/schema.js'

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]
const named = new RegExp(
  `\\b(${[...weekdays, ...months.filter((month) => month !== 'may' && month !== 'march')].join('|')})s?\\b|\\b(mon|tue|tues|wed|thu|thurs|fri|jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec)\\b\\.?|\\b(?:in|of|since|until|from|this|last|early|late|mid) (march|may)\\b|\\b(March)\\b`,
  'gi',
)
const relative =
  /\b(today|tonight|last night|this morning|this afternoon|this evening|yesterday|tomorrow|the day before|(?:last|this|past|previous|next|that) (?:week|weekend|month|quarter|year|winter|spring|summer|autumn|fall|season|monday|tuesday|wednesday|thursday|friday|saturday|sunday)|weekends?|weekdays?|winter|spring|summer|autumn|noon|midnight|recently|lately)\b/gi

/** The civil date `days` before `date`. */
export function daysBefore(date: LocalDate, days: number): LocalDate {
  return Temporal.PlainDate.from(date).subtract({ days }).toString()
}

/**
 * The first word of time in `text` that neither the person used in this turn nor a fact of the same sentence bears
 * out, or null. Facts bear out the names of the days and months that they are about, and "today" or "yesterday" when
 * they end there.
 */
export function unboundDate(
  text: string,
  context: { words: string; facts: readonly Fact[]; today: LocalDate },
): string | null {
  const said = ` ${context.words.toLowerCase()} `
  const borne = new Set(context.facts.flatMap((fact) => namesOf(fact)))
  const saidIt = (word: string) => new RegExp(`\\b${word.replace(/[^a-z ]/g, '')}s?\\b`).test(said)
  for (const match of text.matchAll(named)) {
    const word = (match[1] ?? match[2] ?? match[3] ?? match[4] ?? '').toLowerCase()
    const full = [...weekdays, ...months].find((name) => name.startsWith(word.slice(0, 3))) ?? word
    if (!saidIt(word) && !saidIt(full) && !borne.has(full)) return match[0]
  }
  const ends = new Set(context.facts.flatMap((fact) => [fact.to, fact.date].filter((date) => date != null)))
  const yesterday = daysBefore(context.today, 1)
  for (const [word] of text.matchAll(relative)) {
    const lower = word.toLowerCase()
    if (/^(?:today|tonight|last night|this morning|this afternoon|this evening)$/.test(lower)) {
      if (!ends.has(context.today)) return word
    } else if (lower === 'yesterday') {
      if (!ends.has(yesterday)) return word
    } else if (!saidIt(lower)) return word
  }
  return null
}

function namesOf(fact: Fact): string[] {
  const names = [fact.from, fact.to, fact.date]
    .filter((date) => date != null)
    .flatMap((date) => {
      const day = Temporal.PlainDate.from(date)
      const single = fact.from === fact.to || date === fact.date
      return [months[day.month - 1] as string, ...(single ? [weekdays[day.dayOfWeek - 1] as string] : [])]
    })
  const where = 'where' in fact.query ? fact.query.where : []
  return [...names, ...where.flatMap((condition) => (condition.on === 'weekday' ? condition.in : []))]
}
