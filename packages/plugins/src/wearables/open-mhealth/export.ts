import { convertUnit, Flag, identityKey, isoAt, metric as metricOf, type Observation, uuidOf } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'
import { urn } from './base.js'
import { type Measure, measures, sharing, spelled } from './measures.js'
import { activityFields, sleepFields, stageNames } from './sessions.js'

/** A data point of IEEE 1752.1: a header that names the schema, and a body of that schema. */
export interface DataPoint {
  header: {
    uuid: string
    schema_id: { namespace: string; name: string; version: string }
    source_creation_date_time: string
    modality: 'sensed' | 'self-reported'
    external_datasheets: { datasheet_type: string; datasheet_reference: string }[]
  }
  body: Record<string, unknown>
}

/** What was exported, and what has no schema. */
export interface ExportReport {
  type: 'auren'
  v: 1
  format: 'open-mhealth'
  dataPoints: number
  /** Observations, or parts of them, that no schema has a place for: how many of each. */
  leftOut: Record<string, number>
}

/** Turns what is stored into data points, one after the other. */
export interface OpenMHealthExport {
  /** Data points that an observation completes: none where it has no schema, or waits for the one that belongs to it. */
  add(observation: Stored): DataPoint[]
  /** Call it at the end: what still waits stays without its other half. */
  report(): ExportReport
}

type Stored = Observation & { provider: string; account?: string }
type Sample = Extract<Stored, { shape: 'sample' }>
type DailyTotal = Extract<Stored, { shape: 'daily_total' }>
type Session = Extract<Stored, { shape: 'session' }>
type Draft = Omit<DataPoint, 'header'> & { schema: Measure['schema']; own: Record<string, string> }

const byMetric: ReadonlyMap<string, Measure> = new Map(
  // Of several forms of one metric the first is written.
  [...sharing, ...measures].reverse().map((one) => [one.metric, one]),
)
const DAY_MS = 24 * 3_600_000

/** Begins an export of one person. Pure: the same observations give the same data points, with the same names. */
export function createOpenMHealthExport(): OpenMHealthExport {
  const leftOut = new Map<string, number>()
  const halves = new Map<string, Sample>()
  let dataPoints = 0
  const leave = (what: string): void => {
    leftOut.set(what, (leftOut.get(what) ?? 0) + 1)
  }
  const draft = (one: Stored): Draft | null => {
    if (one.shape === 'sample' && one.metric.startsWith('blood_pressure_')) return pairOf(one, halves)
    if (one.shape === 'sample') return sampleOf(one, leave)
    if (one.shape === 'daily_total') return totalOf(one, leave)
    if (one.shape === 'session') return one.kind === 'sleep' ? sleepOf(one, leave) : workoutOf(one, leave)
    leave(one.shape === 'tag' ? `tag ${one.tag}` : one.shape)
    return null
  }
  return {
    add(observation) {
      const made = draft(observation)
      if (!made || observation.shape === 'deletion') return []
      dataPoints++
      return [pointOf(observation, made)]
    },
    report() {
      for (const { metric } of halves.values()) leave(`${metric} without the other pressure`)
      halves.clear()
      const counts = [...leftOut].sort(([a], [b]) => (a < b ? -1 : 1))
      return { type: 'auren', v: 1, format: 'open-mhealth', dataPoints, leftOut: Object.fromEntries(counts) }
    },
  }
}

function pointOf(one: Exclude<Stored, { shape: 'deletion' }>, { schema, body, own }: Draft): DataPoint {
  const [namespace, name, version] = schema
  const at =
    one.createdAt ??
    (one.shape === 'daily_total' ? Date.parse(one.date) : one.shape === 'session' ? one.end : one.start)
  const sheets = { source: one.source.name, type: one.source.type, ...own }
  return {
    header: {
      uuid: uuidOf(`${schema.join(':')} ${identityKey(one.provider, one.account ?? '', one)}`),
      schema_id: { namespace, name, version },
      source_creation_date_time: isoAt(at, one.offset),
      modality: ((one.flags ?? 0) & Flag.manual) !== 0 || one.source.type === 'manual' ? 'self-reported' : 'sensed',
      external_datasheets: Object.entries(sheets).map(([type, value]) => ({
        datasheet_type: type,
        datasheet_reference: `${urn}${type}:${encodeURIComponent(value.toWellFormed())}`,
      })),
    },
    body,
  }
}

function measured({ field, units, also, fixed }: Measure, value: number, unit: string): Record<string, unknown> {
  const to = units[0] as string
  const amount = convertUnit(value, unit, spelled[to] ?? unitNames[to] ?? to)
  return { [field]: { value: amount, unit: to }, ...also, ...fixed }
}

/** Units of the schemas, as the converter names what it converts to. */
const unitNames = lookup<string>({
  'beats/min': '/min',
  'breaths/min': '/min',
  C: 'Cel',
  steps: '{steps}',
  dB: 'dB[SPL]',
})

function sampleOf(one: Sample, leave: (what: string) => void): Draft | null {
  const { metric, start, end, value, unit, offset } = one
  const measure = byMetric.get(metric)
  if (!measure || (measure.interval && end === undefined)) {
    leave(measure ? `${metric} at an instant` : metric)
    return null
  }
  const average = end !== undefined && metricOf(metric)?.kind !== 'cumulative'
  const body = {
    ...measured(measure, value, unit),
    effective_time_frame:
      end === undefined ? { date_time: isoAt(start, offset) } : { time_interval: interval(start, end, offset, offset) },
    ...(average && hasStatistic(measure) ? { descriptive_statistic: 'average' } : {}),
  }
  return { schema: measure.schema, body, own: { metric } }
}

