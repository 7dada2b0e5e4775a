import type { NormalizeContext, ObservationInput } from '@auren/core'
import { z } from 'zod'
import { lookup } from '../../vendor/lookup.js'
import { maybe, number } from './payload.js'
import type { Base } from './points.js'
import { CivilDate, dateOf, Interval, SampleTime, zoned } from './times.js'

type Context = Pick<NormalizeContext, 'reject'>
/** Reads the data of one point. */
export interface Reader {
  schema: z.ZodType
  read(value: never, base: Base, ctx: Context): Iterable<ObservationInput>
}
type Value = readonly [metric: string, value: number | null | undefined, unit: string]

function reader<S extends z.ZodType>(
  schema: S,
  read: (value: z.infer<S>, base: Base, ctx: Context) => Iterable<ObservationInput>,
): Reader {
  return { schema, read: read as Reader['read'] }
}

/** Values over an interval. */
function over<S extends z.ZodRawShape>(
  shape: S,
  values: (value: z.infer<z.ZodObject<S>>, seconds: number) => readonly Value[],
): Reader {
  return reader(z.object({ interval: Interval, ...shape }), function* (value, base, ctx) {
    const { interval } = value as { interval: z.infer<typeof Interval> }
    const [start, end] = [Date.parse(interval.startTime), Date.parse(interval.endTime)]
    if (end < start) return ctx.reject(value, 'order', 'its end is before its start')
    const when = { start, end, ...zoned(start, interval.startUtcOffset, interval.civilStartTime) }
    yield* samples(values(value as never, (end - start) / 1000), { ...when, ...base })
  })
}

/** Values at an instant. */
function at<S extends z.ZodRawShape>(shape: S, values: (value: z.infer<z.ZodObject<S>>) => readonly Value[]): Reader {
  return reader(z.object({ sampleTime: SampleTime, ...shape }), function* (value, base) {
    const { sampleTime } = value as { sampleTime: z.infer<typeof SampleTime> }
    const start = Date.parse(sampleTime.physicalTime)
    yield* samples(values(value as never), {
      start,
      ...zoned(start, sampleTime.utcOffset, sampleTime.civilTime),
      ...base,
    })
  })
}

/** Values of one of Google's days. */
function on<S extends z.ZodRawShape>(shape: S, values: (value: z.infer<z.ZodObject<S>>) => readonly Value[]): Reader {
  return reader(z.object({ date: CivilDate, ...shape }), function* (value, base) {
    const date = dateOf((value as { date: z.infer<typeof CivilDate> }).date)
    for (const [metric, found, unit] of values(value as never))
      if (found != null)
        yield { shape: 'daily_total', metric, date, value: found, unit, offset: null, zoneBasis: 'absent', ...base }
  })
}

function* samples(
  values: readonly Value[],
  rest: Omit<Extract<ObservationInput, { shape: 'sample' }>, 'shape' | 'metric' | 'value' | 'unit'>,
): Iterable<ObservationInput> {
  for (const [metric, value, unit] of values) if (value != null) yield { shape: 'sample', metric, value, unit, ...rest }
}

const Minutes = z.array(z.object({ activityLevel: z.string().max(60), activeMinutes: number })).max(20)
const Quantity = <K extends string>(key: K) =>
  z
    .object({ [key]: maybe } as Record<K, typeof maybe>)
    .nullish()
    .catch(null)
const level = lookup<string>({
  LIGHT: 'google-health.light_minutes',
  MODERATE: 'moderate_minutes',
  VIGOROUS: 'vigorous_minutes',
})

/** Minutes by level of activity; a level that is new to us counts for none of ours. */
export function levels(list: readonly { activityLevel: string; minutes: number }[]): Value[] {
  return list.flatMap(({ activityLevel, minutes }) => {
    const metric = level[activityLevel]
    return metric ? [[metric, minutes, 'min'] as const] : []
  })
}
/** Zero where it could not be measured. */
const measured = (value: number | null | undefined): number | null => (value == null || value <= 0 ? null : value)
/** The difference of two temperatures, without the noise of binary fractions. */
const difference = (a: number | null | undefined, b: number | null | undefined): number | null =>
  a == null || b == null ? null : Number((a - b).toPrecision(6))

