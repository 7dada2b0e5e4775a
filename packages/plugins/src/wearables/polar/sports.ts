import { activityNamed } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'

/** Polar's sports whose words are no name of the catalogue's. */
const words = lookup<string>({
  watersports_waterski: 'water_sports',
  jogging: 'running',
  road_running: 'running',
  ultrarunning_running: 'running',
  road_biking: 'road_cycling',
  mountain_biking: 'mountain_biking',
  indoor_cycling: 'indoor_cycling',
  spinning: 'indoor_cycling',
  treadmill_running: 'treadmill_running',
  strength_training: 'strength_training',
  circuit_training: 'functional_strength_training',
  crossfit: 'functional_strength_training',
  functional_training: 'functional_strength_training',
  open_water_swimming: 'open_water_swimming',
  pool_swimming: 'pool_swimming',
  fitness_martial_arts: 'martial_arts',
  other_indoor: 'other',
  other_outdoor: 'other',
})

/** The canonical activity of a sport, and Polar's own word, the more exact one where there are two. */
export function activityOf(sport: string | null | undefined, detailed: string | null | undefined) {
  const word = (detailed || sport || 'OTHER').slice(0, 200)
  const named = (text: string | null | undefined): string | null => {
    const said = text?.toLowerCase() ?? ''
    if (said === '') return null
    return Object.hasOwn(words, said) ? (words[said] ?? null) : activityNamed(said.replaceAll('_', ' '))
  }
  return { activity: named(detailed) ?? named(sport) ?? 'other', word }
}
