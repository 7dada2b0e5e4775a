import type { NormalizeContext, ObservationInput, Source } from '@auren/core'
import { setAside } from '../../vendor/items.js'
import { type Collection, Series } from './payload.js'

/** Makes observations of one document. */
export type Make<D> = (document: D, ctx: NormalizeContext) => Iterable<ObservationInput>

/** The one source of this plugin. */
export const ring: Source = { name: 'Oura', type: 'ring' }

/** A document's record id: ids are unique within a collection only. */
export const recordId = (collection: Collection, id: string): string => `${collection}/${id}`

/** ISO 8601 with offset → ms since the epoch. */
export const instantOf = (stamp: string): number => Date.parse(stamp)

/** The offset that an ISO 8601 stamp carries, in minutes. */
export function offsetOf(stamp: string): number {
  const match = /([+-])(\d\d):?(\d\d)$/.exec(stamp)
  if (!match) return 0
  const minutes = Number(match[2]) * 60 + Number(match[3])
  return match[1] === '-' ? -minutes : minutes
}

/** Where it was, as far as the stamp tells: a `Z` is the clock of a server, not of the person. */
export function zoneOf(stamp: string): { offset: number | null; zoneBasis: 'carried' | 'absent' } {
  return /Z$/i.test(stamp) ? { offset: null, zoneBasis: 'absent' } : { offset: offsetOf(stamp), zoneBasis: 'carried' }
}

/** Recorded answers hold "+00:00" for people who were elsewhere: an offset of zero is taken as not said. */
export function saidZoneOf(stamp: string): { offset: number | null; zoneBasis: 'carried' | 'absent' } {
  const offset = offsetOf(stamp)
  return offset === 0 ? { offset: null, zoneBasis: 'absent' } : { offset, zoneBasis: 'carried' }
}

/** Values of one vendor day; a null value yields nothing. */
export function daily(collection: Collection, id: string, date: string) {
  return function* (metric: string, value: number | null | undefined, unit: string): Iterable<ObservationInput> {
    if (value === null || value === undefined) return
    yield {
      shape: 'daily_total',
      metric,
      date,
      value,
      unit,
      source: ring,
      offset: null,
      zoneBasis: 'absent',
      recordId: recordId(collection, id),
    }
  }
}

/** Samples of a series at a fixed interval; nulls (not measured) are left out. `average` gives each its interval. */
export function* seriesSamples(
  given: unknown,
  metric: string,
  unit: string,
  record: string,
  average: boolean,
  ctx: NormalizeContext,
): Iterable<ObservationInput> {
  if (given === null || given === undefined) return
  const parsed = Series.safeParse(given)
  if (!parsed.success) return setAside(given, `${record.split('/')[0]}: a series of ${metric}`, parsed.error, ctx)
  const series = parsed.data
  const start = instantOf(series.timestamp)
  const zone = zoneOf(series.timestamp)
  const step = series.interval * 1000
  for (const [index, value] of series.items.entries()) {
    if (value === null) continue
    const at = Math.round(start + index * step)
    yield {
      shape: 'sample',
      metric,
      start: at,
      ...(average ? { end: Math.round(at + step) } : {}),
      value,
      unit,
      source: ring,
      ...zone,
      recordId: record,
    }
  }
}
