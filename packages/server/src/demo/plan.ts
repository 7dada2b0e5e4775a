import { Temporal } from 'temporal-polyfill'

/** Days of the demo: three years ending today. */
export const DAYS = 1096
/** Where the demo person lives. */
export const HOME = 'Europe/Berlin'

/** Inclusive spans of day numbers (0 = the first day). */
interface Span {
  from: number
  to: number
}

/**
 * What is planted in the demo person's three years, by day number. docs/demo.md tells it in words; the numbers of the
 * measurements are made in body.ts from nothing but this plan and a seed.
 */
export const plan = {
  /** Resting heart rate is highest in mid-January: cosine of this amplitude in /min. */
  winterRise: { amplitude: 3.5, peakDayOfYear: 15 },
  /** An evening with alcohol: changes of the night that follows. */
  alcohol: { hrv: -10, restingHeartRate: 4, deepMinutes: -18, awakeMinutes: 12 },
  /** From this day on the person gets up earlier on workdays and sleeps less. */
  newJob: { from: 480, bedtimeMinutes: -50, durationMinutes: -28 },
  /** The watch gives way to a ring, which reads heart rate variability higher. */
  deviceChange: { from: 640, hrv: 7 },
  /** Days on which nothing was worn (the phone still counted steps in the second one). */
  gaps: [
    { from: 300, to: 311 },
    { from: 820, to: 826 },
  ] satisfies Span[],
  travel: [
    { from: 200, to: 210, zone: 'Asia/Tokyo', place: 'Tokyo' },
    { from: 452, to: 459, zone: 'America/New_York', place: 'New York' },
    { from: 905, to: 917, zone: 'Australia/Adelaide', place: 'Adelaide' },
  ] satisfies (Span & { zone: string; place: string })[],
  illness: [
    { from: 130, to: 134 },
    { from: 741, to: 746 },
  ] satisfies Span[],
  /** Weight falls by so much a month between these days. */
  weightLoss: { from: 365, to: 730, kgPerMonth: -0.35 },
} as const

/** Whether a day lies in one of the spans; returns the span. */
export function within<S extends Span>(day: number, spans: readonly S[]): S | undefined {
  return spans.find((span) => day >= span.from && day <= span.to)
}

/** Zone in which a day is lived. */
export function zoneOf(day: number): string {
  return within(day, plan.travel)?.zone ?? HOME
}

/** Civil date of a day number, where `last` is the newest day. */
export function dateOf(day: number, last: Temporal.PlainDate): Temporal.PlainDate {
  return last.subtract({ days: DAYS - 1 - day })
}

/** Instant of a wall-clock time (minutes after midnight, may exceed a day) on a date in a zone, with its offset. */
export function instantAt(date: Temporal.PlainDate, minutes: number, zone: string): { at: number; offset: number } {
  const whole = Math.floor(minutes / 1440)
  const rest = minutes - whole * 1440
  const time = Temporal.PlainTime.from({
    hour: Math.floor(rest / 60),
    minute: Math.floor(rest % 60),
    second: Math.floor((rest * 60) % 60),
  })
  const zoned = date.add({ days: whole }).toZonedDateTime({ timeZone: zone, plainTime: time })
  return { at: zoned.epochMilliseconds, offset: Math.round(zoned.offsetNanoseconds / 60e9) }
}
