import type { NormalizeContext, ObservationInput } from '@auren/core'
import { hold, type Make } from './base.js'
import { bloodPressure, valued } from './bodies.js'
import { category, correlation, quantity, workout } from './granola.js'
import { measures } from './measures.js'
import { type Payload, Point } from './payload.js'
import { activity, sleep } from './sessions.js'

const makers: ReadonlyMap<string, Make> = new Map<string, Make>([
  ...measures.map(({ schema }) => [schema[1], valued] as const),
  ['blood-pressure', bloodPressure],
  ['sleep-episode', sleep],
  ['sleep-stage-summary', sleep],
  ['sleep-duration', sleep],
  ['total-sleep-time', sleep],
  ['time-in-bed', sleep],
  ['physical-activity', activity],
  ['hk-quantity-sample', quantity],
  ['hk-category-sample', category],
  ['hk-correlation', correlation],
  ['hk-workout', workout],
])

/** Data points → observations. A data point is a record, named by its uuid; one that cannot be read spoils no other. */
export function* normalize(payload: Payload, ctx: NormalizeContext): Iterable<ObservationInput> {
  for (const item of Array.isArray(payload) ? payload : [payload]) yield* pointOf(item, ctx)
}

function* pointOf(item: unknown, ctx: NormalizeContext): Iterable<ObservationInput> {
  const parsed = Point.safeParse(item)
  if (!parsed.success) {
    ctx.reject(item, 'schema', 'a data point has no header or no body')
    return
  }
  const { header, body } = parsed.data
  const bodies = Array.isArray(body) ? body : [body]
  for (const [index, one] of bodies.entries()) {
    const name = header.schema_id?.name ?? nameOf(one)
    const held = hold(header, one, Array.isArray(body) ? index : null, name, ctx)
    // A distance by itself stands under the schema of workouts, and says beside it what it is.
    const make = name === 'physical-activity' && held.own.metric !== undefined ? valued : makers.get(name)
    if (make) yield* make(held)
    else held.reject('unknown_schema', 'this schema is not read')
  }
}

const byField: readonly (readonly [field: string, name: string])[] = [
  ...measures.map(({ field, schema }) => [field, schema[1]] as const),
  ['systolic_blood_pressure', 'blood-pressure'],
  ['sleep_stage_summary', 'sleep-stage-summary'],
  ['latency_to_sleep_onset', 'sleep-episode'],
  ['sleep_duration', 'sleep-duration'],
  ['time_in_bed', 'time-in-bed'],
  ['total_sleep_time', 'total-sleep-time'],
  ['quantity_type', 'hk-quantity-sample'],
  ['category_type', 'hk-category-sample'],
  ['correlation_type', 'hk-correlation'],
  ['activity_name', 'physical-activity'],
]

/** The schema of a body whose header does not say it. */
function nameOf(body: Readonly<Record<string, unknown>>): string {
  return byField.find(([field]) => field in body)?.[1] ?? ''
}
