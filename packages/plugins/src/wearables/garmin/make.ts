import { Flag, type Instant, type NormalizeContext, type ObservationInput, type Source } from '@auren/core'
import { type Zone, zonesOf } from '../../vendor/zones.js'

/** The watch, where a summary names no device. */
export const watch: Source = { name: 'Garmin', type: 'watch' }

/** One record of Garmin's in one revision: the newest holds, and replaces all of an older one. */
export interface Revision {
  recordId: string
  version: number
  observations(): Iterable<ObservationInput>
}

/** What the observations of one summary share. */
export interface Item {
  start: Instant
  end: Instant
  ctx: NormalizeContext
  zone(at: Instant): Zone
  /** What every observation has besides its time. */
  record(): { source: Source; recordId: string; version: number; flags?: number }
}

/** How a summary is read. */
export interface Frame {
  recordId: string
  version: number
  /** Unix seconds. */
  startTimeInSeconds: number
  offsetInSeconds?: number | null | undefined
  durationInSeconds?: number | null | undefined
  source?: Source
  manual?: boolean
}

/** Begins to read a summary. */
export function itemOf(frame: Frame, ctx: NormalizeContext): Item {
  const { recordId, version, source = watch } = frame
  const start = Math.round(frame.startTimeInSeconds * 1000)
  const end = start + Math.max(0, Math.round((frame.durationInSeconds ?? 0) * 1000))
  return {
    start,
    end,
    ctx,
    zone: zonesOf(start, end, frame.offsetInSeconds, ctx),
    record: () => ({ source, recordId, version, ...(frame.manual ? { flags: Flag.manual } : {}) }),
  }
}

/** A value at an instant, or over an interval. */
export function sample(
  item: Item,
  at: Instant,
  metric: string,
  value: number,
  unit: string,
  end?: Instant,
): ObservationInput {
  const over = end === undefined ? {} : { end }
  return { shape: 'sample', metric, start: at, ...over, value, unit, ...item.zone(at), ...item.record() }
}

/** A value at an instant where there is one. */
export function* given(
  item: Item,
  at: Instant,
  metric: string,
  value: number | null | undefined,
  unit: string,
): Iterable<ObservationInput> {
  if (value != null) yield sample(item, at, metric, value, unit)
}

/** A value of one of Garmin's days. */
export function* daily(
  item: Pick<Item, 'record'>,
  date: string,
  metric: string,
  value: number | null | undefined,
  unit: string,
): Iterable<ObservationInput> {
  if (value == null) return
  yield { shape: 'daily_total', metric, date, value, unit, offset: null, zoneBasis: 'absent', ...item.record() }
}

/** Values by seconds since the start. Below zero are codes for "not measured", of which there is nothing to keep. */
export function* series(
  item: Item,
  values: Readonly<Record<string, unknown>> | null | undefined,
  metric: string,
  unit: string,
): Iterable<ObservationInput> {
  for (const [key, value] of Object.entries(values ?? {})) {
    if (value === null || (typeof value === 'number' && value < 0)) continue
    if (typeof value !== 'number' || !Number.isFinite(value) || !/^\d{1,9}$/.test(key))
      item.ctx.reject({ metric }, 'schema', `a value of ${metric} has no time or is no number`)
    else yield sample(item, item.start + Number(key) * 1000, metric, value, unit)
  }
}
