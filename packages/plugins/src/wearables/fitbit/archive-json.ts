import type { ObservationInput } from '@auren/core'
import { z } from 'zod'
import { jsonPart, type Part, type PartContext } from '../../files/index.js'
import { archiveClock, hasDay } from './archive-clock.js'
import { bodyLogs } from './body.js'
import { readAmerican, readDate, utc } from './clock.js'
import { daily, sedentary, some } from './days.js'
import { inOrder } from './intraday.js'
import { maybe, number } from './payload.js'
import { Sleep, sleep } from './sleep.js'
import { tracker } from './sources.js'
import { Workout, workout } from './workouts.js'

const MINUTE = 60_000
const Entry = z.object({ dateTime: z.string().max(60), value: z.unknown() })

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}

/** A minute's sums. In which clock they are depends on the kind: that has been compared with the same in UTC. */
function minutes(name: string, metric: string, unit: string, clock: 'utc' | 'local'): Part {
  return jsonPart({
    path: new RegExp(`(^|/)${name}-\\d{4}-\\d\\d-\\d\\d\\.json$`, 'i'),
    *read(value, ctx) {
      const there = archiveClock(ctx)
      const order = inOrder(there)
      let elsewhere = 0
      for (const item of list(value)) {
        const entry = Entry.safeParse(item)
        const time = entry.success ? readAmerican(entry.data.dateTime) : null
        const amount = number.safeParse(entry.data?.value)
        if (!time || !amount.success) {
          ctx.reject(item, 'schema', `${name}: an entry without a time or a value`)
          continue
        }
        const placed = clock === 'utc' ? { at: utc(time), ...there.at(utc(time)) } : order(time)
        if (hasDay(ctx, name, placed.at)) elsewhere++
        else if (amount.data > 0) {
          const { at: start, ...zone } = placed
          const base = { shape: 'sample', source: tracker } as const
          yield { ...base, metric, start, end: start + MINUTE, value: amount.data, unit, ...zone }
        }
      }
      yield* sameElsewhere(ctx, name, elsewhere)
    },
  })
}

// biome-ignore lint/correctness/useYield: it only tells why nothing is yielded
function* sameElsewhere(ctx: PartContext, name: string, count: number): Iterable<ObservationInput> {
  if (count > 0)
    ctx.reject({ count }, 'same_elsewhere', `${name}: ${count} values of days that are read from the tables by source`)
}

/** Values of days, by the person's own date; days that have not been yet are placeholders. */
function days(
  name: string,
  fields: z.ZodType,
  values: (value: never) => Parameters<typeof daily>[2],
  dated: (value: never) => string | null = () => null,
): Part {
  return jsonPart({
    path: new RegExp(`(^|/)${name}-\\d{4}-\\d\\d-\\d\\d\\.json$`, 'i'),
    *read(value, ctx) {
      const tomorrow = new Date(ctx.receivedAt + 86_400_000).toISOString().slice(0, 10)
      for (const item of list(value)) {
        const entry = Entry.safeParse(item)
        const parsed = fields.safeParse(entry.data?.value)
        const written = entry.success ? readDate(entry.data.dateTime) : null
        if (!entry.success || !parsed.success || written === null) {
          ctx.reject(item, 'schema', `${name}: a day without a date or a value`)
          continue
        }
        const date = dated(parsed.data as never) ?? written
        if (date <= tomorrow) yield* daily(date, null, values(parsed.data as never))
      }
    },
  })
}

const Resting = z.object({ date: z.string().max(20).nullish(), value: maybe })

