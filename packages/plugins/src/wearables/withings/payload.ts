import { AurenError } from '@auren/core'
import { z } from 'zod'

/**
 * Answers of Withings' API (`measure`, `v2/measure`, `v2/sleep`) as far as they are read. Unknown fields are left alone.
 * Shapes held to recorded answers (python-withings) and the older ones of Shimmer's fixtures.
 */
const seconds = z.int().min(0).max(253_402_300_799)
const id = z.union([z.int(), z.string().min(1).max(100)])
const number = z.number().nullish()
const text = z.string().nullish()
/** A model comes as its name, its number, or both. */
const model = z.union([z.string(), z.number()]).nullish()

/** One value: `value × 10^unit`. */
export const Measure = z.object({
  value: z.number(),
  type: z.int(),
  unit: z.int().min(-20).max(20),
  position: z.int().nullish(),
})

export const MeasureGroup = z.object({
  grpid: id,
  attrib: z.int().nullish(),
  date: seconds,
  created: seconds.nullish(),
  modified: seconds.nullish(),
  category: z.int().nullish(),
  measures: z.array(z.unknown()).max(1000),
  modelid: z.int().nullish(),
  model,
  timezone: text,
})
export type MeasureGroup = z.infer<typeof MeasureGroup>

export const ActivityDay = z.object({
  date: z.iso.date(),
  timezone: text,
  modified: seconds.nullish(),
  modelid: z.int().nullish(),
  model,
  steps: number,
  distance: number,
  elevation: number,
  moderate: number,
  intense: number,
  active: number,
  calories: number,
  totalcalories: number,
})
export type ActivityDay = z.infer<typeof ActivityDay>

export const Workout = z.object({
  id: id.nullish(),
  category: z.int().nullish(),
  timezone: text,
  model,
  attrib: z.int().nullish(),
  startdate: seconds,
  enddate: seconds,
  data: z.record(z.string().max(60), z.unknown()).nullish(),
  modified: seconds.nullish(),
})
export type Workout = z.infer<typeof Workout>

/** A run of one state of sleep; series by Unix second of what was measured in it. */
export const SleepState = z.object({
  startdate: seconds,
  enddate: seconds,
  state: z.int().nullish(),
  hash_deviceid: text,
  hr: z.record(z.string().max(20), z.unknown()).nullish(),
  rr: z.record(z.string().max(20), z.unknown()).nullish(),
  sdnn_1: z.record(z.string().max(20), z.unknown()).nullish(),
  rmssd: z.record(z.string().max(20), z.unknown()).nullish(),
})
export type SleepState = z.infer<typeof SleepState>

/** A night: its summary, with the states that were fetched for it where it is recent. */
export const Night = z.object({
  id: id.nullish(),
  timezone: text,
  model,
  model_id: z.int().nullish(),
  hash_deviceid: text,
  startdate: seconds,
  enddate: seconds,
  modified: seconds.nullish(),
  data: z.record(z.string().max(60), z.unknown()).nullish(),
  states: z.array(z.unknown()).max(10_000).nullish(),
})
export type Night = z.infer<typeof Night>

/** What was done within a short time of the day. */
export const Intraday = z.object({
  start: seconds,
  duration: z.number().nonnegative().max(86_400).nullish(),
  steps: number,
  distance: number,
  elevation: number,
  calories: number,
  heart_rate: number,
  spo2_auto: number,
  model,
  model_id: z.int().nullish(),
})
export type Intraday = z.infer<typeof Intraday>

/** What is fetched, with the schema of one item. */
export const resources = {
  measures: MeasureGroup,
  activity: ActivityDay,
  workouts: Workout,
  sleep: Night,
  intraday: Intraday,
} as const
export type Resource = keyof typeof resources

/** Items of one resource as they were fetched, and records that Withings no longer has. */
export const Payload = z.object({
  resource: z.enum(Object.keys(resources) as [Resource, ...Resource[]]),
  items: z.array(z.unknown()).max(100_000),
  /** Of the whole answer, where the items carry none. */
  timezone: z.string().max(80).nullish(),
  missing: z.array(z.string().min(1).max(120)).max(10_000).optional(),
})
export type Payload = z.infer<typeof Payload>

const digits = /^\d{1,12}$/
/** Who and what must be plain; of the rest only what can be read is taken: all of it is asked for again anyway. */
const Form = z.object({
  userid: z.string().regex(/^\d{1,20}$/),
  appli: z
    .string()
    .regex(/^\d{1,4}$/)
    .transform(Number),
  startdate: z.string().regex(digits).transform(Number).optional().catch(undefined),
  enddate: z.string().regex(digits).transform(Number).optional().catch(undefined),
  action: z.enum(['delete', 'unlink', 'update']).optional().catch(undefined),
})
/** A notification: who, and what is new. */
export type Notification = z.infer<typeof Form>

/** Reads the form that Withings posts; null where it is none. */
export function readNotification(body: unknown): Notification | null {
  const parsed = Form.safeParse(body)
  return parsed.success ? parsed.data : null
}

const byAppli: Readonly<Record<number, readonly Resource[]>> = {
  1: ['measures'],
  2: ['measures'],
  4: ['measures'],
  54: ['measures'],
  58: ['measures'],
  16: ['activity', 'workouts', 'intraday'],
  44: ['sleep'],
}

/** What a kind of notification (`appli`) is about; nothing where it is not read here. */
export function resourcesOf(appli: number): readonly Resource[] {
  return byAppli[appli] ?? []
}

/** Kinds of notifications that are asked for: weight, temperature, blood pressure, activity, sleep, the person's account. */
export const applis = [1, 2, 4, 16, 44, 46] as const

const Owner = z.object({ userid: z.union([z.int().min(1), z.string().regex(/^\d{1,20}$/)]) })

/** Whose a token is: the token endpoint says so. @throws AurenError AUREN_VENDOR_FAILED */
export function accountOf(answer: unknown): string {
  const wrapped = z.object({ body: z.unknown() }).safeParse(answer)
  const owner = Owner.safeParse(wrapped.success && wrapped.data.body !== undefined ? wrapped.data.body : answer)
  if (!owner.success)
    throw new AurenError('AUREN_VENDOR_FAILED', 'Withings did not say whose token this is.', { plugin: 'withings' })
  return String(owner.data.userid)
}
