import { activityNamed } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'

/** Garmin's words that are not the canonical ones. */
const activities = lookup<string>({
  street_running: 'running',
  ultra_run: 'running',
  obstacle_run: 'running',
  virtual_run: 'treadmill_running',
  casual_walking: 'walking',
  speed_walking: 'walking',
  indoor_walking: 'treadmill_walking',
  rucking: 'hiking',
  mountaineering: 'hiking',
  road_biking: 'road_cycling',
  bmx: 'cycling',
  cyclocross: 'cycling',
  recumbent_cycling: 'cycling',
  track_cycling: 'cycling',
  downhill_biking: 'mountain_biking',
  enduro_mtb: 'mountain_biking',
  e_bike_fitness: 'e_bike_cycling',
  e_bike_mountain: 'e_bike_cycling',
  e_bike_enduro_mtb: 'e_bike_cycling',
  virtual_ride: 'indoor_cycling',
  indoor_cardio: 'mixed_cardio',
  cardio_training: 'mixed_cardio',
  fitness_equipment: 'other',
  floor_climbing: 'stair_climbing',
  stair_stepper: 'stair_climbing_machine',
  indoor_climbing: 'climbing',
  multi_sport: 'triathlon',
  swimrun: 'triathlon',
  transition_v2: 'transition',
  paddleboarding: 'stand_up_paddling',
  stand_up_paddleboarding: 'stand_up_paddling',
  paddling: 'paddling',
  whitewater_rafting_kayaking: 'paddling',
  resort_skiing: 'downhill_skiing',
  resort_skiing_snowboarding: 'snow_sports',
  backcountry_snowboarding: 'snowboarding',
  skate_skiing: 'cross_country_skiing',
  snow_shoe: 'snowshoeing',
  single_gas_diving: 'diving',
  multi_gas_diving: 'diving',
  gauge_diving: 'diving',
  apnea_diving: 'diving',
  apnea_hunting: 'diving',
  tennis_v2: 'tennis',
  horseback_riding: 'horseback_riding',
  mixed_martial_arts: 'martial_arts',
  push: 'wheelchair',
  wheelchair_push_run: 'wheelchair_running',
  wheelchair_push_walk: 'wheelchair_walking',
  uncategorized: 'other',
  generic: 'other',
  all: 'other',
})

/** Canonical activity of one of Garmin's words (`TRAIL_RUNNING`, `rowing_v2`); what has no counterpart keeps its word. */
export function activityOf(word: string | null | undefined): string {
  const plain = (word ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_(v2|ws)$|_+$/g, '')
    .slice(0, 80)
  if (plain === '') return 'other'
  return Object.hasOwn(activities, plain) ? (activities[plain] as string) : (activityNamed(plain) ?? plain)
}
