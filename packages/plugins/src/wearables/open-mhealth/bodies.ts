import { metric as metricOf, type ObservationInput } from '@auren/core'
import { type Held, wordOf, zoned } from './base.js'
import { allStatistics, type Measure, measures, sharing, spelled, statistics, words } from './measures.js'
import { UnitValue } from './payload.js'
import { type Frame, frameOf } from './times.js'

/** Bodies with one value, by the names of their schemas. */
export function* valued(held: Held): Iterable<ObservationInput> {
  const { name, body, own } = held
  const candidates = [...measures, ...sharing].filter(({ schema }) => schema[1] === name)
  const one =
    candidates.find(({ metric }) => metric === own.metric) ??
    candidates.find(({ also = {} }) => Object.entries(also).every(([field, word]) => body[field] === word))
  if (!one) held.reject('unknown_schema', 'nothing of this schema is read')
  else yield* value(held, one, one.metric, one.field)
}

/** Two values that belong together. */
export function* bloodPressure(held: Held): Iterable<ObservationInput> {
  const pair = ['systolic', 'diastolic'] as const
  if (pair.some((which) => !UnitValue.safeParse(held.body[`${which}_blood_pressure`]).success)) {
    held.reject('schema', 'both pressures must be there')
    return
  }
  for (const which of pair) {
    const field = `${which}_blood_pressure`
    yield* value(
      held,
      { metric: '', schema: ['omh', 'blood-pressure', '4.0'], field, units: ['mmHg'] },
      `blood_pressure_${which}`,
      field,
    )
  }
}

function* value(held: Held, one: Measure, metric: string, field: string): Iterable<ObservationInput> {
  const { body, own, shared } = held
  const given = body[field]
  // Versions 1 and 2 of step-count have a plain number.
  const parsed = UnitValue.safeParse(typeof given === 'number' ? { value: given, unit: one.units[0] } : given)
  if (!parsed.success) return held.reject('schema', `${field} is not a value with a unit`)
  const { value: amount, unit } = parsed.data
  if (!one.units.includes(unit)) return held.reject('unknown_unit', 'its unit is none of the schema')
  const wrong = Object.entries(words).find(
    ([name, known]) => body[name] !== undefined && !known.has(wordOf(body[name])),
  )
  if (wrong) return held.reject('unknown_code', `${wrong[0]} is a word that the schema does not have`)
  const frame = frameOf(body.effective_time_frame)
  if (typeof frame === 'string') return held.reject('no_time', frame)
  const ucum = spelled[unit] ?? unit
  const cumulative = metricOf(metric)?.kind === 'cumulative'
  const statistic = body.descriptive_statistic
  const told = own.metric === metric
  if (statistic !== undefined && !told) {
    const kept = statisticOf(held, metric, cumulative)
    if (kept === null) return
    metric = kept
  }
  const date = own.date ?? ('date' in frame ? frame.date : undefined)
  if (date !== undefined)
    return yield {
      shape: 'daily_total',
      metric,
      date,
      value: amount,
      unit: ucum,
      ...zoned('date' in frame ? null : frame.offset),
      ...shared,
    }
  const { start, end, offset } = frame as Frame
  if (one.interval && end === null) return held.reject('no_interval', 'what happens over a time has an interval')
  const until = end !== null && end > start ? { end } : {}
  yield { shape: 'sample', metric, start, ...until, value: amount, unit: ucum, ...zoned(offset), ...shared }
}

/**
 * The metric that a statistic is kept as, for it is no measurement; null where it is set aside. The sum of what adds up is
 * just that.
 */
function statisticOf(held: Held, metric: string, cumulative: boolean): string | null {
  const { descriptive_statistic: statistic, descriptive_statistic_denominator: per } = held.body
  if (typeof statistic !== 'string' || !allStatistics.has(statistic)) {
    held.reject('unknown_code', 'descriptive_statistic is a word that the schema does not have')
    return null
  }
  if (cumulative && statistic === 'sum' && per === undefined) return metric
  if (cumulative || per !== undefined || !(statistics as readonly string[]).includes(statistic)) {
    held.reject('descriptive_statistic', `the ${statistic} over a time is no measurement`)
    return null
  }
  return `open-mhealth.${metric.replace(/^open-mhealth\./, '')}_${statistic}`
}
