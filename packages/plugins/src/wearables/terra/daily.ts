import type { ObservationInput } from '@auren/core'
import { z } from 'zod'
import { heartSamples, oxygenSamples } from './heart.js'
import { countedUp, daily, type Item, series } from './make.js'
import type { Daily } from './payload.js'

/** A day: what the vendor sums up under its date, and what was measured along it. */
export function* day(data: Daily, item: Item): Iterable<ObservationInput> {
  const { distance_data: distance, calories_data: energy, active_durations_data: active, scores } = data
  yield* daily(item, 'steps', distance?.steps, '{steps}')
  yield* daily(item, 'distance', distance?.distance_meters, 'm')
  yield* daily(item, 'floors_climbed', distance?.floors_climbed, '{floors}')
  yield* daily(item, 'elevation_gained', distance?.elevation?.gain_actual_meters, 'm')
  yield* daily(item, 'energy_total', energy?.total_burned_calories, 'kcal')
  yield* daily(item, 'energy_active', energy?.net_activity_calories, 'kcal')
  yield* daily(item, 'energy_basal', energy?.BMR_calories, 'kcal')
  yield* daily(item, 'active_minutes', active?.activity_seconds, 's')
  yield* daily(item, 'moderate_minutes', active?.moderate_intensity_seconds, 's')
  yield* daily(item, 'vigorous_minutes', active?.vigorous_intensity_seconds, 's')
  yield* daily(item, 'sedentary_minutes', active?.inactivity_seconds, 's')
  yield* daily(item, 'stand_minutes', active?.standing_seconds, 's')
  yield* daily(item, 'resting_heart_rate', data.heart_rate_data?.summary?.resting_hr_bpm || null, 'bpm')
  yield* daily(item, 'oxygen_saturation', data.oxygen_data?.avg_saturation_percentage || null, '%')
  yield* daily(item, 'vo2_max', data.oxygen_data?.vo2max_ml_per_min_per_kg || null, 'mL/kg/min')
  yield* daily(item, 'terra.activity_score', scores?.activity, '{score}')
  yield* daily(item, 'terra.recovery_score', scores?.recovery, '{score}')
  yield* daily(item, 'terra.sleep_score', scores?.sleep, '{score}')
  yield* daily(item, 'terra.strain_level', data.strain_data?.strain_level, '{score}')
  const stress = data.stress_data
  yield* daily(
    item,
    'terra.stress_level',
    (stress?.avg_stress_level ?? -1) < 0 ? null : stress?.avg_stress_level,
    '{score}',
  )
  // Below zero are codes: not worn, or too much motion.
  yield* series(item, stress?.samples, { value: 'level', metric: 'terra.stress_level', unit: '{score}', least: 0 })
  yield* series(item, stress?.body_battery_samples, { value: 'level', metric: 'terra.body_battery', unit: '{score}' })
  yield* series(item, data.MET_data?.MET_samples, { value: 'level', metric: 'met', unit: '{MET}' })
  yield* heartSamples(item, data.heart_rate_data)
  yield* oxygenSamples(item, data.oxygen_data?.saturation_samples)
  const detailed = distance?.detailed
  yield* countedUp(item, detailed?.step_samples, { value: 'steps', metric: 'steps', unit: '{steps}' })
  yield* countedUp(item, detailed?.distance_samples, { value: 'distance_meters', metric: 'distance', unit: 'm' })
  yield* countedUp(item, detailed?.floors_climbed_samples, {
    value: 'floors_climbed',
    metric: 'floors_climbed',
    unit: '{floors}',
  })
  yield* tags(item, data.tag_data?.tags)
}

const Tag = z.object({
  timestamp: z.string().max(60),
  tag_name: z.string().max(500),
  notes: z.string().max(10_000).nullish(),
})

function* tags(item: Item, given: readonly unknown[] | null | undefined): Iterable<ObservationInput> {
  for (const one of given ?? []) {
    const tag = Tag.safeParse(one)
    const when = tag.success ? item.at(tag.data.timestamp) : null
    if (!tag.success || !when) {
      item.ctx.reject(one, 'schema', 'daily: a tag has no time or name')
      continue
    }
    const plain = tag.data.tag_name
      .toLowerCase()
      .replace(/^tag_(generic|sleep|activity|custom)_/, '')
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '')
      .slice(0, 120)
    yield {
      shape: 'tag',
      tag: plain === '' ? 'note' : plain,
      start: when.at,
      offset: when.offset,
      zoneBasis: when.zoneBasis,
      ...(tag.data.notes ? { text: tag.data.notes } : plain === '' ? { text: tag.data.tag_name } : {}),
      ...item.record(),
    }
  }
}
