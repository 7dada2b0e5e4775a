import type { Source, SourceType } from '@auren/core'

/** Words in a source's name that tell what measured. */
const byName: readonly (readonly [RegExp, SourceType])[] = [
  [/watch/i, 'watch'],
  [/\b(oura|ringconn|ultrahuman|galaxy ring)\b/i, 'ring'],
  [/\b(whoop|mi ?band|mi ?fitness|fitbit)\b/i, 'band'],
  [/^connect$|\b(garmin|polar|coros|suunto|amazfit|zepp)\b/i, 'watch'],
  [/\b(dexcom|libre ?link|libre|eversense|guardian|cgm)\b/i, 'cgm'],
  [/\b(omron|qardio|ihealth|blood ?pressure)\b/i, 'cuff'],
  [/\b(renpho|eufy ?life|scale|fitdays|arboleaf|wyze)\b/i, 'scale'],
  [/iphone|ipad|ipod/i, 'phone'],
]
const rank: readonly SourceType[] = ['watch', 'ring', 'band', 'cgm', 'cuff', 'scale', 'phone', 'app']

/**
 * The source that a point names. Where the app has summed up what several measured it joins their names (`Ann's Watch|iPhone`):
 * HealthKit has taken care that nothing counts twice, so that is one source, of the best of their types.
 */
export function sourceOf(name: string | null | undefined): Source {
  const named = (name ?? '').trim().slice(0, 200)
  if (named === '') return { name: 'Health Auto Export', type: 'app' }
  const types = named.split('|').map((one) => byName.find(([words]) => words.test(one.trim()))?.[1] ?? 'app')
  return { name: named, type: rank.find((type) => types.includes(type)) ?? 'app' }
}
