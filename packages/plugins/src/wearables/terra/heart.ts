import type { ObservationInput } from '@auren/core'
import { type Item, series } from './make.js'
import type { Activity } from './payload.js'

type HeartRate = Activity['heart_rate_data']

/** Heart rate and its variability along an item. A rate of zero means that nothing was measured. */
export function* heartSamples(item: Item, data: HeartRate): Iterable<ObservationInput> {
  const detailed = data?.detailed
  yield* series(item, detailed?.hr_samples, { value: 'bpm', metric: 'heart_rate', unit: 'bpm', least: 1 })
  yield* series(item, detailed?.hrv_samples_rmssd, { value: 'hrv_rmssd', metric: 'hrv_rmssd', unit: 'ms' })
  yield* series(item, detailed?.hrv_samples_sdnn, { value: 'hrv_sdnn', metric: 'hrv_sdnn', unit: 'ms' })
}

/** Oxygen in the blood; in a muscle (`type` 1) it is something else. */
export function* oxygenSamples(item: Item, samples: readonly unknown[] | null | undefined): Iterable<ObservationInput> {
  const blood = samples?.filter((one) => (one as { type?: unknown } | null)?.type !== 1)
  yield* series(item, blood, { value: 'percentage', metric: 'oxygen_saturation', unit: '%', least: 1 })
}
