import { z } from 'zod'

/** Data of Suunto's cloud API, as far as they are read. Unknown fields are left alone; every number may be missing. */
const number = z.number().finite().nullish()
const words = z.string().max(10_000).nullish()
const stamp = z.iso.datetime({ offset: true })
const id = z.union([z.int(), z.string().min(1).max(100)])

const Gear = z.object({ displayName: words, name: words })
const Extension = z.object({
  type: z.string().max(100),
  gear: Gear.nullish(),
  points: z.array(z.unknown()).max(500_000).nullish(),
})
export const Point = z.object({ timestamp: z.int().min(0).max(253_402_300_799_000), value: number })

export const Workout = z.object({
  workoutKey: id,
  activityId: z.int().nullish(),
  startTime: z.number().min(0).max(253_402_300_799_000),
  stopTime: number,
  totalTime: z.number().min(0).max(31_536_000),
  timeOffsetInMinutes: number,
  totalDistance: number,
  energyConsumption: number,
  stepCount: number,
  avgSpeed: number,
  maxSpeed: number,
  avgPower: number,
  maxPower: number,
  totalAscent: number,
  hrdata: z.object({ avg: number, workoutAvgHR: number, hrmax: number, workoutMaxHR: number }).nullish(),
  gear: Gear.nullish(),
  workoutName: words,
  description: words,
  extensions: z.array(z.unknown()).max(1000).nullish(),
})
export { Extension }

/** One entry of the day's data: a time with its offset, and what was measured. */
const entry = <S extends z.ZodRawShape>(shape: S) => z.object({ timestamp: stamp, entryData: z.object(shape) })

export const Sleep = entry({
  SleepId: id,
  BedtimeStart: stamp.nullish(),
  BedtimeEnd: stamp.nullish(),
  Duration: z.number().min(0).max(172_800),
  DeepSleepDuration: number,
  LightSleepDuration: number,
  REMSleepDuration: number,
  WakeAfterSleepOnsetDuration: number,
  IsNap: z.boolean().nullish(),
  HRAvg: number,
  HRMin: number,
  AvgHRV: number,
  SleepQualityScore: number,
})
export const Activity = entry({
  HR: number,
  StepCount: number,
  EnergyConsumption: number,
  SpO2: number,
  HRV: number,
})
export const Recovery = entry({ Balance: number, StressState: number })
export const Statistic = z.object({
  Name: z.string().max(100),
  Aggregation: z.string().max(100).nullish(),
  Sources: z.array(z.object({ Samples: z.array(z.unknown()).max(10_000) })).max(1000),
})
export const StatisticSample = z.object({
  TimeISO8601: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d(T|$)/)
    .max(60),
  Value: z.union([z.number(), z.string().max(40)]).nullish(),
})

export const kinds = ['workouts', 'sleep', 'activity', 'recovery', 'statistics'] as const
export type Kind = (typeof kinds)[number]

/** Items of one kind, as a notification brought them or the API answered. */
export const Payload = z.object({ kind: z.enum(kinds), items: z.array(z.unknown()).max(200_000) })
export type Payload = z.infer<typeof Payload>

/** A notification: everything is in it. */
export const Notification = z.object({
  type: z.string().min(1).max(100),
  username: z.string().min(1).max(200),
  workout: z.record(z.string(), z.unknown()).nullish(),
  gear: z.unknown().optional(),
  samples: z.array(z.unknown()).max(200_000).nullish(),
})
