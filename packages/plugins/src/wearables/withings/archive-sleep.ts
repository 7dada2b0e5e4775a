import type { ObservationInput } from '@auren/core'
import { csvPart, type Row, type RowContext } from '../../files/index.js'
import { present } from '../../vendor/items.js'
import { placed } from './archive-times.js'

/** Columns in the languages that archives have been seen in. */
const aliases = {
  von: 'from',
  bis: 'to',
  'leicht (s)': 'light (s)',
  'tief (s)': 'deep (s)',
  'wach (s)': 'awake (s)',
  'ligero (s)': 'light (s)',
  'profundo (s)': 'deep (s)',
  'despierto (s)': 'awake (s)',
  'wakeup (s)': 'awake (s)',
} as const

function* night(row: Row, ctx: RowContext): Iterable<ObservationInput> {
  const [from, to] = [ctx.time(row.from), ctx.time(row.to)]
  if (!from || !to) return ctx.reject(row, 'row_unreadable', `Line ${ctx.line} has no times that can be read.`)
  const begun = placed(from, ctx)
  const ended = placed(to, ctx)
  if (ended.start <= begun.start) return ctx.reject(row, 'order', `Line ${ctx.line} ends before it starts.`)
  const number = (column: string, least: number): number | undefined => {
    const value = ctx.number(row[column])
    return value !== null && value >= least ? value : undefined
  }
  const [light, deep, rem] = [number('light (s)', 0), number('deep (s)', 0), number('rem (s)', 0)]
  const asleep = (light ?? 0) + (deep ?? 0) + (rem ?? 0)
  // Nights without stages come as zeros, with all of their time awake: that is not what happened.
  const staged = asleep > 0
  const measures: Record<string, number | undefined> = {
    ...(staged
      ? {
          sleep_duration: asleep,
          sleep_light: light,
          sleep_deep: deep,
          sleep_rem: rem,
          sleep_awake: number('awake (s)', 0),
          sleep_latency: number('duration to sleep (s)', 0),
        }
      : {}),
    heart_rate: number('average heart rate', 1),
    heart_rate_min: number('heart rate (min)', 1),
    heart_rate_max: number('heart rate (max)', 1),
  }
  const base = {
    source: { name: 'Withings', type: 'unknown' },
    offset: ended.offset,
    zoneBasis: ended.zoneBasis,
  } as const
  yield {
    shape: 'session',
    kind: 'sleep',
    start: begun.start,
    end: ended.start,
    measures: present(measures),
    ...(row.notes ? { text: row.notes } : {}),
    ...base,
  }
  const snoring = staged ? number('snoring (s)', 0) : undefined
  if (snoring !== undefined)
    yield { shape: 'sample', metric: 'withings.snoring', start: ended.start, value: snoring, unit: 's', ...base }
}

/** sleep.csv: a night a row, with sums of its stages. */
export const sleepPart = csvPart({
  path: /(^|\/)sleep\.csv$/i,
  needs: ['from', 'to', 'light (s)', 'deep (s)'],
  dates: ['from', 'to'],
  aliases,
  row: night,
})