/** A value of a whole day: from midnight to midnight where the offset is known, else of UTC. */
function totalOf({ metric, date, value, unit, offset }: DailyTotal, leave: (what: string) => void): Draft | null {
  const measure = byMetric.get(metric)
  if (!measure) {
    leave(`${metric} of a day`)
    return null
  }
  const start = Date.parse(date) - (offset ?? 0) * 60_000
  const statistic = metricOf(metric)?.kind === 'cumulative' ? 'sum' : 'average'
  const body = {
    ...measured(measure, value, unit),
    effective_time_frame: { time_interval: interval(start, start + DAY_MS, offset, offset) },
    ...(hasStatistic(measure) ? { descriptive_statistic: statistic } : {}),
  }
  return { schema: measure.schema, body, own: { metric, date } }
}

/** Schemas that have no field for a statistic. */
function hasStatistic({ schema }: Measure): boolean {
  return schema[1] !== 'minutes-moderate-activity'
}

function pairOf(one: Sample, halves: Map<string, Sample>): Draft | null {
  const other = one.metric === 'blood_pressure_systolic' ? 'blood_pressure_diastolic' : 'blood_pressure_systolic'
  const key = (metric: string): string => {
    const { provider, account, start, end, source, recordId, ordinal } = one
    return JSON.stringify([metric, provider, account, start, end, source.name, recordId, ordinal ?? 0])
  }
  const half = halves.get(key(other))
  if (!half) {
    halves.set(key(one.metric), one)
    return null
  }
  halves.delete(key(other))
  const [systolic, diastolic] = one.metric === 'blood_pressure_systolic' ? [one, half] : [half, one]
  const frame =
    one.end === undefined
      ? { date_time: isoAt(one.start, one.offset) }
      : { time_interval: interval(one.start, one.end, one.offset, one.offset) }
  const body = {
    systolic_blood_pressure: { value: systolic.value, unit: 'mmHg' },
    diastolic_blood_pressure: { value: diastolic.value, unit: 'mmHg' },
    effective_time_frame: frame,
  }
  return { schema: ['omh', 'blood-pressure', '4.0'], body, own: {} }
}

const stateOf: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(stageNames).map(([name, stage]) => [stage, name]),
)

function sleepOf(one: Session, leave: (what: string) => void): Draft {
  const { start, end, offset, stages = [], nap, measures: given } = one
  const episodes = stages.flatMap(({ stage, start: from, end: to }) => {
    const state = stateOf[stage]
    if (state !== undefined)
      return [
        { sleep_stage_state: state, sleep_stage_time_frame: { time_interval: interval(from, to, offset, offset) } },
      ]
    leave(`sleep stage ${stage}`)
    return []
  })
  const staged = episodes.length > 0 && given.sleep_duration !== undefined
  if (!staged && episodes.length > 0) leave('sleep stages of a night whose sleep is not summed up')
  const fields = fieldsOf(given, 'sleep', staged ? summaryFields : episodeFields, leave)
  const frame = { effective_time_frame: { time_interval: interval(start, end, offset, offset) } }
  const main = nap === true ? { is_main_sleep: false } : {}
  if (one.text !== undefined) leave('words of a night')
  return staged
    ? {
        schema: ['ieee', 'sleep-stage-summary', '1.0'],
        body: { sleep_stage_summary: fields, sleep_stage_episodes: episodes, ...frame, ...main },
        own: {},
      }
    : { schema: ['ieee', 'sleep-episode', '1.0'], body: { ...fields, ...frame, ...main }, own: {} }
}

const ieee = ([field]: (typeof sleepFields)[number]): boolean =>
  field !== 'sleep_duration' && field !== 'sleep_maintenance_efficiency_percentage'
const episodeFields = sleepFields.filter((one) => ieee(one) && one[0] !== 'awake_duration')
const summaryFields = sleepFields.filter((one) => ieee(one) && one[0] !== 'wake_after_sleep_onset')
/** Units in which the schemas have what the catalogue has in others. */
const unitOut = lookup<string>({ s: 'sec', '/min': 'steps/min' })

function fieldsOf(
  given: Readonly<Record<string, number>>,
  kind: string,
  fields: typeof sleepFields,
  leave: (what: string) => void,
): Record<string, unknown> {
  const made: Record<string, unknown> = {}
  for (const [measure, value] of Object.entries(given)) {
    const [field, , unit = ''] = fields.find(([, one]) => one === measure) ?? []
    if (field === undefined) leave(`${measure} of a ${kind}`)
    else made[field] = { value, unit: unitOut[unit] ?? unit }
  }
  return made
}

function workoutOf(one: Session, leave: (what: string) => void): Draft {
  const { start, end, offset, activity, vendorActivity, laps, text } = one
  const { steps, met, ...others } = one.measures
  if (laps) leave('laps of a workout')
  if (text !== undefined) leave('words of a workout')
  return {
    schema: ['ieee', 'physical-activity', '1.0'],
    body: {
      activity_name: activity && activity !== 'other' ? activity.replaceAll('_', ' ') : (vendorActivity ?? 'other'),
      effective_time_frame: { time_interval: interval(start, end, offset, offset) },
      ...fieldsOf(others, 'workout', activityFields, leave),
      ...(steps === undefined ? {} : { base_movement_quantity: { value: steps, unit: 'steps' } }),
      ...(met === undefined ? {} : { met_value: met }),
    },
    own: {},
  }
}

function interval(start: number, end: number, offset: number | null, endOffset: number | null): Record<string, string> {
  return { start_date_time: isoAt(start, offset), end_date_time: isoAt(end, endOffset) }
}
