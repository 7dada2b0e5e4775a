import type { Instant } from '@auren/core'
import { Temporal } from 'temporal-polyfill'
import { instantOf, type Placed } from './civil.js'
import type { CivilTime } from './types.js'

/** Places the civil times of one document: rows that follow each other tell the two hours apart that a clock shows alike. */
export interface WallClock {
  /**
   * @param series rows of one device and kind, which the document has in the order of time, or against it
   * @param ticks seconds of a counter that no change of the clock touches, where the row has one
   * @param notBefore when what ends at this time began
   */
  place(series: string, time: CivilTime, ticks?: number | null, notBefore?: Instant): Placed
}

interface Series {
  at: Instant
  /** 1: rows go on in time; -1: they go back; 0: only one was there. */
  way: 1 | 0 | -1
  /** An instant that is certain, with the counter's reading. */
  anchor: { at: Instant; ticks: number } | null
}

/** A clock on the wall of a person whose zone is known, or not. */
export function wallClock(zoneAt: (at: Instant) => string | null): WallClock {
  const states = new Map<string, Series>()
  const days = new Map<string, number | null>()

  /** Offset of a local day on which the clock is not changed; null where it is. */
  const steady = (date: string, zone: string): number | null => {
    const key = `${zone} ${date}`
    let offset = days.get(key)
    if (offset === undefined) {
      const begin = Temporal.PlainDate.from(date).toZonedDateTime(zone)
      const end = begin.add({ hours: 26 })
      const minutes = begin.subtract({ hours: 2 }).offsetNanoseconds / 6e10
      offset = minutes === end.offsetNanoseconds / 6e10 && Number.isInteger(minutes) ? minutes : null
      days.set(key, offset)
    }
    return offset
  }

  const candidates = (time: CivilTime): Placed[] => {
    const asUtc = Date.parse(`${time.local}Z`)
    const zone = time.offset === null ? zoneAt(asUtc) : null
    if (zone === null) return [instantOf(time, zoneAt)]
    const offset = steady(time.local.slice(0, 10), zone)
    if (offset !== null) return [{ at: asUtc - offset * 60_000, offset, basis: 'floating' }]
    const plain = Temporal.PlainDateTime.from(time.local)
    const both = (['earlier', 'later'] as const).map((disambiguation) =>
      plain.toZonedDateTime(zone, { disambiguation }),
    )
    const [first, second] = both as [Temporal.ZonedDateTime, Temporal.ZonedDateTime]
    const repeated =
      first.epochMilliseconds !== second.epochMilliseconds && both.every((one) => one.toPlainDateTime().equals(plain))
    return repeated
      ? both.map((one) => ({
          at: one.epochMilliseconds,
          offset: Math.round(one.offsetNanoseconds / 6e10),
          basis: 'floating' as const,
        }))
      : [instantOf(time, zoneAt)]
  }

  return {
    place(series, time, ticks = null, notBefore = Number.NEGATIVE_INFINITY) {
      const [first, second] = candidates(time) as [Placed, Placed?]
      const state = states.get(series)
      const placed = !second ? first : first.at < notBefore ? second : choose(first, second, state, ticks)
      const anchor = ticks !== null && !second ? { at: placed.at, ticks } : (state?.anchor ?? null)
      const way = state && placed.at !== state.at ? (placed.at > state.at ? 1 : -1) : (state?.way ?? 0)
      states.set(series, { at: placed.at, way, anchor })
      return placed
    },
  }
}

function choose(first: Placed, second: Placed, state: Series | undefined, ticks: number | null): Placed {
  if (!state) return first
  if (ticks !== null && state.anchor) {
    const expected = state.anchor.at + (ticks - state.anchor.ticks) * 1000
    return Math.abs(expected - second.at) < Math.abs(expected - first.at) ? second : first
  }
  // Going back in time, the row before cannot be before this one; going on, it cannot be after.
  if (state.way !== 1 && state.at > second.at) return second
  if (state.way === -1) return state.at === second.at ? second : first
  return state.at > first.at && state.at <= second.at ? second : first
}
