import type { Source } from '@auren/core'

/** A tracker of which nothing more is said. */
export const tracker: Source = { name: 'Fitbit', type: 'band' }

const kinds: readonly (readonly [RegExp, Source['type']])[] = [
  // Copies of what phones and other apps have written, and Fitbit's own apps.
  [/health ?connect|health ?kit|web api|^api$/i, 'app'],
  [/mobile ?track|phone/i, 'phone'],
  [/(fitbit|google health)_? app/i, 'app'],
  [/aria|scale|body\+?$/i, 'scale'],
  [/watch|versa|sense|ionic|blaze|surge/i, 'watch'],
  [/manual|^web$/i, 'manual'],
  [/unknown|derived/i, 'unknown'],
]

/** The source of a `data source` column or of a log's `source`. */
export function sourceOf(name: string | null | undefined): Source {
  const plain = (name ?? '').replaceAll('_', ' ').trim().slice(0, 200)
  if (plain === '') return tracker
  return { name: plain, type: kinds.find(([pattern]) => pattern.test(plain))?.[1] ?? 'band' }
}