/** JSON of `Global Export Data` (of `Physical Activity` and `Sleep` in the older archives). */
export const jsonParts: readonly Part[] = [
  jsonPart({
    path: /(^|\/)sleep-\d{4}-\d\d-\d\d\.json$/i,
    looks: (head) => /"dateOfSleep"/.test(head) && /"logId"/.test(head),
    *read(value, ctx) {
      const clock = archiveClock(ctx)
      const isAnswer = z.object({ sleep: z.array(z.unknown()) }).safeParse(value)
      for (const item of isAnswer.success ? isAnswer.data.sleep : list(value)) {
        const parsed = Sleep.safeParse(item)
        if (parsed.success) yield* sleep(parsed.data, clock, ctx)
        else ctx.reject(item, 'schema', 'sleep: a night without an id, a start or a duration')
      }
    },
  }),
  jsonPart({
    path: /(^|\/)exercise-\d+\.json$/i,
    looks: (head) => /"activityTypeId"/.test(head) && /"logId"/.test(head),
    *read(value, ctx) {
      const clock = archiveClock(ctx)
      const unit = z.object({ distanceUnit: z.string() }).safeParse(ctx.shared).data?.distanceUnit ?? null
      for (const item of list(value)) {
        const parsed = Workout.safeParse(item)
        if (parsed.success) yield* workout(parsed.data, clock, unit, ctx)
        else ctx.reject(item, 'schema', 'exercise: a log without an id, a start or a duration')
      }
    },
  }),
  jsonPart({
    path: /(^|\/)heart_rate-\d{4}-\d\d-\d\d\.json$/i,
    looks: (head) => /"bpm"\s*:/.test(head) && /"dateTime"/.test(head),
    *read(value, ctx) {
      const clock = archiveClock(ctx)
      const Beats = z.object({ bpm: number })
      let elsewhere = 0
      for (const item of list(value)) {
        const entry = Entry.safeParse(item)
        const time = entry.success ? readAmerican(entry.data.dateTime) : null
        const beats = Beats.safeParse(entry.data?.value)
        if (!time || !beats.success) {
          ctx.reject(item, 'schema', 'heart_rate: an entry without a time or a value')
          continue
        }
        const start = utc(time)
        if (hasDay(ctx, 'heart_rate', start)) elsewhere++
        else if (beats.data.bpm > 0)
          yield {
            shape: 'sample',
            metric: 'heart_rate',
            start,
            value: beats.data.bpm,
            unit: '/min',
            source: tracker,
            ...clock.at(start),
          }
      }
      yield* sameElsewhere(ctx, 'heart_rate', elsewhere)
    },
  }),
  jsonPart({
    path: /(^|\/)weight-\d{4}-\d\d-\d\d\.json$/i,
    looks: (head) => /"bmi"/.test(head) && /"weight"/.test(head) && /"logId"/.test(head),
    read: (value, ctx) => bodyLogs(list(value), 'weight', 'lb', archiveClock(ctx), ctx),
  }),
  minutes('steps', 'steps', '{steps}', 'utc'),
  minutes('distance', 'distance', 'cm', 'utc'),
  minutes('calories', 'energy_total', 'kcal', 'local'),
  days('sedentary_minutes', number, (value: number) => [['sedentary_minutes', sedentary(value), 'min']]),
  days('lightly_active_minutes', number, (value: number) => [['fitbit.light_minutes', some(value), 'min']]),
  days('moderately_active_minutes', number, (value: number) => [['moderate_minutes', some(value), 'min']]),
  days('very_active_minutes', number, (value: number) => [['vigorous_minutes', some(value), 'min']]),
  days(
    'resting_heart_rate',
    Resting,
    ({ date, value }: z.infer<typeof Resting>) => [['resting_heart_rate', date ? some(value) : null, '/min']],
    ({ date }: z.infer<typeof Resting>) => (date ? readDate(date) : null),
  ),
  days(
    'demographic_vo2_max',
    z.object({ demographicVO2Max: maybe, filteredDemographicVO2Max: maybe }),
    (v: { demographicVO2Max: number | null; filteredDemographicVO2Max: number | null }) => [
      ['vo2_max', some(v.filteredDemographicVO2Max ?? v.demographicVO2Max), 'mL/kg/min'],
    ],
  ),
  days(
    'run_vo2_max',
    z.object({ runVO2Max: maybe, filteredRunVO2Max: maybe }),
    (v: { runVO2Max: number | null; filteredRunVO2Max: number | null }) => [
      ['fitbit.run_vo2_max', some(v.filteredRunVO2Max ?? v.runVO2Max), 'mL/kg/min'],
    ],
  ),
]
