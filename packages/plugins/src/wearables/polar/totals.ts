import type { ObservationInput } from '@auren/core'

/** What an archive names as the device of everything: it says no more. */
export const source = { name: 'Polar', type: 'watch' } as const

/** Values of one of Polar's days, in their units; those that are not there are left out. Without an offset: the archive has none. */
export function* totalsOf(
  date: string,
  recordId: string,
  values: readonly (readonly [metric: string, value: number | null | undefined, unit: string])[],
): Iterable<ObservationInput> {
  for (const [metric, value, unit] of values)
    if (value != null)
      yield { shape: 'daily_total', metric, date, value, unit, source, offset: null, zoneBasis: 'absent', recordId }
}
