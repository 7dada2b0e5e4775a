import { activityNamed } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'

/** Sport types that the vocabulary calls otherwise. */
const own = lookup<string>({
  alpineski: 'downhill_skiing',
  backcountryski: 'ski_touring',
  nordicski: 'cross_country_skiing',
  rollerski: 'cross_country_skiing',
  crossfit: 'cross_training',
  ebikeride: 'e_bike_cycling',
  emountainbikeride: 'mountain_biking',
  gravelride: 'gravel_cycling',
  mountainbikeride: 'mountain_biking',
  virtualride: 'indoor_cycling',
  virtualrun: 'treadmill_running',
  virtualrow: 'indoor_rowing',
  handcycle: 'hand_cycling',
  velomobile: 'cycling',
  hiit: 'high_intensity_interval_training',
  highintensityintervaltraining: 'high_intensity_interval_training',
  iceskate: 'ice_skating',
  inlineskate: 'skating',
  rockclimbing: 'climbing',
  snowshoe: 'snowshoeing',
  stairstepper: 'stair_climbing_machine',
  standuppaddling: 'stand_up_paddling',
  weighttraining: 'strength_training',
  workout: 'other',
  wheelchair: 'wheelchair',
  trailrun: 'trail_running',
  tabletennis: 'table_tennis',
  padel: 'padel',
})

const indoors = lookup<string>({
  running: 'treadmill_running',
  walking: 'treadmill_walking',
  cycling: 'indoor_cycling',
  rowing: 'indoor_rowing',
})

/**
 * Canonical activity of a sport type (`TrailRun`), or of the words that the archive has for it (`Trail Run`).
 * @param trainer Strava's mark of a machine indoors
 */
export function activityOf(sport: string, trainer = false): string {
  const plain = sport.toLowerCase().replace(/[^a-z]/g, '')
  const spaced = sport.replace(/([a-z])([A-Z])/g, '$1 $2')
  const activity = own[plain] ?? activityNamed(spaced) ?? 'other'
  return trainer ? (indoors[activity] ?? activity) : activity
}

/** Steps have two feet: cadence of these sports is told for one. */
export function isOnFoot(activity: string): boolean {
  return /running|walking|hiking|track_and_field/.test(activity)
}
