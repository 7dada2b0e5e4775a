import type { NormalizeContext, ObservationInput, Source } from '@auren/core'
import type { z } from 'zod'
import { lookup } from '../../vendor/lookup.js'
import { daily, type Frame, given, type Item, itemOf, type Revision, sample, series } from './make.js'
import {
  type BloodPressure,
  type BodyComposition,
  type HealthSnapshot,
  type Hrv,
  type PulseOx,
  type Respiration,
  type SkinTemperature,
  SnapshotPart,
  type Stress,
} from './payload.js'

type Summary = {
  startTimeInSeconds: number
  startTimeOffsetInSeconds?: number | null | undefined
  durationInSeconds?: number | null | undefined
}

/** A summary of a stretch of time: the longer one of the same start holds. */
function stretch(type: string, id: string, summary: Summary): Frame {
  return {
    recordId: `${type}/${id}`,
    version: summary.durationInSeconds ?? 0,
    startTimeInSeconds: summary.startTimeInSeconds,
    offsetInSeconds: summary.startTimeOffsetInSeconds,
    durationInSeconds: summary.durationInSeconds,
  }
}

function revision(frame: Frame, ctx: NormalizeContext, read: (item: Item) => Iterable<ObservationInput>): Revision[] {
  const { recordId, version } = frame
  return [{ recordId, version, observations: () => read(itemOf(frame, ctx)) }]
}

/** Stress every three minutes, and the Body Battery. */
export function stress(summary: z.infer<typeof Stress>, id: string, ctx: NormalizeContext): Revision[] {
  return revision(stretch('stressDetails', id, summary), ctx, function* (item) {
    yield* series(item, summary.timeOffsetStressLevelValues, 'garmin.stress_score', '{score}')
    yield* series(item, summary.timeOffsetBodyBatteryValues, 'garmin.body_battery', '{score}')
  })
}

/** Oxygen in the blood, on demand or over the day: two summaries, of which neither replaces the other. */
export function pulseOx(summary: z.infer<typeof PulseOx>, id: string, ctx: NormalizeContext): Revision[] {
  return revision(stretch('pulseox', id, summary), ctx, (item) =>
    series(item, summary.timeOffsetSpo2Values, 'oxygen_saturation', '%'),
  )
}

/** Breathing, minute by minute. */
export function respiration(summary: z.infer<typeof Respiration>, id: string, ctx: NormalizeContext): Revision[] {
  return revision(stretch('allDayRespiration', id, summary), ctx, (item) =>
    series(item, summary.timeOffsetEpochToBreaths, 'respiratory_rate', '/min'),
  )
}

/** RMSSD of the night, in windows of five minutes. */
export function hrv(summary: z.infer<typeof Hrv>, id: string, ctx: NormalizeContext): Revision[] {
  return revision(stretch('hrv', id, summary), ctx, function* (item) {
    yield* series(item, summary.hrvValues, 'hrv_rmssd', 'ms')
    if (!summary.calendarDate) return
    yield* daily(item, summary.calendarDate, 'garmin.hrv_last_night_average', summary.lastNightAvg, 'ms')
    yield* daily(item, summary.calendarDate, 'garmin.hrv_last_night_high', summary.lastNight5MinHigh, 'ms')
  })
}

/** How much warmer than usual the skin was in the night. */
export function skinTemperature(
  summary: z.infer<typeof SkinTemperature>,
  id: string,
  ctx: NormalizeContext,
): Revision[] {
  const { calendarDate: date } = summary
  if (!date) {
    ctx.reject(summary, 'schema', 'skinTemp: no date')
    return []
  }
  return revision(stretch('skinTemp', id, summary), ctx, (item) =>
    daily(item, date, 'skin_temperature_deviation', summary.avgDeviationCelsius, 'Cel'),
  )
}

const scale: Source = { name: 'Garmin Index', type: 'scale' }

