/** Sports of FIT by number, as the canonical activities. */
const sports: Readonly<Record<number, string>> = {
  1: 'running',
  2: 'cycling',
  3: 'transition',
  4: 'other',
  5: 'swimming',
  6: 'basketball',
  7: 'soccer',
  8: 'tennis',
  9: 'american_football',
  10: 'other',
  11: 'walking',
  12: 'cross_country_skiing',
  13: 'downhill_skiing',
  14: 'snowboarding',
  15: 'rowing',
  16: 'hiking',
  17: 'hiking',
  18: 'triathlon',
  19: 'paddling',
  21: 'e_bike_cycling',
  25: 'golf',
  27: 'horseback_riding',
  28: 'hunting',
  29: 'fishing',
  30: 'skating',
  31: 'climbing',
  32: 'sailing',
  33: 'ice_skating',
  35: 'snowshoeing',
  37: 'stand_up_paddling',
  38: 'surfing',
  39: 'water_sports',
  40: 'water_sports',
  41: 'paddling',
  42: 'paddling',
  43: 'windsurfing',
  44: 'kitesurfing',
  47: 'boxing',
  48: 'stair_climbing',
  49: 'baseball',
  53: 'diving',
  58: 'snow_sports',
  62: 'high_intensity_interval_training',
  63: 'fitness_gaming',
  65: 'wheelchair_walking',
  66: 'wheelchair_running',
  67: 'meditation',
  69: 'disc_sports',
  71: 'cricket',
  72: 'rugby',
  73: 'hockey',
  74: 'lacrosse',
  75: 'volleyball',
  76: 'water_sports',
  77: 'surfing',
  78: 'water_sports',
  79: 'archery',
  80: 'martial_arts',
  82: 'diving',
  83: 'dance',
  84: 'jump_rope',
  85: 'diving',
  86: 'stretching',
  88: 'paddling',
}

/** Kinds of sports that say more than the sport. */
const subSports: Readonly<Record<number, string>> = {
  1: 'treadmill_running',
  3: 'trail_running',
  4: 'track_running',
  5: 'indoor_cycling',
  6: 'indoor_cycling',
  7: 'road_cycling',
  8: 'mountain_biking',
  12: 'hand_cycling',
  14: 'indoor_rowing',
  15: 'elliptical',
  16: 'stair_climbing',
  17: 'pool_swimming',
  18: 'open_water_swimming',
  19: 'stretching',
  20: 'strength_training',
  21: 'recovery',
  26: 'mixed_cardio',
  27: 'treadmill_walking',
  28: 'e_bike_cycling',
  42: 'cross_country_skiing',
  43: 'yoga',
  44: 'pilates',
  45: 'treadmill_running',
  46: 'gravel_cycling',
  47: 'e_bike_cycling',
  62: 'breathing',
  68: 'climbing',
  69: 'climbing',
  70: 'high_intensity_interval_training',
  73: 'high_intensity_interval_training',
  74: 'high_intensity_interval_training',
  75: 'high_intensity_interval_training',
  78: 'triathlon',
  84: 'pickleball',
  85: 'padel',
  94: 'squash',
  95: 'badminton',
  96: 'racquetball',
  97: 'table_tennis',
}
/** Sub-sports that are one thing on foot and another on wheels: they only count with their own sport. */
const only: Readonly<Record<number, number>> = { 1: 1, 3: 1, 4: 1, 5: 2, 6: 2, 7: 2, 8: 2, 27: 11, 45: 1, 46: 2 }
/** Virtual: the same sport on a machine. */
const VIRTUAL = 58
const indoors: Readonly<Record<number, string>> = { 1: 'treadmill_running', 2: 'indoor_cycling', 15: 'indoor_rowing' }

/** On foot: cycles are pairs of steps. */
const onFoot = new Set([1, 11, 16, 17])

/** Canonical activity of a sport, and the numbers as the vendor's word for it. */
export function activityOf(sport: number | null, subSport: number | null): { activity: string; word: string } {
  const word = `FIT sport ${sport ?? '?'}${subSport ? `/${subSport}` : ''}`
  if (subSport === VIRTUAL && sport !== null && indoors[sport]) return { activity: indoors[sport], word }
  const finer = subSport === null ? undefined : subSports[subSport]
  const bound = subSport === null ? undefined : only[subSport]
  if (finer && (bound === undefined || bound === sport)) return { activity: finer, word }
  return { activity: (sport === null ? undefined : sports[sport]) ?? 'other', word }
}

/** True where a cycle of the sport is two steps. */
export function isOnFoot(sport: number | null): boolean {
  return sport !== null && onFoot.has(sport)
}
