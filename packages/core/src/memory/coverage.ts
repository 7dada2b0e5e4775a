import type { LocalDay } from '../observation/local-day.js'
import type { Instant } from '../observation/schema.js'

/** The quarter-hours of a local day in which something was measured. */
export interface Slots {
  /** 92, 96 or 100: how many the day has. */
  count: number
  /** Start of slot 0 where slots are counted from the day's start; null where they follow the wall clock. */
  origin: Instant | null
  /** One byte per slot, 0 or 1. */
  marks: Uint8Array
}

/** Slots that a day can have at most; shorter days leave the last ones empty. */
export const maxSlots = 100
const quarter = 15 * 60_000
const dstMinutes = 60

/**
 * Slots of a day with nothing in them. A day of the person's zone has as many as the zone gives it; where only offsets
 * are known, a change of one hour within the day is a change of clocks, and a greater one is a journey.
 */
export function emptySlots(day: LocalDay, firstOffset: number | null, lastOffset: number | null): Slots {
  const change = day.slots === 96 ? (lastOffset ?? 0) - (firstOffset ?? 0) : 0
  const clocks = Math.abs(change) === dstMinutes
  return {
    count: clocks ? 96 - change / 15 : day.slots,
    origin: clocks || day.slots !== 96 ? day.start : null,
    marks: new Uint8Array(maxSlots),
  }
}

/** Marks the slots that [start, end) touches; an instant touches one. */
export function markSlots(slots: Slots, day: LocalDay, start: Instant, end: Instant): void {
  const origin = slots.origin ?? day.start
  const from = clamp(Math.floor((start - origin) / quarter), slots.count)
  const to = clamp(Math.floor((Math.max(start, end - 1) - origin) / quarter), slots.count)
  for (let slot = from; slot <= to; slot++) slots.marks[slot] = 1
}

function clamp(slot: number, count: number): number {
  return Math.min(count - 1, Math.max(0, slot))
}

/** Share of a day's slots in which any of several sources shows something; 0 … 1. */
export function coverageOf(all: readonly Slots[]): number {
  let marked = 0
  for (let slot = 0; slot < maxSlots; slot++) if (all.some(({ marks }) => marks[slot] === 1)) marked++
  const count = all.find((slots) => slots.count !== 96)?.count ?? 96
  return Math.min(1, marked / count)
}
