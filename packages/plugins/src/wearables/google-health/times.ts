import type { Instant, ZoneBasis } from '@auren/core'
import { z } from 'zod'

/** google.type.Date; zero or nothing for a part means that the date is not whole. */
export const CivilDate = z.union([
  z.object({ year: z.int().min(1).max(9999), month: z.int().min(1).max(12), day: z.int().min(1).max(31) }),
  z.iso.date(),
])
const TimeOfDay = z.object({
  hours: z.int().min(0).max(24).nullish(),
  minutes: z.int().min(0).max(59).nullish(),
  seconds: z.int().min(0).max(60).nullish(),
})
export const CivilDateTime = z.object({ date: CivilDate, time: TimeOfDay.nullish() })
export const Stamp = z.iso.datetime({ offset: true })
/** google.protobuf.Duration as JSON. */
export const Duration = z.string().regex(/^-?\d{1,12}(\.\d{1,9})?s$/)

export const SampleTime = z.object({
  physicalTime: Stamp,
  utcOffset: Duration.nullish(),
  civilTime: CivilDateTime.nullish().catch(null),
})
export const Interval = z.object({
  startTime: Stamp,
  endTime: Stamp,
  startUtcOffset: Duration.nullish(),
  endUtcOffset: Duration.nullish(),
  civilStartTime: CivilDateTime.nullish().catch(null),
  civilEndTime: CivilDateTime.nullish().catch(null),
})

/** Where an observation is in local time. */
export interface Zoned {
  offset: number | null
  zoneBasis: ZoneBasis
}

/** `YYYY-MM-DD` */
export function dateOf(date: z.infer<typeof CivilDate>): string {
  if (typeof date === 'string') return date
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${String(date.year).padStart(4, '0')}-${two(date.month)}-${two(date.day)}`
}

/** Seconds of a duration. */
export function secondsOf(duration: string): number {
  return Number(duration.slice(0, -1))
}

/** By the offset that stands beside a time; where there is none, by the civil time that does. */
export function zoned(
  at: Instant,
  utcOffset: string | null | undefined,
  civil: z.infer<typeof CivilDateTime> | null | undefined,
): Zoned {
  const written = utcOffset == null ? (civil ? civilMs(civil) - at : null) : secondsOf(utcOffset) * 1000
  if (written === null || Number.isNaN(written)) return { offset: null, zoneBasis: 'absent' }
  const offset = Math.round(written / 60_000)
  return Math.abs(offset) <= 1080 ? { offset: offset + 0, zoneBasis: 'carried' } : { offset: null, zoneBasis: 'absent' }
}

function civilMs({ date, time }: z.infer<typeof CivilDateTime>): number {
  return (
    Date.parse(`${dateOf(date)}T00:00:00Z`) +
    ((time?.hours ?? 0) * 3600 + (time?.minutes ?? 0) * 60 + (time?.seconds ?? 0)) * 1000
  )
}
