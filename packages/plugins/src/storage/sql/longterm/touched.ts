import type { LocalDate } from '@auren/core'

/** Days whose roll-ups may not be what they were. */
export interface Touched {
  /** Metric → date → ids of the sources that changed (none: only the merged row). */
  metrics: Map<string, Map<LocalDate, Set<number>>>
  /** Dates of sessions that changed. */
  sleep: Set<LocalDate>
  workout: Set<LocalDate>
}

/** Nothing touched yet. */
export function nothingTouched(): Touched {
  return { metrics: new Map(), sleep: new Set(), workout: new Set() }
}

/** Notes a metric's date; without a source only its merged row. */
export function touch(touched: Touched, metric: string, date: LocalDate, sourceId?: number): void {
  const dates = touched.metrics.get(metric) ?? new Map<LocalDate, Set<number>>()
  touched.metrics.set(metric, dates)
  const ids = dates.get(date) ?? new Set()
  dates.set(date, ids)
  if (sourceId !== undefined) ids.add(sourceId)
}
