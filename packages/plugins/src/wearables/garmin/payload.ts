import { z } from 'zod'

/**
 * Summaries of Garmin's Health and Activity API, as far as they are read. Unknown fields are left alone. Times are Unix
 * seconds in UTC; the offset of the clock that the person saw stands beside them, under four names.
 */
const seconds = z.number().min(0).max(253_402_300_799)
const number = z.number().finite().nullish()
const words = z.string().max(10_000).nullish()
/** A list whose broken parts are set aside one by one when they are read. */
const list = z.array(z.unknown()).max(200_000).nullish()
/** Values by seconds since the start, written as text. */
const series = z.record(z.string().max(40), z.unknown()).nullish()

const base = {
  summaryId: z.string().min(1).max(200).nullish(),
  startTimeInSeconds: seconds,
  startTimeOffsetInSeconds: number,
  durationInSeconds: number,
  calendarDate: z.iso.date().nullish(),
}

export const Daily = z.object({
  ...base,
  steps: number,
  distanceInMeters: number,
  activeKilocalories: number,
  bmrKilocalories: number,
  consumedCalories: number,
  activeTimeInSeconds: number,
  moderateIntensityDurationInSeconds: number,
  vigorousIntensityDurationInSeconds: number,
  floorsClimbed: number,
  restingHeartRateInBeatsPerMinute: number,
  timeOffsetHeartRateSamples: series,
  averageStressLevel: number,
  // So written in the wild, too.
  averageStresslevel: number,
  maxStressLevel: number,
  stressDurationInSeconds: number,
  restStressDurationInSeconds: number,
  activityStressDurationInSeconds: number,
  lowStressDurationInSeconds: number,
  mediumStressDurationInSeconds: number,
  highStressDurationInSeconds: number,
  bodyBatteryChargedValue: number,
  bodyBatteryDrainedValue: number,
})

export const Epoch = z.object({
  ...base,
  durationInSeconds: z.number().positive().max(86_400),
  activityType: z.string().max(200).nullish(),
  steps: number,
  distanceInMeters: number,
  activeKilocalories: number,
  activeTimeInSeconds: number,
  met: number,
})

export const Span = z.object({ startTimeInSeconds: seconds, endTimeInSeconds: seconds })

export const Sleep = z.object({
  ...base,
  unmeasurableSleepInSeconds: number,
  unmeasurableSleepDurationInSeconds: number,
  deepSleepDurationInSeconds: number,
  lightSleepDurationInSeconds: number,
  remSleepInSeconds: number,
  awakeDurationInSeconds: number,
  sleepLevelsMap: z.record(z.string().max(60), z.array(Span).max(5000)).nullish(),
  validation: z.string().max(60).nullish(),
  timeOffsetSleepRespiration: series,
  timeOffsetSleepSpo2: series,
  overallSleepScore: z.object({ value: number }).nullish(),
  naps: list,
})
export const Nap = z.object({
  napDurationInSeconds: z.number().positive().max(86_400),
  napStartTimeInSeconds: seconds,
  napOffsetInSeconds: number,
  napValidation: z.string().max(60).nullish(),
})

const measured = {
  summaryId: base.summaryId,
  measurementTimeInSeconds: seconds,
  measurementTimeOffsetInSeconds: number,
}
export const BodyComposition = z.object({
  ...measured,
  weightInGrams: number,
  muscleMassInGrams: number,
  boneMassInGrams: number,
  bodyWaterInPercent: number,
  bodyFatInPercent: number,
  bodyMassIndex: number,
})
export const BloodPressure = z.object({
  ...measured,
  systolic: number,
  diastolic: number,
  pulse: number,
  sourceType: z.string().max(60).nullish(),
})

export const Stress = z.object({ ...base, timeOffsetStressLevelValues: series, timeOffsetBodyBatteryValues: series })
export const PulseOx = z.object({ ...base, timeOffsetSpo2Values: series, onDemand: z.boolean().nullish() })
export const Respiration = z.object({ ...base, timeOffsetEpochToBreaths: series })
export const Hrv = z.object({ ...base, lastNightAvg: number, lastNight5MinHigh: number, hrvValues: series })
export const SkinTemperature = z.object({ ...base, avgDeviationCelsius: number })
export const HealthSnapshot = z.object({ ...base, offsetStartTimeInSeconds: number, summaries: list })
export const SnapshotPart = z.object({ summaryType: z.string().max(60), avgValue: number, epochSummaries: series })

/** Of a calendar date only. */
export const UserMetrics = z.object({
  summaryId: base.summaryId,
  calendarDate: z.iso.date(),
  vo2Max: number,
  vo2MaxCycling: number,
  fitnessAge: number,
})

const activity = {
  ...base,
  activityId: z.union([z.int().min(0), z.string().min(1).max(100)]).nullish(),
  durationInSeconds: z.number().min(0).max(31_536_000),
  activityType: z.string().max(200).nullish(),
  activityName: words,
  deviceName: z.string().max(2000).nullish(),
  manual: z.boolean().nullish(),
  distanceInMeters: number,
  activeKilocalories: number,
  steps: number,
  averageHeartRateInBeatsPerMinute: number,
  maxHeartRateInBeatsPerMinute: number,
  averageSpeedInMetersPerSecond: number,
  maxSpeedInMetersPerSecond: number,
  averageRunCadenceInStepsPerMinute: number,
  averageBikeCadenceInRoundsPerMinute: number,
  totalElevationGainInMeters: number,
}
export const Activity = z.object(activity)
/** The same activity once more, with what was measured along it. */
export const ActivityDetails = z.object({
  summaryId: base.summaryId,
  activityId: activity.activityId,
  summary: Activity,
  samples: list,
  laps: list,
})
export const ActivitySample = z.object({
  startTimeInSeconds: seconds,
  heartRate: number,
  speedMetersPerSecond: number,
  powerInWatts: number,
  bikeCadenceInRPM: number,
})
export const ActivityLap = z.object({ startTimeInSeconds: seconds })
export const MoveIq = z.object({
  ...base,
  durationInSeconds: activity.durationInSeconds,
  offsetInSeconds: number,
  activityType: z.string().max(200).nullish(),
  activitySubType: z.string().max(200).nullish(),
})

/** What was pushed about one person, or what the address in a notification answered: summaries by their type. */
export const Payload = z.object({
  userId: z.string().min(1).max(200),
  summaries: z.record(z.string().min(1).max(60), z.array(z.unknown()).max(100_000)),
})
export type Payload = z.infer<typeof Payload>

/** An entry that asks to be fetched, and one whose person lets Garmin send something else from now on. */
export const Ping = z.object({ callbackURL: z.string().min(1).max(4000) })
export const Permissions = z.object({ permissions: z.array(z.string().max(100)).max(100) })
export const Named = z.object({ userId: z.string().min(1).max(200) })
