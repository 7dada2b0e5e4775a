import { formatDate, formatSpan } from './dates.js'
import { formatNumber, formatQuantity, joinQuantity, type RenderOptions } from './format.js'
import { catalogueLookup, type MetricLookup, sessionFields } from './measure.js'
import type { Comparator, Condition, Measure } from './schema.js'
import { fieldTitle, metricTitle, plainWords } from './words.js'

const comparators: Readonly<Record<Comparator, string>> = {
  '<': 'under',
  '<=': 'at most',
  '>': 'over',
  '>=': 'at least',
  '=': 'exactly',
  '!=': 'other than',
}

/** Unit of a metric or session field, for numbers in conditions. */
function unitOfField(field: string, lookup: MetricLookup): string {
  if (field === 'count') return '1'
  if (field === 'duration') return 's'
  if (field === 'start' || field === 'end') return 'min'
  return (lookup(field) ?? lookup(field.replace(/_(max|min|mean)$/, '')))?.unit ?? '1'
}

function threshold(
  op: Comparator,
  value: number,
  of: { field: string; sleep?: boolean },
  options: RenderOptions,
  lookup: MetricLookup,
): string {
  const clock = of.field === 'start' || of.field === 'end'
  const manner = { metric: of.field, ...(clock ? { clockOrigin: of.sleep ? 720 : 0 } : {}) }
  const text = joinQuantity(formatQuantity(value, unitOfField(of.field, lookup), options, manner))
  if (clock)
    return `${{ '<': 'before', '<=': 'until', '>': 'after', '>=': 'from', '=': 'at', '!=': 'not at' }[op]} ${text}`
  return `${comparators[op]} ${text}`
}

function shiftWords(shift: number | undefined): string {
  if (!shift) return ''
  const days = Math.abs(shift) === 1 ? 'the day' : `${Math.abs(shift)} days`
  return shift > 0 ? ` ${days} before` : ` ${days} after`
}

function named(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)

/** Sessions of a kind for people: `runs` is not known, so `running workouts`, `sleep`. */
export function sessionWords(kind: 'sleep' | 'workout', activity: readonly string[] | undefined): string {
  if (kind === 'sleep') return 'nights'
  return activity ? `${named(activity.map(plainWords))} workouts` : 'workouts'
}

/** A condition in plain English, to stand after what is measured: `on days with steps over 5,000 steps`. */
export function conditionPhrase(
  condition: Condition,
  measure: Measure,
  options: RenderOptions = {},
  lookup: MetricLookup = catalogueLookup,
): string {
  const phrase = (inner: Condition) => conditionPhrase(inner, measure, options, lookup)
  switch (condition.on) {
    case 'metric': {
      const { metric, op, value, shift } = condition
      return `on days with ${metricTitle(metric, lookup)} ${threshold(op, value, { field: metric }, options, lookup)}${shiftWords(shift)}`
    }
    case 'session': {
      const { kind, activity, field, op, value, shift } = condition
      const sessions = sessionWords(kind, activity)
      if (field === undefined || op === undefined || value === undefined) {
        return `on days with ${kind === 'sleep' ? 'sleep' : sessions}${shiftWords(shift)}`
      }
      const sleep = kind === 'sleep'
      if (field === 'count')
        return `on days with ${comparators[op]} ${formatNumber(value, 0, options.locale)} ${sessions}${shiftWords(shift)}`
      return `on days with ${sessions} whose ${fieldName(kind, field, lookup)} is ${threshold(op, value, { field, sleep }, options, lookup)}${shiftWords(shift)}`
    }
    case 'tag':
      return `on days with ${plainWords(condition.tag)}${shiftWords(condition.shift)}`
    case 'weekday':
      return `on ${named(condition.in.map((day) => `${capital(day)}s`))}`
    case 'season':
      return `in ${named(condition.in)}`
    case 'time':
      return `between ${condition.from} and ${condition.to}`
    case 'dates':
      return condition.from === condition.to
        ? `on ${formatDate(condition.from, options.locale)}`
        : `within ${formatSpan(condition.from, condition.to, options.locale)}`
    case 'value': {
      const field = measure.of === 'metric' ? measure.metric : measure.of === 'session' ? measure.field : 'count'
      const sleep = measure.of === 'session' && measure.kind === 'sleep'
      return threshold(condition.op, condition.value, { field, sleep }, options, lookup)
    }
    case 'field': {
      const sleep = measure.of === 'session' && measure.kind === 'sleep'
      return `with ${fieldName(measure.of === 'session' ? measure.kind : 'workout', condition.field, lookup)} ${threshold(condition.op, condition.value, { field: condition.field, sleep }, options, lookup)}`
    }
    case 'any':
      return condition.of.map(phrase).join(' or ')
    case 'not':
      return `not ${phrase(condition.of)}`
  }
}

/** What a field of a session is called, for people. */
function fieldName(kind: 'sleep' | 'workout', field: string, lookup: MetricLookup): string {
  if (!(sessionFields as readonly string[]).includes(field)) return fieldTitle(field, lookup)
  if (field === 'count') return 'number'
  if (kind === 'workout') return field === 'duration' ? 'duration' : `${field} time`
  return field === 'duration' ? 'time in bed' : field === 'start' ? 'bedtime' : 'wake-up time'
}

/** What is measured, for people. */
export function measureTitle(measure: Measure, lookup: MetricLookup = catalogueLookup): string {
  if (measure.of === 'metric') return metricTitle(measure.metric, lookup)
  if (measure.of === 'tag') return plainWords(measure.tag)
  const sessions = sessionWords(measure.kind, measure.activity)
  if (measure.field === 'count') return sessions
  const of = measure.kind === 'sleep' ? '' : ` of ${sessions}`
  return `${fieldName(measure.kind, measure.field, lookup)}${of}`
}
