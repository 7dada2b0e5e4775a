import { activityNamed } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'

/** Names of `category`, as Withings lists them. */
const categories: Readonly<Record<number, string>> = {
  1: 'Walk',
  2: 'Run',
  3: 'Hiking',
  4: 'Skating',
  5: 'BMX',
  6: 'Bicycling',
  7: 'Swimming',
  8: 'Surfing',
  9: 'Kitesurfing',
  10: 'Windsurfing',
  11: 'Bodyboard',
  12: 'Tennis',
  13: 'Table tennis',
  14: 'Squash',
  15: 'Badminton',
  16: 'Lift weights',
  17: 'Calisthenics',
  18: 'Elliptical',
  19: 'Pilates',
  20: 'Basketball',
  21: 'Soccer',
  22: 'Football',
  23: 'Rugby',
  24: 'Volleyball',
  25: 'Waterpolo',
  26: 'Horse riding',
  27: 'Golf',
  28: 'Yoga',
  29: 'Dancing',
  30: 'Boxing',
  31: 'Fencing',
  32: 'Wrestling',
  33: 'Martial arts',
  34: 'Skiing',
  35: 'Snowboarding',
  36: 'Other',
  128: 'No activity',
  187: 'Rowing',
  188: 'Zumba',
  191: 'Baseball',
  192: 'Handball',
  193: 'Hockey',
  194: 'Ice hockey',
  195: 'Climbing',
  196: 'Ice skating',
  272: 'Multi-sport',
  306: 'Indoor walk',
  307: 'Indoor running',
  308: 'Indoor cycling',
}

/** Words that mean something else to the vocabulary, or that it does not have. */
const own = lookup<string>({
  football: 'american_football',
  bmx: 'cycling',
  waterpolo: 'water_polo',
  bodyboard: 'surfing',
  'multi-sport': 'cross_training',
  'multi sport': 'cross_training',
  'gym class': 'mixed_cardio',
  'no activity': 'other',
})

/** Canonical activity of a word of Withings'. */
export function activityOf(word: string): string {
  const plain = word.trim().toLowerCase()
  return own[plain] ?? activityNamed(plain) ?? 'other'
}

/** Canonical activity of a category, and Withings' own word for it: null where the number is not known. */
export function categoryOf(category: number | null | undefined): [activity: string, word: string | null] {
  const word = categories[category ?? 36]
  return word === undefined ? ['other', null] : [activityOf(word), word]
}
