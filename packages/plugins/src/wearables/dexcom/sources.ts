import type { Source } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'

const generations = lookup<string>({
  g4: 'Dexcom G4',
  g5: 'Dexcom G5',
  g6: 'Dexcom G6',
  'g6+': 'Dexcom G6',
  g7: 'Dexcom G7',
  dexcompro: 'Dexcom G6 Pro',
})

/** The sensor: by its generation, where that is known. */
export function sensorOf(generation: string | null | undefined): Source {
  return { name: generations[generation?.toLowerCase() ?? ''] ?? 'Dexcom', type: 'cgm' }
}

/** A meter whose value the person entered. */
export const meter: Source = { name: 'Dexcom (fingerstick)', type: 'unknown' }

/** What the person entered in the app or the receiver. */
export const diary: Source = { name: 'Dexcom', type: 'manual' }
