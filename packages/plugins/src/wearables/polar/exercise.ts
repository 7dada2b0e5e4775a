import type { NormalizeContext, ObservationInput, Source } from '@auren/core'
import type { z } from 'zod'
import { present } from '../../vendor/items.js'
import { lookup } from '../../vendor/lookup.js'
import { type Exercise, SampleRow } from './payload.js'
import { activityOf } from './sports.js'
import { durationOf, placed } from './times.js'

/** Rows of samples that are read, by Polar's number of their type. */
const rows = lookup<readonly [metric: string, unit: string]>({
  '0': ['heart_rate', '/min'],
  '1': ['speed', 'km/h'],
  '4': ['power', 'W'],
})
/** Heartbeats, one length after the other. */
const RR = '11'

/** A workout, and in a record of its own what was measured along it: a list may come without that. */
export function* exercise(given: z.infer<typeof Exercise>, ctx: NormalizeContext): Iterable<ObservationInput> {
  const duration = durationOf(given.duration)
  if (duration === null) return ctx.reject({ id: given.id }, 'schema', 'exercise: its duration is none of ISO 8601')
  const { at: start, ...place } = placed(given.start_time, given.start_time_utc_offset, ctx.zoneAt)
  const source: Source = { name: (given.device ?? '').trim().slice(0, 200) || 'Polar', type: 'watch' }
  const { activity, word } = activityOf(given.sport, given.detailed_sport_info)
  yield {
    shape: 'session',
    kind: 'workout',
    start,
    end: start + duration,
    activity,
    vendorActivity: word,
    measures: present({
      // Zero where the sport has none of it.
      energy_active: given.calories || null,
      distance: given.distance || null,
      heart_rate: given.heart_rate?.average || null,
      heart_rate_max: given.heart_rate?.maximum || null,
    }),
    source,
    ...place,
    recordId: `exercise/${given.id}`,
  }
  for (const row of given.samples ?? []) {
    const read = SampleRow.safeParse(row)
    if (!read.success) {
      ctx.reject(row, 'schema', 'exercise: a row of samples')
      continue
    }
    const base = { source, ...place, recordId: `exercise-streams/${given.id}` }
    yield* samplesOf(read.data, start, base)
  }
}

function* samplesOf(
  { sample_type, recording_rate, data }: z.infer<typeof SampleRow>,
  start: number,
  base: Pick<Extract<ObservationInput, { shape: 'sample' }>, 'source' | 'offset' | 'zoneBasis' | 'recordId'>,
): Iterable<ObservationInput> {
  const type = String(sample_type)
  // Missing ones are empty, `null` or zero.
  const values = data.split(',').map((text) => (text.trim() === '' ? Number.NaN : Number(text)))
  if (type === RR) {
    let at = start
    for (const value of values) {
      if (!(value > 0)) continue
      yield { shape: 'sample', metric: 'rr_interval', start: Math.round(at), value, unit: 'ms', ...base }
      at += value
    }
    return
  }
  const row = rows[type]
  if (!row || !recording_rate) return
  const [metric, unit] = row
  for (const [i, value] of values.entries())
    if (Number.isFinite(value) && (metric !== 'heart_rate' || value > 0))
      yield { shape: 'sample', metric, start: Math.round(start + i * recording_rate * 1000), value, unit, ...base }
}
