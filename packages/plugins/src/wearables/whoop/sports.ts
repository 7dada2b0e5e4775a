import { activityNamed } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'

/** WHOOP's own words that are no name of the catalogue's. */
const words = lookup<string>({
  'functional fitness': 'functional_strength_training',
  powerlifting: 'strength_training',
  weightlifting: 'strength_training',
  'strength trainer': 'strength_training',
  'assault bike': 'indoor_cycling',
  spin: 'indoor_cycling',
  'hiking/rucking': 'hiking',
  rucking: 'hiking',
  'ice bath': 'other',
  sauna: 'other',
  activity: 'other',
})

/** The canonical activity of a sport, and WHOOP's word for it. */
export function activityOf(name: string | null | undefined, sport: number | null | undefined) {
  const word = (name ?? (sport == null ? 'activity' : `sport ${sport}`)).trim().slice(0, 200) || 'activity'
  const said = word.toLowerCase().replaceAll(/[-_]+/g, ' ')
  return { activity: (Object.hasOwn(words, said) ? words[said] : activityNamed(said)) ?? 'other', word }
}
