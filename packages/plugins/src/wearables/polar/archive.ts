import { isoInstant, type ObservationInput } from '@auren/core'
import { z } from 'zod'
import { exportReader, jsonPart, type PartContext } from '../../files/index.js'
import { present } from '../../vendor/items.js'
import { nights, recoveries } from './archive-sleep.js'
import { activityOf } from './sports.js'
import { durationOf, inDay, placed } from './times.js'
import { source, totalsOf } from './totals.js'

const number = z.number().finite().nullish()
const local = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d/)
  .refine((text) => Number.isFinite(isoInstant(`${text.slice(0, 19)}Z`)), { message: 'no time of the calendar' })

/** A training session as it was written until some years ago, and as it is written now. */
const Training = z.object({
  identifier: z.object({ id: z.string().min(1).max(200) }).nullish(),
  modified: z.string().max(60).nullish(),
  startTime: local,
  stopTime: local.nullish(),
  timezoneOffsetMinutes: number,
  timeZoneOffset: number,
  duration: z.string().max(60).nullish(),
  durationMillis: number,
  distance: number,
  distanceMeters: number,
  kiloCalories: number,
  calories: number,
  averageHeartRate: number,
  maximumHeartRate: number,
  hrAvg: number,
  hrMax: number,
  name: z.string().max(2000).nullish(),
  note: z.string().max(9000).nullish(),
  exercises: z
    .array(z.object({ sport: z.union([z.string(), z.object({}).loose()]).nullish() }).loose())
    .max(1000)
    .nullish(),
})

function* training(value: unknown, ctx: PartContext): Iterable<ObservationInput> {
  const parsed = Training.safeParse(value)
  if (!parsed.success) return ctx.reject({ path: ctx.path }, 'schema', 'No training session that can be read.')
  const given = parsed.data
  const { at: start, ...place } = placed(
    given.startTime.slice(0, 23),
    given.timezoneOffsetMinutes ?? given.timeZoneOffset,
    ctx.zoneAt,
  )
  const length = given.durationMillis ?? durationOf(given.duration ?? '')
  const end =
    length === null
      ? placed(
          (given.stopTime ?? given.startTime).slice(0, 23),
          place.zoneBasis === 'carried' ? place.offset : null,
          ctx.zoneAt,
        ).at
      : start + Math.round(length)
  if (end < start) return ctx.reject({ path: ctx.path }, 'order', 'The training session ends before it starts.')
  const sports = new Set((given.exercises ?? []).flatMap(({ sport }) => (typeof sport === 'string' ? [sport] : [])))
  const { activity, word } =
    sports.size > 1 ? { activity: 'other', word: 'MULTISPORT' } : activityOf([...sports][0], null)
  const text = [given.name, given.note].filter(Boolean).join('\n')
  const modified = Date.parse(`${given.modified ?? ''}${/Z|[+-]\d\d:\d\d$/.test(given.modified ?? '') ? '' : 'Z'}`)
  yield {
    shape: 'session',
    kind: 'workout',
    start,
    end,
    activity,
    vendorActivity: word,
    measures: present({
      energy_active: (given.calories ?? given.kiloCalories) || null,
      distance: (given.distanceMeters ?? given.distance) || null,
      heart_rate: (given.hrAvg ?? given.averageHeartRate) || null,
      heart_rate_max: (given.hrMax ?? given.maximumHeartRate) || null,
    }),
    ...(text === '' ? {} : { text }),
    source,
    ...place,
    ...(given.identifier ? { recordId: `training/${given.identifier.id}` } : {}),
    ...(Number.isNaN(modified) ? {} : { version: modified }),
  }
}

const Day = z.object({
  date: z.iso.date(),
  summary: z.object({ stepCount: number, stepsDistance: number, calories: number }).nullish(),
})

/** A day's activity. Its samples are left out: they hold the same steps again. */
function* day(value: unknown, ctx: PartContext): Iterable<ObservationInput> {
  const parsed = Day.safeParse(value)
  if (!parsed.success) return ctx.reject({ path: ctx.path }, 'schema', 'No day of activity that can be read.')
  const { date, summary } = parsed.data
  yield* totalsOf(date, `activity/${date}`, [
    ['steps', summary?.stepCount, '{steps}'],
    ['distance', summary?.stepsDistance, 'm'],
    ['energy_total', summary?.calories, 'kcal'],
  ])
}

const DeviceDays = z.object({
  deviceDays: z
    .array(z.object({ date: z.iso.date(), samples: z.array(z.unknown()).max(100_000).nullish() }).loose())
    .max(10_000),
})
const Beat = z.object({ heartRate: z.number().positive(), secondsFromDayStart: z.number().min(0).max(172_800) })

function* rates(value: unknown, ctx: PartContext): Iterable<ObservationInput> {
  const parsed = DeviceDays.safeParse(value)
  if (!parsed.success) return ctx.reject({ path: ctx.path }, 'schema', 'No heart rates that can be read.')
  for (const { date, samples } of parsed.data.deviceDays) {
    const read = (samples ?? []).flatMap((sample) => {
      const beat = Beat.safeParse(sample)
      if (beat.success) return [beat.data]
      ctx.reject(sample, 'schema', 'A heart rate that cannot be read.')
      return []
    })
    const times = inDay(
      date,
      read.map(({ secondsFromDayStart }) => secondsFromDayStart / 60),
      ctx.zoneAt,
    )
    for (const [i, { heartRate }] of read.entries()) {
      const { at, offset } = times[i] as (typeof times)[number]
      yield {
        shape: 'sample',
        metric: 'heart_rate',
        start: Math.round(at),
        value: heartRate,
        unit: '/min',
        source,
        offset,
        zoneBasis: 'floating',
        recordId: `heart-rate/${date}`,
      }
    }
  }
}

/** The archive that a person asks for at account.polar.com: JSON documents, a kind of file each. */
export const archive = exportReader({
  plugin: 'polar',
  parts: [
    jsonPart({
      path: /(^|\/)training-session[-_][^/]*\.json$/i,
      looks: (head) => /"startTime"/.test(head) && /"(exercises|durationMillis|kiloCalories)"/.test(head),
      read: training,
    }),
    jsonPart({
      path: /(^|\/)activity-\d{4}[^/]*\.json$/i,
      looks: (head) => /"(summary|samples)"/.test(head) && /"exportVersion"/.test(head),
      read: day,
    }),
    jsonPart({
      path: /(^|\/)sleep_result[^/]*\.json$/i,
      looks: (head) => /"sleepResult"/.test(head),
      read: nights,
    }),
    jsonPart({
      path: /(^|\/)nightly_recovery_(?!blob)[^/]*\.json$/i,
      looks: (head) => /"meanNightlyRecovery/.test(head),
      read: recoveries,
    }),
    jsonPart({
      path: /(^|\/)247ohr[^/]*\.json$/i,
      looks: (head) => /"deviceDays"/.test(head),
      read: rates,
    }),
  ],
  ignored: [
    {
      path: /(^|\/)(account-data|account-profile|products-devices|profile-picture|sport-profiles|favourite-targets|programs-|training-target)/i,
      why: 'Settings and plans: nothing measured.',
    },
    { path: /(^|\/)nightly_recovery_blob/i, why: 'Samples without a date: whose night they are of is not told.' },
    {
      path: /(^|\/)(ppi_samples|sleep_score|sleep_wake|fitness-test|orthostatic|calendar-items)/i,
      why: 'Not read yet.',
    },
  ],
})