/** Data types of single values; sleep and exercise are sessions. */
export const readers = lookup<Reader>({
  steps: over({ count: number }, ({ count }) => [['steps', count, '{steps}']]),
  distance: over({ millimeters: number }, (v) => [['distance', v.millimeters, 'mm']]),
  floors: over({ count: number }, ({ count }) => [['floors_climbed', count, '{floors}']]),
  altitude: over({ gainMillimeters: number }, (v) => [['elevation_gained', v.gainMillimeters, 'mm']]),
  'active-energy-burned': over({ kcal: number }, ({ kcal }) => [['energy_active', kcal, 'kcal']]),
  'basal-energy-burned': over({ kcal: number }, ({ kcal }) => [['energy_basal', kcal, 'kcal']]),
  'active-minutes': over({ activeMinutesByActivityLevel: Minutes }, (v) =>
    levels(
      v.activeMinutesByActivityLevel.map(({ activityLevel, activeMinutes }) => ({
        activityLevel,
        minutes: activeMinutes,
      })),
    ),
  ),
  'active-zone-minutes': over({ activeZoneMinutes: number }, (v) => [
    ['google-health.active_zone_minutes', v.activeZoneMinutes, 'min'],
  ]),
  'sedentary-period': over({}, (_, seconds) => [['sedentary_minutes', seconds, 's']]),
  'heart-rate': at({ beatsPerMinute: number }, (v) => [['heart_rate', measured(v.beatsPerMinute), '/min']]),
  'heart-rate-variability': at(
    { rootMeanSquareOfSuccessiveDifferencesMilliseconds: maybe, standardDeviationMilliseconds: maybe },
    (v) => [
      ['hrv_rmssd', measured(v.rootMeanSquareOfSuccessiveDifferencesMilliseconds), 'ms'],
      ['hrv_sdnn', measured(v.standardDeviationMilliseconds), 'ms'],
    ],
  ),
  'oxygen-saturation': at({ percentage: number }, (v) => [['oxygen_saturation', measured(v.percentage), '%']]),
  weight: at({ weightGrams: number }, (v) => [['weight', v.weightGrams, 'g']]),
  'body-fat': at({ percentage: number }, (v) => [['body_fat', v.percentage, '%']]),
  height: at({ heightMillimeters: number }, (v) => [['height', v.heightMillimeters, 'mm']]),
  'blood-glucose': at({ bloodGlucoseMilligramsPerDeciliter: number }, (v) => [
    ['glucose', v.bloodGlucoseMilligramsPerDeciliter, 'mg/dL'],
  ]),
  'core-body-temperature': at({ temperatureCelsius: number }, (v) => [
    ['body_temperature', v.temperatureCelsius, 'Cel'],
  ]),
  'vo2-max': at({ vo2Max: number }, (v) => [['vo2_max', v.vo2Max, 'mL/kg/min']]),
  'run-vo2-max': at({ runVo2Max: number }, (v) => [['google-health.run_vo2_max', v.runVo2Max, 'mL/kg/min']]),
  'hydration-log': over({ amountConsumed: Quantity('milliliters') }, (v) => [
    ['hydration', v.amountConsumed?.milliliters, 'mL'],
  ]),
  'nutrition-log': over(
    {
      energy: Quantity('kcal'),
      totalCarbohydrate: Quantity('grams'),
      nutrients: z
        .array(z.object({ nutrient: z.string().max(60), quantity: Quantity('grams') }))
        .max(200)
        .nullish()
        .catch(null),
    },
    (v) => [
      ['energy_intake', v.energy?.kcal, 'kcal'],
      ['carbohydrate_intake', v.totalCarbohydrate?.grams, 'g'],
      ['caffeine', v.nutrients?.find(({ nutrient }) => nutrient === 'CAFFEINE')?.quantity?.grams, 'g'],
    ],
  ),
  'daily-resting-heart-rate': on({ beatsPerMinute: number }, (v) => [
    ['resting_heart_rate', measured(v.beatsPerMinute), '/min'],
  ]),
  'daily-heart-rate-variability': on(
    {
      averageHeartRateVariabilityMilliseconds: maybe,
      deepSleepRootMeanSquareOfSuccessiveDifferencesMilliseconds: maybe,
      nonRemHeartRateBeatsPerMinute: maybe,
    },
    (v) => [
      ['hrv_rmssd', measured(v.averageHeartRateVariabilityMilliseconds), 'ms'],
      ['google-health.hrv_deep_sleep', measured(v.deepSleepRootMeanSquareOfSuccessiveDifferencesMilliseconds), 'ms'],
      ['google-health.non_rem_heart_rate', measured(v.nonRemHeartRateBeatsPerMinute), '/min'],
    ],
  ),
  'daily-oxygen-saturation': on(
    { averagePercentage: number, lowerBoundPercentage: maybe, upperBoundPercentage: maybe },
    (v) => [
      ['oxygen_saturation', measured(v.averagePercentage), '%'],
      ['google-health.oxygen_saturation_low', measured(v.lowerBoundPercentage), '%'],
      ['google-health.oxygen_saturation_high', measured(v.upperBoundPercentage), '%'],
    ],
  ),
  'daily-respiratory-rate': on({ breathsPerMinute: number }, (v) => [
    ['respiratory_rate', measured(v.breathsPerMinute), '/min'],
  ]),
  'daily-sleep-temperature-derivations': on(
    { nightlyTemperatureCelsius: maybe, baselineTemperatureCelsius: maybe },
    (v) => [
      ['skin_temperature', v.nightlyTemperatureCelsius, 'Cel'],
      ['skin_temperature_deviation', difference(v.nightlyTemperatureCelsius, v.baselineTemperatureCelsius), 'Cel'],
    ],
  ),
  'daily-vo2-max': on({ vo2Max: number }, (v) => [['vo2_max', v.vo2Max, 'mL/kg/min']]),
})
