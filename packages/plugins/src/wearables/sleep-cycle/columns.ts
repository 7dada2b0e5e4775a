import { columnName } from '../../files/index.js'
import { lookup } from '../../vendor/lookup.js'

/** How the columns are called here, whichever version of the app wrote them. */
export const aliases = lookup<string>(
  Object.fromEntries(
    (
      [
        ['Went to bed', 'start'],
        ['Woke up', 'end'],
        ['Time in bed(seconds)', 'time in bed (seconds)'],
        ['Time asleep(seconds)', 'time asleep (seconds)'],
        ['Asleep after (seconds)', 'time before sleep (seconds)'],
        ['Snore time', 'snore time (seconds)'],
        ['Wake up', 'mood'],
        ['Sleep Notes', 'notes'],
        ['Heart rate', 'heart rate (bpm)'],
      ] as const
    ).map(([written, name]) => [columnName(written), name]),
  ),
)

/** Measures of a night, in seconds. The app calls dreaming what others call REM. */
export const measures = {
  sleep_duration: 'time asleep (seconds)',
  sleep_latency: 'time before sleep (seconds)',
  sleep_awake: 'awake (seconds)',
  sleep_light: 'light (seconds)',
  sleep_deep: 'deep (seconds)',
  sleep_rem: 'dream (seconds)',
} as const

/** What else is told of a night: metric, column, unit as it is written. */
export const told = [
  ['sleep-cycle.sleep_quality', 'sleep quality', '%'],
  ['sleep-cycle.regularity', 'regularity', '%'],
  ['sleep-cycle.snore_time', 'snore time (seconds)', 's'],
  ['sleep-cycle.movements', 'movements per hour', '/h'],
  ['sleep-cycle.coughs', 'coughing (per hour)', '/h'],
  ['sleep-cycle.breathing_disruptions', 'breathing disruptions (per hour)', '/h'],
  ['sleep-cycle.ambient_noise', 'ambient noise (db)', 'dB'],
  ['sleep-cycle.ambient_light', 'ambient light (lux)', 'lx'],
  ['sleep-cycle.temperature_deviation', 'body temperature deviation (degrees celsius)', 'Cel'],
  ['sleep-cycle.alertness', 'alertness score', '%'],
  ['sleep-cycle.reaction_time', 'alertness reaction time (seconds)', 's'],
] as const

/** Columns that are understood, or left out knowingly (docs/plugins/sleep-cycle.md says why). */
export const known: ReadonlySet<string> = new Set([
  'start',
  'end',
  'time in bed',
  'time in bed (seconds)',
  'mood',
  'notes',
  'heart rate (bpm)',
  ...Object.values(measures),
  ...told.map(([, column]) => column),
  'steps',
  'activity (steps)',
  'alarm mode',
  'air pressure (pa)',
  'city',
  'window start',
  'window stop',
  'wake up window start',
  'wake up window stop',
  'did snore',
  'not my snoring (seconds)',
  'weather temperature (°f)',
  'weather temperature (°c)',
  'weather type',
  'alertness accuracy',
])
