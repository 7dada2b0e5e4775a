import type { ObservationInput } from '@auren/core'
import { stageCode, stages } from '../apple-health/timeline.js'
import { quantities } from '../apple-health/types.js'
import { percentOf, unitOf } from '../apple-health/units.js'
import { type Held, wordOf, zoned } from './base.js'
import { UnitValue } from './payload.js'
import { activity } from './sessions.js'
import { frameOf } from './times.js'

/** hk-quantity-sample: one sample of HealthKit, under its own name. */
export function* quantity(held: Held): Iterable<ObservationInput> {
  const { body, shared } = held
  const known = quantities.get(wordOf(body.quantity_type))
  const given = UnitValue.safeParse(body.unit_value ?? { value: body.count, unit: 'count' })
  const frame = frameOf(body.effective_time_frame)
  if (!known) return held.reject('unknown_metric', 'this type of HealthKit is not read')
  if (!given.success) return held.reject('schema', 'it has neither unit_value nor count')
  if (typeof frame === 'string' || 'date' in frame)
    return held.reject('no_time', typeof frame === 'string' ? frame : 'a part of a day is no time of a sample')
  const unit = unitOf(given.data.unit)
  const counted = known.count !== undefined && (unit === 'count' || unit === '')
  const value =
    known.fraction !== undefined && unit === '%' ? percentOf(given.data.value, known.fraction) : given.data.value
  const { start, end, offset } = frame
  yield {
    shape: 'sample',
    metric: known.metric,
    start,
    ...(end !== null && end > start ? { end } : {}),
    value,
    unit: counted && known.count !== undefined ? known.count : unit,
    ...zoned(offset),
    ...shared,
  }
}

/** hk-category-sample: of what is a category, sleep and mindfulness are read. */
export function* category(held: Held): Iterable<ObservationInput> {
  const { body, shared } = held
  const type = wordOf(body.category_type).replace('HKCategoryTypeIdentifier', '')
  const frame = frameOf(body.effective_time_frame)
  if (typeof frame === 'string' || 'date' in frame || frame.end === null || frame.end === frame.start)
    return held.reject('no_interval', 'it has no interval')
  const { start, end, offset, endOffset } = frame
  if (type === 'MindfulSession') {
    yield {
      shape: 'sample',
      metric: 'mindful_minutes',
      start,
      end,
      value: (end - start) / 60_000,
      unit: 'min',
      ...zoned(offset),
      ...shared,
    }
    return
  }
  const code = type === 'SleepAnalysis' ? stageCode(`HKCategoryValueSleepAnalysis${wordOf(body.category_value)}`) : null
  const stage = code === null ? undefined : stages[code]
  if (!stage) return held.reject('unknown_metric', 'this category of HealthKit is not read')
  const asleep = stage === 'in_bed' || stage === 'awake' ? {} : { sleep_duration: (end - start) / 1000 }
  yield {
    shape: 'session',
    kind: 'sleep',
    start,
    end,
    stages: [{ stage, start, end }],
    measures: asleep,
    ...zoned(endOffset),
    ...shared,
  }
}

/** hk-correlation: samples that belong together. */
export function* correlation(held: Held): Iterable<ObservationInput> {
  const { quantity_samples: samples, category_samples: categories } = held.body
  for (const [list, make] of [
    [samples, quantity],
    [categories, category],
  ] as const) {
    if (!Array.isArray(list)) continue
    for (const body of list as unknown[]) {
      if (typeof body === 'object' && body !== null) yield* make({ ...held, body: body as Held['body'] })
      else held.reject('schema', 'a part of it is no sample')
    }
  }
}

/** hk-workout: like physical-activity. */
export const workout = activity
