import { activityOfHealthKit } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'

const indoors = lookup<string>({
  walking: 'treadmill_walking',
  running: 'treadmill_running',
  cycling: 'indoor_cycling',
  rowing: 'indoor_rowing',
})

/**
 * Canonical activity of a HKWorkoutActivityType and of what its metadata say of the place.
 * @param water HKWorkoutSwimmingLocationType: 1 pool, 2 open water
 * @example activityOf('HKWorkoutActivityTypeCycling', true) // 'indoor_cycling'
 */
export function activityOf(vendor: string, indoor = false, water = 0): string {
  const word = vendor.replace(/^HKWorkoutActivityType/, '').slice(0, 80)
  // A type that the catalogue does not know (yet) keeps Apple's own word.
  const activity = activityOfHealthKit(word) ?? snakeCase(word)
  if (activity === 'swimming') return water === 1 ? 'pool_swimming' : water === 2 ? 'open_water_swimming' : activity
  return indoor && Object.hasOwn(indoors, activity) ? (indoors[activity] as string) : activity
}

function snakeCase(word: string): string {
  const snake = word
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z]+/g, '_')
    .replace(/^_+|_+$/g, '')
  return snake === '' ? 'other' : snake
}
