import type { Aggregate, Comparator } from '../schema.js'
import { stemSet } from './stem.js'

/** Words that choose an aggregate. */
export const aggregateWords: readonly (readonly [aggregate: Aggregate, words: string, p?: number])[] = [
  ['mean', 'average, mean, avg, typically, on average, arithmetic mean, mean value, average value'],
  [
    'sum',
    'total, sum, altogether, all together, in total, in all, combined, cumulative, sum total, added up, total amount, total number',
  ],
  ['median', 'median, middle value'],
  [
    'sd',
    'standard deviation, std, std dev, stdev, st dev, variability, sd, variation, spread, standard dev, fluctuation',
  ],
  ['min', 'lowest, minimum, least, smallest, min, fewest, low point, minimal, lowest ever'],
  [
    'max',
    'highest, maximum, most, largest, biggest, max, greatest, peak, top, record, maximal, personal record, personal best, highest ever, all time high',
  ],
  ['range', 'range of, value range, spread between'],
  ['distribution', 'distribution, histogram, distribution of'],
]

/** An extreme that also says of what: `longest` is a duration. */
export const extremeWords: readonly (readonly [aggregate: 'max' | 'min', concept: string, words: string])[] = [
  ['max', 'duration', 'longest'],
  ['min', 'duration', 'shortest'],
  ['max', 'distance', 'furthest, farthest'],
  ['max', 'speed', 'fastest, quickest'],
  ['min', 'speed', 'slowest'],
  ['max', 'audio_environmental', 'noisiest, loudest'],
  ['min', 'audio_environmental', 'quietest'],
  ['max', 'weight', 'heaviest'],
  ['min', 'weight', 'lightest'],
]

/** Words of comparison with a number. */
export const comparatorWords: readonly (readonly [op: Comparator, words: string])[] = [
  [
    '<=',
    'atmost, at most, no more than, not more than, less than or equal to, fewer than or equal to, smaller than or equal to, lower than or equal to, under or equal to, below or equal to, up to, maximum of, a maximum of, not over, not above, not exceeding, do not exceed, no longer than',
  ],
  [
    '>=',
    'atleast, at least, no less than, no fewer than, not less than, not fewer than, greater than or equal to, more than or equal to, larger than or equal to, higher than or equal to, above or equal to, over or equal to, minimum of, a minimum of, not under, not below, reach, reached, hit, or more than',
  ],
  [
    '<',
    'under, below, less than, fewer than, lower than, smaller than, shorter than, less, fewer, slower than, lighter than, colder than, drop below, fall below, dip below',
  ],
  [
    '>',
    'over, above, more than, greater than, higher than, larger than, bigger than, longer than, exceed, exceeded, exceeding, in excess of, further than, farther than, faster than, heavier than, beyond, warmer than, go over, go above, rise above, greater, more',
  ],
  ['=', 'exactly, equal to, equals, equal, precisely'],
  ['!=', 'not equal to, other than, not exactly'],
]

/** After a number: `8 hours or more`. */
export const trailingComparators: readonly (readonly [op: Comparator, words: string])[] = [
  [
    '>=',
    'or more, or longer, or higher, or above, or over, or greater, and more, and above, orabove, plus, or further, or better',
  ],
  ['<=', 'or less, or fewer, or shorter, or lower, or below, or under, or worse'],
]

/** Short forms that stand for a whole word wherever they stand. */
export const abbreviations: Readonly<Record<string, string>> = {
  temp: 'temperature',
  temps: 'temperatures',
  resp: 'respiratory',
  yest: 'yesterday',
  yday: 'yesterday',
  wk: 'week',
  wks: 'weeks',
  mth: 'month',
  mths: 'months',
  yr: 'year',
  yrs: 'years',
  circ: 'circumference',
}

/** Words without a meaning of their own here; any other unknown word leaves a question not understood. */
export const fillers = stemSet(
  'a an the my mine me i we our us you it its there this that these those please kindly',
  'be do have get give show tell find know let see look want would could can may might like just also',
  'what which who how whose is and so then now ok okay hey hi hello well really actually exactly about around approximately roughly',
  'of for to in on at during over by from with within throughout across through into per as out up',
  'when where while that if all any each every some much many',
  'take make go come spend cover burn achieve reach complete perform record measure log track count calculate compute',
  'value number figure reading level amount data result score statistic stat total overall measurement count rate',
  'term terms per body health question answer wonder',
  'very single play attend curious interested',
  'daily nightly time times date session workouts entry entries period long far often ever yet already still only even',
  ',',
)
