import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DayRow, StoredSession } from '../../packages/core/src/memory/ports.js'
import type { MemoryLongTermContent } from '../../packages/core/src/testing/memory-long-term.js'

/** One line of a table, by column. */
export type Line = Readonly<Record<string, string>>

/** A question of the set with the answer that it expects. */
export interface PhiaQuestion {
  question: string
  label: string
  /** What is meant, in pandas. */
  code: string
}

/** One synthetic person: two tables and their questions. */
export interface PhiaPerson {
  user: string
  daily: readonly Line[]
  exercise: readonly Line[]
  questions: readonly PhiaQuestion[]
  /** The last day of the daily table. */
  today: string
  /**
   * The last day of the exercise table: questions about exercise of any kind count back from it. The set's notes say
   * otherwise; its labels say so wherever the two differ (questions about one kind count back from `today`).
   */
  lastExercise: string
}

/** Where a column lives in AUREN and what its values are multiplied by to get there. */
interface Column {
  metric: string
  times: number
}

const own = (column: string): Column => ({ metric: `phia.${column}`, times: 1 })

/** Columns of the days. What the catalogue does not have is registered under the set's own name. */
export const dayColumns: Readonly<Record<string, Column>> = {
  steps: { metric: 'steps', times: 1 },
  weight_kg: { metric: 'weight', times: 1 },
  height_cm: { metric: 'height', times: 1 },
  resting_heart_rate: { metric: 'resting_heart_rate', times: 1 },
  heart_rate_variability: { metric: 'hrv_rmssd', times: 1 },
  sleep_minutes: { metric: 'sleep_duration', times: 60 },
  rem_sleep_minutes: { metric: 'sleep_rem', times: 60 },
  deep_sleep_minutes: { metric: 'sleep_deep', times: 60 },
  light_sleep_minutes: { metric: 'sleep_light', times: 60 },
  awake_minutes: { metric: 'sleep_awake', times: 60 },
  stress_management_score: own('stress_management_score'),
  active_zone_minutes: own('active_zone_minutes'),
  fatburn_active_zone_minutes: own('fatburn_active_zone_minutes'),
  cardio_active_zone_minutes: own('cardio_active_zone_minutes'),
  peak_active_zone_minutes: own('peak_active_zone_minutes'),
  deep_sleep_percent: own('deep_sleep_percent'),
  rem_sleep_percent: own('rem_sleep_percent'),
  light_sleep_percent: own('light_sleep_percent'),
  awake_percent: own('awake_percent'),
}

/** Columns of the workouts. The set's speed and distance have units of its own and are taken as they are. */
export const exerciseColumns: Readonly<Record<string, Column>> = {
  duration: { metric: 'duration', times: 60 },
  averageHeartRate: { metric: 'heart_rate', times: 1 },
  elevationGain: { metric: 'elevation_gained', times: 1 },
  distance: { metric: 'distance', times: 1 },
  calories: { metric: 'energy_active', times: 1 },
  steps: { metric: 'steps', times: 1 },
  activeZoneMinutes: own('active_zone_minutes'),
  speed: { metric: 'speed', times: 1 },
}

function readTable(path: string): Line[] {
  const [head = '', ...lines] = readFileSync(path, 'utf8').trim().split('\n')
  const columns = head.split(',')
  return lines.map((line) => {
    const cells = line.split(',')
    return Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? '']))
  })
}

function lastOf(times: readonly string[]): string {
  return (times.toSorted().at(-1) ?? '').slice(0, 10)
}

/** Reads one person of the set from its folder. */
export function readPerson(folder: string, user: string): PhiaPerson {
  const daily = readTable(join(folder, `summary_df_${user}.csv`))
  const exercise = readTable(join(folder, `exercise_df_${user}.csv`))
  const questions = readFileSync(join(folder, `questions_${user}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PhiaQuestion)
  return {
    user,
    daily,
    exercise,
    questions,
    today: lastOf(daily.map((row) => row.datetime!)),
    lastExercise: lastOf(exercise.map((row) => row.date!)),
  }
}

const source = 'phia/table'

function dayRows(daily: readonly Line[]): DayRow[] {
  return daily.flatMap((row) =>
    Object.entries(dayColumns).flatMap(([column, { metric, times }]) => {
      const cell = row[column]
      if (cell === undefined || cell === '') return []
      const value = Number(cell) * times
      const date = row.datetime!.slice(0, 10)
      const same = { value, sum: value, min: value, max: value, mean: value, first: value, last: value }
      return [
        { metric, source: 'merged', date, n: 1, sd: null, leq: null, bands: null, coverage: 1, parts: null, ...same },
      ]
    }),
  )
}

function workouts(exercise: readonly Line[], activityOf: (name: string) => string): StoredSession[] {
  return exercise.map((row, i) => {
    const start = Date.parse(`${row.startTime!.replace(' ', 'T')}Z`)
    const measures = [...Object.entries(exerciseColumns), ['activeZoneMinutes', own('azm')] as const].flatMap(
      ([column, { metric, times }]) =>
        column === 'duration' || row[column] === '' ? [] : [[metric, Number(row[column]) * times] as const],
    )
    return {
      id: `workout-${i}`,
      kind: 'workout',
      source,
      start,
      // The table's own duration is exact, its end is not.
      end: start + Math.round(Number(row.duration) * 60_000),
      date: row.date!.slice(0, 10),
      offset: 0,
      main: true,
      nap: false,
      activity: activityOf(row.activityName!),
      vendorActivity: row.activityName!,
      stages: [],
      measures: Object.fromEntries(measures),
      text: null,
      flags: 0,
      rawRef: `row-${i}`,
      recordId: null,
      receivedAt: 0,
    }
  })
}

/** The two tables as tier 2 holds them: a night stands on its row's date, an exercise on its own. */
export function contentOf(person: PhiaPerson, activityOf: (name: string) => string): MemoryLongTermContent {
  return {
    days: dayRows(person.daily),
    sessions: workouts(person.exercise, activityOf),
    sources: [{ key: source, provider: 'phia', name: 'table', type: 'unknown' }],
  }
}
