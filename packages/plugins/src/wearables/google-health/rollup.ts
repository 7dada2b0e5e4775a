import type { NormalizeContext, ObservationInput, Source } from '@auren/core'
import { z } from 'zod'
import { maybe, number } from './payload.js'
import { levels } from './readers.js'
import { CivilDateTime, Duration, dateOf, secondsOf } from './times.js'

type Value = readonly [metric: string, value: number | null | undefined, unit: string]
const source: Source = { name: 'Google Health', type: 'unknown' }
const Rollup = z.object({ civilStartTime: CivilDateTime, civilEndTime: CivilDateTime.nullish().catch(null) })
const DAY = 86_400_000

const field = <S extends z.ZodRawShape>(
  name: string,
  shape: S,
  values: (value: z.infer<z.ZodObject<S>>) => Value[],
) => ({
  name,
  schema: z.object(shape) as z.ZodType,
  values: values as (value: never) => Value[],
})

/** Sums of a day as Google's app shows them: of the sources merged as Google merges them. */
const kinds = [
  field('steps', { countSum: number }, ({ countSum }) => [['steps', countSum, '{steps}']]),
  field('distance', { millimetersSum: number }, (v) => [['distance', v.millimetersSum, 'mm']]),
  field('floors', { countSum: number }, ({ countSum }) => [['floors_climbed', countSum, '{floors}']]),
  field('activeEnergyBurned', { kcalSum: number }, ({ kcalSum }) => [['energy_active', kcalSum, 'kcal']]),
  field('totalCalories', { kcalSum: number }, ({ kcalSum }) => [['energy_total', kcalSum, 'kcal']]),
  field('sedentaryPeriod', { durationSum: Duration }, (v) => [['sedentary_minutes', secondsOf(v.durationSum), 's']]),
  field(
    'activeZoneMinutes',
    { sumInFatBurnHeartZone: maybe, sumInCardioHeartZone: maybe, sumInPeakHeartZone: maybe },
    (v) => {
      const zones = [v.sumInFatBurnHeartZone, v.sumInCardioHeartZone, v.sumInPeakHeartZone].filter((n) => n != null)
      // Minutes that were earned: in the higher zones Google has counted each twice already.
      return zones.length === 0 ? [] : [['google-health.active_zone_minutes', zones.reduce((a, b) => a + b, 0), 'min']]
    },
  ),
  field(
    'activeMinutes',
    {
      activeMinutesRollupByActivityLevel: z
        .array(z.object({ activityLevel: z.string().max(60), activeMinutesSum: number }))
        .max(20),
    },
    (v) =>
      levels(
        v.activeMinutesRollupByActivityLevel.map(({ activityLevel, activeMinutesSum }) => ({
          activityLevel,
          minutes: activeMinutesSum,
        })),
      ),
  ),
]

/** The sums of one window of a day. Longer windows are no day's. */
export function* rollup(item: unknown, dataType: string, ctx: NormalizeContext): Iterable<ObservationInput> {
  const when = Rollup.safeParse(item)
  const kind = kinds.find(({ name }) => typeof item === 'object' && item !== null && name in item)
  const value = kind?.schema.safeParse((item as Record<string, unknown>)[kind.name])
  if (!when.success || !kind || !value?.success)
    return ctx.reject(item, 'schema', `${dataType}: sums without a day, or of a type that is not read`)
  const { civilStartTime, civilEndTime } = when.data
  const date = dateOf(civilStartTime.date)
  if (civilEndTime && Date.parse(dateOf(civilEndTime.date)) - Date.parse(date) > DAY)
    return ctx.reject(item, 'not_read', `${dataType}: sums of more than a day`)
  const base = { source, offset: null, zoneBasis: 'absent', recordId: `rollup/${dataType}/${date}` } as const
  for (const [metric, found, unit] of kind.values(value.data as never))
    if (found != null) yield { shape: 'daily_total', metric, date, value: found, unit, ...base }
}
