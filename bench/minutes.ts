// Heart rate every minute, for benchmarks of what is written.
const MINUTE = 60_000
const START = Date.UTC(2026, 0, 5)

/** A person's heart rate of some hours, every minute with some seconds of jitter. */
export function minutes(person: number, from: number, count: number): { at: number; value: number }[] {
  return Array.from({ length: count }, (_, i) => {
    const noise = ((person * 7919 + (from + i) * 104_729) % 1009) / 1009
    return { at: START + (from + i) * MINUTE + Math.floor(noise * 59) * 1000, value: Math.round(55 + noise * 70) }
  })
}
