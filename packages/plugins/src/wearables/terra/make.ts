import { Flag, type NormalizeContext, type ObservationInput, type Source } from '@auren/core'
import { z } from 'zod'
import type { DataType, Metadata, Payload } from './payload.js'
import { sourceOf } from './sources.js'
import { dateOf, type Placed, place } from './times.js'

/** What all observations of one item share, and how its parts are placed in time. */
export interface Item {
  recordId: string
  version: number
  source: Source
  flags: number
  date: string
  ctx: NormalizeContext
  /** Places a stamp of this item; null where it is none. */
  at(stamp: string | null | undefined): Placed | null
  /** What every observation has besides its time. */
  record(): { source: Source; recordId: string; version: number; flags?: number }
}

const manualTypes: Readonly<Partial<Record<DataType, number>>> = { activity: 2, daily: 2, sleep: 1 }

/**
 * Days are one record per connection and date as it is written; workouts and nights have an id. The same comes again with
 * more in it: what Terra has updated last holds, in whatever order it arrives.
 */
export function itemOf(
  { type, user }: Payload,
  metadata: Metadata,
  device: Parameters<typeof sourceOf>[1],
  ctx: NormalizeContext,
): Item {
  const date = dateOf(metadata.start_time)
  const named = type === 'activity' || type === 'sleep' ? (metadata.summary_id ?? metadata.start_time) : date
  const updated = Date.parse(user.last_webhook_update ?? '')
  const source = sourceOf(user.provider, device)
  const recordId = `${type}/${named}`
  const version = Number.isFinite(updated) ? updated : ctx.receivedAt
  const flags = metadata.upload_type != null && metadata.upload_type === manualTypes[type] ? Flag.manual : 0
  return {
    recordId,
    version,
    source,
    flags,
    date,
    ctx,
    at: (stamp) => (stamp ? place(stamp, metadata.timestamp_localization, ctx) : null),
    record: () => ({ source, recordId, version, ...(flags ? { flags } : {}) }),
  }
}

/** A value of the item's day; a null one yields nothing. */
export function* daily(
  item: Item,
  metric: string,
  value: number | null | undefined,
  unit: string,
): Iterable<ObservationInput> {
  if (value == null) return
  yield {
    shape: 'daily_total',
    metric,
    date: item.date,
    value,
    unit,
    offset: null,
    zoneBasis: 'absent',
    ...item.record(),
  }
}

/** A value at a time that is known. */
export function sample(item: Item, when: Placed, metric: string, value: number, unit: string): ObservationInput {
  const { at, offset, zoneBasis } = when
  return { shape: 'sample', metric, start: at, value, unit, offset, zoneBasis, ...item.record() }
}

/** What is read of a series. */
export interface Series {
  /** Field of the time. @default 'timestamp' */
  time?: string
  value: string
  metric: string
  unit: string
  /** Values below it are codes for "not measured". @default none */
  least?: number
}

const Sample = z.record(z.string(), z.unknown())

/** Samples of a series. Nulls (not measured) yield nothing; what has no time is set aside. */
export function* series(
  item: Item,
  samples: readonly unknown[] | null | undefined,
  { time = 'timestamp', value, metric, unit, least = Number.NEGATIVE_INFINITY }: Series,
): Iterable<ObservationInput> {
  for (const given of samples ?? []) {
    const read = Sample.safeParse(given)
    const number = read.success ? read.data[value] : undefined
    if (number === null || (read.success && number === undefined)) continue
    const stamp = read.success ? read.data[time] : undefined
    const when = typeof stamp === 'string' ? item.at(stamp) : null
    if (!when || typeof number !== 'number')
      item.ctx.reject(given, 'schema', `${item.recordId.split('/')[0]}: a sample of ${metric} has no time or value`)
    else if (number >= least) yield sample(item, when, metric, number, unit)
  }
}

/**
 * Samples that count up from the start of the item: what came between two of them is an interval. Where the count falls it
 * began anew.
 */
export function* countedUp(
  item: Item,
  samples: readonly unknown[] | null | undefined,
  { value, metric, unit }: Series,
): Iterable<ObservationInput> {
  let before: { at: number; value: number } | null = null
  for (const given of samples ?? []) {
    const read = Sample.safeParse(given)
    const number = read.success ? read.data[value] : undefined
    const stamp = read.success ? read.data.timestamp : undefined
    const when = typeof stamp === 'string' ? item.at(stamp) : null
    if (!when || typeof number !== 'number') {
      if (number !== null) item.ctx.reject(given, 'schema', `daily: a sample of ${metric} has no time or value`)
      continue
    }
    if (before && when.at > before.at && number > before.value) {
      const { offset, zoneBasis } = when
      yield {
        shape: 'sample',
        metric,
        start: before.at,
        end: when.at,
        value: Number((number - before.value).toPrecision(12)),
        unit,
        offset,
        zoneBasis,
        ...item.record(),
      }
    }
    before = { at: when.at, value: number }
  }
}
