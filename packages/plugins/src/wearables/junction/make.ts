import type { NormalizeContext, ObservationInput, Source } from '@auren/core'
import type { Origin } from './payload.js'
import { providerOf, sourceOf } from './sources.js'
import { type Placed, place, type ZoneFacts } from './times.js'

/** What all observations of one summary share, and how its times are placed. */
export interface Item {
  resource: string
  ctx: NormalizeContext
  /** Places a stamp of this item; null where it is none. */
  at(stamp: string | null | undefined): Placed | null
  /** What every observation has besides its time. */
  record: { source: Source; recordId: string; version: number }
}

/** A summary is one record by its id; the newest `updated_at` replaces the older whole, in whatever order it arrives. */
export function itemOf(
  resource: string,
  given: { id: string; source?: Origin; updated_at?: string | null | undefined } & ZoneFacts,
  ctx: NormalizeContext,
): Item {
  const updated = Date.parse(given.updated_at ?? '')
  return {
    resource,
    ctx,
    at: (stamp) => place(stamp, providerOf(given.source), given, ctx),
    record: {
      source: sourceOf(given.source),
      recordId: `${resource}/${given.id}`,
      version: Number.isFinite(updated) ? updated : ctx.receivedAt,
    },
  }
}

/** A value of a day as the vendor dates it; a null one yields nothing. */
export function* daily(
  item: Item,
  date: string,
  metric: string,
  value: number | null | undefined,
  unit: string,
): Iterable<ObservationInput> {
  if (value == null) return
  yield { shape: 'daily_total', metric, date, value, unit, offset: null, zoneBasis: 'absent', ...item.record }
}

/** A value at a time; a null one yields nothing. */
export function* once(
  item: Item,
  { at, offset, zoneBasis }: Placed,
  metric: string,
  value: number | null | undefined,
  unit: string,
): Iterable<ObservationInput> {
  if (value == null) return
  yield { shape: 'sample', metric, start: at, value, unit, offset, zoneBasis, ...item.record }
}
