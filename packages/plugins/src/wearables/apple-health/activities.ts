/** Activities whose canonical name is not Apple's own word in snake case. */
const renamed: Readonly<Record<string, string>> = {
  TraditionalStrengthTraining: 'strength_training',
  CoreTraining: 'core_training',
  MixedCardio: 'mixed_cardio',
  MixedMetabolicCardioTraining: 'mixed_cardio',
  DanceInspiredTraining: 'dance',
  CardioDance: 'dance',
  SocialDance: 'dance',
  Flexibility: 'stretching',
  MindAndBody: 'mind_and_body',
  Stairs: 'stair_climbing',
  SwimBikeRun: 'triathlon',
  Transition: 'transition',
  WheelchairWalkPace: 'wheelchair_walking',
  WheelchairRunPace: 'wheelchair_running',
  PreparationAndRecovery: 'recovery',
  TrackAndField: 'track_and_field',
  SkatingSports: 'skating',
  PaddleSports: 'paddling',
  SurfingSports: 'surfing',
  UnderwaterDiving: 'diving',
  EquestrianSports: 'horseback_riding',
}

const indoors: Readonly<Record<string, string>> = {
  walking: 'treadmill_walking',
  running: 'treadmill_running',
  cycling: 'indoor_cycling',
  rowing: 'indoor_rowing',
}

/**
 * Canonical activity of a HKWorkoutActivityType and of what its metadata say of the place.
 * @param water HKWorkoutSwimmingLocationType: 1 pool, 2 open water
 * @example activityOf('HKWorkoutActivityTypeCycling', true) // 'indoor_cycling'
 */
export function activityOf(vendor: string, indoor = false, water = 0): string {
  const word = vendor.replace(/^HKWorkoutActivityType/, '').slice(0, 80)
  const activity = Object.hasOwn(renamed, word) ? (renamed[word] as string) : snakeCase(word)
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
