import { AurenError, metric, SourceType } from '@auren/core'
import { z } from 'zod'
import { metricMeant, takes, unitsOf } from './near.js'

const column = z.string().min(1).max(200)

/** Name of a metric that a value may be of, and the unit that it is written in. */
const Measure = z
  .strictObject({
    metric: z.string().min(1).max(80),
    /** Default: the catalogue's. */
    unit: z.string().min(1).max(40).optional(),
  })
  .superRefine(({ metric: id, unit }, ctx) => {
    const info = metric(id)
    if (!info || info.shape === 'session' || info.shape === 'stage')
      ctx.addIssue({ code: 'custom', message: `metric '${id}' is not in the catalogue.${metricMeant(id)}` })
    else if (unit !== undefined && !takes(unit, info))
      ctx.addIssue({
        code: 'custom',
        message: `unit '${unit}' is none of ${id}. It can be given in: ${unitsOf(info).join(', ')}.`,
      })
  })
export type Measure = z.infer<typeof Measure>

/** A value of a night or workout may also be a field of it, such as `sleep_deep`. */
const isField = (id: string): boolean => metric(id)?.shape === 'session_field'
const Value = Measure.superRefine(({ metric: id }, ctx) => {
  if (isField(id))
    ctx.addIssue({ code: 'custom', message: `metric '${id}' is a part of a night: put it into "measures" of "sleep".` })
})

/** A column of times, or of clock times beside a column of dates. */
const Time = z.union([column, z.strictObject({ column, date: column.optional() })])
export type Time = z.infer<typeof Time>

const Fixed = z.union([z.strictObject({ column }), z.strictObject({ is: z.string().min(1).max(200) })])

const zoneName = z.string().refine((name) => isZone(name), {
  error: ({ input }) =>
    `'${String(input)}' is no time zone. Write it as Europe/Berlin, or name a column: {"column": "…"}.`,
})

const session = { start: Time, end: Time, measures: z.record(column, Measure).default({}), text: column.optional() }

/** How the columns of a table are to be understood: what a person writes. */
export const Mapping = z
  .strictObject({
    /** Who measured it: a name, or more. */
    source: z
      .union([
        z.string().min(1).max(200),
        z.strictObject({
          name: z.string().min(1).max(200).optional(),
          column: column.optional(),
          type: SourceType.optional(),
        }),
      ])
      .default('csv'),
    /** When it was measured. */
    time: Time.optional(),
    /** Of intervals: when it ended. */
    end: Time.optional(),
    /** In place of `time`: a column of dates, whose values are of the whole day. */
    day: column.optional(),
    format: z.enum(['auto', 'unix', 'unix_ms']).default('auto'),
    /** In which order dates in numbers are written; else it is found over the whole table. */
    order: z.enum(['dmy', 'mdy', 'ymd']).optional(),
    /** Where the clock stood: a zone, or a column of zones or offsets. Else the profile tells. */
    zone: z.union([zoneName, z.strictObject({ column })]).optional(),
    /** The mark before decimals; else each number is understood by itself. */
    decimal: z.enum([',', '.']).optional(),
    delimiter: z.enum([',', ';', '\t', '|']).optional(),
    /** What stands where nothing was measured, besides nothing, `-`, `NA`, `null` and the like. */
    missing: z.array(z.string().max(40)).max(20).default([]),
    /** A column that names the record: the same name again is a correction. */
    record: column.optional(),
    /** A column of times of modification, or of numbers that grow: the largest holds. */
    version: column.optional(),
    /** Wide tables: column → what is in it. */
    columns: z.record(column, Value).default({}),
    /** Long tables: one column names what is measured, another has the value. */
    long: z
      .strictObject({
        name: column,
        value: column,
        unit: column.optional(),
        metrics: z.record(z.string().max(200), Value),
      })
      .optional(),
    sleep: z.strictObject({ ...session, nap: column.optional() }).optional(),
    workout: z.strictObject({ ...session, activity: Fixed.optional() }).optional(),
    /** Column → the tag that stands where something is in it. Numbers are kept as its value, words as its text. */
    tags: z.record(column, z.strictObject({ tag: z.string().regex(/^[a-z][a-z0-9_]{0,119}$/) })).default({}),
  })
  .superRefine((mapping, ctx) => {
    const { columns, long, sleep, workout, tags, time, day, end } = mapping
    const issue = (path: string[], message: string): void => ctx.addIssue({ code: 'custom', path, message })
    const values = Object.keys(columns).length > 0 || long !== undefined || Object.keys(tags).length > 0
    if (!values && !sleep && !workout)
      issue([], 'nothing is mapped: name "columns", "long", "sleep", "workout" or "tags".')
    if (time && day) issue(['day'], '"time" and "day" exclude each other.')
    const begins = sleep ?? workout
    if (values && !time && !day && !begins)
      issue(['time'], 'name the column of times as "time", or that of dates as "day".')
    if (end && !time) issue(['end'], '"end" needs "time".')
  })
export type Mapping = z.infer<typeof Mapping>

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** Reads a mapping. @throws AurenError AUREN_INPUT_INVALID that names what is wrong, and what is possible */
export function readMapping(given: unknown): Mapping {
  const parsed = Mapping.safeParse(given)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues
    .slice(0, 10)
    .map((issue) => ({ path: issue.path.join('.'), message: wordsOf(issue) }))
  throw new AurenError(
    'AUREN_INPUT_INVALID',
    `The mapping is not right. ${issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join(' ')}`,
    { plugin: 'csv', issues },
  )
}

const keys = Object.keys(Mapping.shape)

function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'unrecognized_keys') return issue.message
  const possible = issue.path.length === 0 ? ` There are: ${keys.join(', ')}.` : ''
  return `there is no key ${issue.keys.map((key) => `'${key}'`).join(', ')}.${possible}`
}

/** All columns that a mapping names. */
export function columnsOf(mapping: Mapping): string[] {
  const { time, end, day, zone, record, version, columns, long, sleep, workout, tags, source } = mapping
  const ofTime = (at: Time | undefined): (string | undefined)[] =>
    at === undefined ? [] : typeof at === 'string' ? [at] : [at.column, at.date]
  const ofSession = (of: typeof sleep | typeof workout): (string | undefined)[] =>
    of ? [...ofTime(of.start), ...ofTime(of.end), ...Object.keys(of.measures), of.text] : []
  const all = [
    ...ofTime(time),
    ...ofTime(end),
    day,
    typeof zone === 'object' ? zone.column : undefined,
    typeof source === 'object' ? source.column : undefined,
    record,
    version,
    ...Object.keys(columns),
    ...(long ? [long.name, long.value, long.unit] : []),
    ...ofSession(sleep),
    sleep?.nap,
    ...ofSession(workout),
    workout?.activity && 'column' in workout.activity ? workout.activity.column : undefined,
    ...Object.keys(tags),
  ]
  return [...new Set(all.filter((name) => name !== undefined))]
}

/** Columns of dates, from which the order of day and month is found. */
export function dateColumnsOf({ time, end, day, sleep, workout }: Mapping): string[] {
  const times = [time, end, sleep?.start, sleep?.end, workout?.start, workout?.end]
  return [...times.map((at) => (typeof at === 'object' ? (at.date ?? at.column) : at)), day].filter(
    (name) => name !== undefined,
  )
}