/** A weighing. With its weight alone it was typed in, or weighed by a scale that knows no more. */
export function bodyComposition(
  summary: z.infer<typeof BodyComposition>,
  id: string,
  ctx: NormalizeContext,
): Revision[] {
  const more = summary.bodyFatInPercent ?? summary.bodyWaterInPercent ?? summary.muscleMassInGrams
  const frame: Frame = {
    recordId: `bodyComps/${id}`,
    version: 0,
    startTimeInSeconds: summary.measurementTimeInSeconds,
    offsetInSeconds: summary.measurementTimeOffsetInSeconds,
    source: more == null ? { name: 'Garmin', type: 'unknown' } : scale,
  }
  return revision(frame, ctx, function* (item) {
    yield* given(item, item.start, 'weight', summary.weightInGrams, 'g')
    yield* given(item, item.start, 'muscle_mass', summary.muscleMassInGrams, 'g')
    yield* given(item, item.start, 'bone_mass', summary.boneMassInGrams, 'g')
    yield* given(item, item.start, 'body_water', summary.bodyWaterInPercent, '%')
    yield* given(item, item.start, 'body_fat', summary.bodyFatInPercent, '%')
    yield* given(item, item.start, 'bmi', summary.bodyMassIndex, 'kg/m2')
  })
}

/** A reading of a cuff, or one that was typed in. */
export function bloodPressure(summary: z.infer<typeof BloodPressure>, id: string, ctx: NormalizeContext): Revision[] {
  const manual = summary.sourceType?.toUpperCase() === 'MANUAL'
  const frame: Frame = {
    recordId: `bloodPressures/${id}`,
    version: 0,
    startTimeInSeconds: summary.measurementTimeInSeconds,
    offsetInSeconds: summary.measurementTimeOffsetInSeconds,
    source: { name: 'Garmin', type: manual ? 'manual' : 'cuff' },
    manual,
  }
  return revision(frame, ctx, function* (item) {
    yield* given(item, item.start, 'blood_pressure_systolic', summary.systolic, 'mm[Hg]')
    yield* given(item, item.start, 'blood_pressure_diastolic', summary.diastolic, 'mm[Hg]')
    yield* given(item, item.start, 'heart_rate', summary.pulse, '/min')
  })
}

/** Parts of a snapshot by Garmin's names; SDRR counts beats that SDNN leaves out, so it is not called that. */
const parts = lookup<readonly [metric: string, unit: string]>({
  heart_rate: ['heart_rate', '/min'],
  respiration: ['respiratory_rate', '/min'],
  stress: ['garmin.stress_score', '{score}'],
  spo2: ['oxygen_saturation', '%'],
  rmssd_hrv: ['hrv_rmssd', 'ms'],
  sdrr_hrv: ['garmin.hrv_sdrr', 'ms'],
})

/** Two minutes of rest, second by second. */
export function healthSnapshot(summary: z.infer<typeof HealthSnapshot>, id: string, ctx: NormalizeContext): Revision[] {
  const frame = stretch('healthSnapshot', id, {
    ...summary,
    startTimeOffsetInSeconds: summary.startTimeOffsetInSeconds ?? summary.offsetStartTimeInSeconds,
  })
  return revision(frame, ctx, function* (item) {
    for (const listed of summary.summaries ?? []) {
      const read = SnapshotPart.safeParse(listed)
      const part = read.success && parts[read.data.summaryType]
      if (!read.success || !part) {
        ctx.reject(listed, read.success ? 'unknown_code' : 'schema', 'healthSnapshot: a part that is not known')
        continue
      }
      const [metric, unit] = part
      const { epochSummaries, avgValue } = read.data
      if (epochSummaries && Object.keys(epochSummaries).length > 0) yield* series(item, epochSummaries, metric, unit)
      else if (avgValue != null && avgValue >= 0) yield sample(item, item.start, metric, avgValue, unit, item.end)
    }
  })
}
