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
}

/**
 * Canonical activity (snake_case English) of a HKWorkoutActivityType name or of Apple's own short word.
 * @example activityOf('HKWorkoutActivityTypeHighIntensityIntervalTraining') // 'high_intensity_interval_training'
 */
export function activityOf(vendor: string): string {
  const word = vendor.replace(/^HKWorkoutActivityType/, '').slice(0, 80)
  if (Object.hasOwn(renamed, word)) return renamed[word] as string
  const snake = word
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z]+/g, '_')
    .replace(/^_+|_+$/g, '')
  return snake === '' ? 'other' : snake
}
