import { activityNamed } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'

/** Google's types of exercise whose words the vocabulary does not have. */
const activities = lookup<string>({
  aerobic_workout: 'aerobics',
  assault_bike: 'indoor_cycling',
  backpacking: 'hiking',
  ballroom_dance: 'dance',
  barre_class: 'barre',
  body_weight: 'calisthenics',
  breakdancing: 'dance',
  cardio_sculpt: 'mixed_cardio',
  cardio_workout: 'mixed_cardio',
  cross_country_ski: 'cross_country_skiing',
  electric_bike: 'e_bike_cycling',
  exercise_class: 'aerobics',
  football_american: 'american_football',
  football_australian: 'australian_football',
  free_weights: 'strength_training',
  frisbee_playing_general: 'disc_sports',
  hip_hop: 'dance',
  household_chores: 'housework',
  incline_run: 'treadmill_running',
  incline_walk: 'treadmill_walking',
  jazz_dance: 'dance',
  meditate: 'meditation',
  modern_dance: 'dance',
  mowing_lawn: 'gardening',
  hoeing: 'gardening',
  weeding: 'gardening',
  multisport: 'triathlon',
  outdoor_bike: 'cycling',
  outdoor_workout: 'other',
  pickelball: 'pickleball',
  racket_sports: 'sport',
  resistance_bands: 'strength_training',
  rucking: 'hiking',
  snow_sport: 'snow_sports',
  speed_skating: 'ice_skating',
  spinning: 'indoor_cycling',
  stairclimber: 'stair_climbing_machine',
  stationary_bike: 'indoor_cycling',
  stroller_walk: 'walking',
  swimming_open_water: 'open_water_swimming',
  swimming_pool: 'pool_swimming',
  synchronized_swimming: 'swimming',
  tabata_workout: 'high_intensity_interval_training',
  tango: 'dance',
  trx: 'strength_training',
  volleyball_beach: 'volleyball',
  walk_with_weights: 'walking',
  water_aerobics: 'water_fitness',
  water_jogging: 'water_fitness',
  water_sport: 'water_sports',
  water_volleyball: 'water_sports',
  weight_machines: 'strength_training',
  wheelchair: 'wheelchair',
  workout: 'other',
  yoga_bikram: 'yoga',
  yoga_hatha: 'yoga',
  yoga_power: 'yoga',
  yoga_vinyasa: 'yoga',
  exercise_type_unspecified: 'other',
})

/** Canonical activity of a type of exercise (`TRAIL_RUN`); what has no counterpart keeps its word. */
export function activityOf(type: string | null | undefined): string {
  const plain = (type ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 80)
  if (plain === '') return 'other'
  return Object.hasOwn(activities, plain) ? (activities[plain] as string) : (activityNamed(plain) ?? plain)
}
