import { z } from 'zod'

const list = z.array(z.unknown()).max(100_000).nullish()

/** What the app posts and exports: a list for each kind of data. Items are looked at one by one: one bad one spoils no other. */
export const Payload = z.object({
  data: z.looseObject({
    metrics: list,
    workouts: list,
    symptoms: list,
    stateOfMind: list,
    cycleTracking: list,
    medications: list,
    ecg: list,
    heartRateNotifications: list,
  }),
})
export type Payload = z.infer<typeof Payload>

const text = z.string().max(1000)
const number = z.number().nullish()
const stamp = z.string().max(60)

/** A metric with its points; `data` is null where there are none. */
export const Metric = z.object({
  name: z.string().min(1).max(200),
  units: z.string().max(100).nullish(),
  data: z.array(z.unknown()).max(500_000).nullish(),
})
export type Metric = z.infer<typeof Metric>

/** A point of a metric. A raw one may say when it ends; a summarised one only when its minute, hour or day begins. */
export const Point = z.object({
  date: stamp.nullish(),
  start: stamp.nullish(),
  end: stamp.nullish(),
  startDate: stamp.nullish(),
  endDate: stamp.nullish(),
  qty: number,
  Min: number,
  Avg: number,
  Max: number,
  systolic: number,
  diastolic: number,
  source: text.nullish(),
})
export type Point = z.infer<typeof Point>

/** A night summed up; amounts in the metric's unit, hours as a rule. */
export const Night = z.object({
  date: stamp.nullish(),
  totalSleep: number,
  asleep: number,
  core: number,
  deep: number,
  rem: number,
  awake: number,
  inBed: number,
  sleepStart: stamp.nullish(),
  sleepEnd: stamp.nullish(),
  inBedStart: stamp.nullish(),
  inBedEnd: stamp.nullish(),
  source: text.nullish(),
  sleepSource: text.nullish(),
})
export type Night = z.infer<typeof Night>

/** A stretch of one stage. */
export const Stretch = z.object({
  startDate: stamp,
  endDate: stamp,
  value: text,
  source: text.nullish(),
})

/** A number with its unit. */
export const Quantity = z.object({ qty: z.number(), units: z.string().max(100).nullish() })

/** A workout of either version. What of it is a quantity is looked at one by one. */
export const Workout = z.looseObject({
  id: z.string().min(1).max(200).nullish(),
  name: z.string().max(300),
  start: stamp,
  end: stamp,
  location: text.nullish(),
  isIndoor: z.boolean().nullish(),
  heartRateData: list,
  heartRateRecovery: list,
})
export type Workout = z.infer<typeof Workout>

/** What a person notes, or the watch tells: a time, and words. */
export const Event = z.looseObject({
  id: z.string().min(1).max(200).nullish(),
  start: stamp.nullish(),
  date: stamp.nullish(),
  end: stamp.nullish(),
  name: text.nullish(),
  value: z.union([text, z.number()]).nullish(),
  severity: text.nullish(),
  source: text.nullish(),
  userEntered: z.boolean().nullish(),
  kind: text.nullish(),
  valence: number,
  labels: list,
  associations: list,
  displayText: text.nullish(),
  status: text.nullish(),
  dosage: number,
  classification: text.nullish(),
  averageHeartRate: number,
  threshold: number,
  heartRate: list,
})
export type Event = z.infer<typeof Event>
