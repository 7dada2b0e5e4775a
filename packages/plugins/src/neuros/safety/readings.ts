import { any, family } from './phrases.js'

const gear = '(?! ?(?:straps?|belt|band|press|presses|day|fly|flies|workout|monitor|sensor))'
const swoon = [
  'confus\\w+',
  'disoriented',
  'dizz\\w+',
  'light.?headed',
  'woozy',
  'faint\\w*',
  'passing out',
  '(?:pass|black) out',
  `chest${gear}`,
]
/** What a person feels that makes a far reading an emergency. */
const felt = family(
  any(
    ...swoon,
    'shak(?:y|ing)',
    'trembl\\w+',
    'sweat(?:y|ing)',
    'drows\\w+',
    'vomit\\w*',
    'throwing up',
    'blurr(?:y|ed)',
    'cannot (?:think|see|stand|speak|breathe|stay awake)',
    'short of breath',
    'breathless',
    'lips? (?:are |is |going |turning )?(?:blue|grey|gray)',
    'worst headache',
    'stiff neck',
  ),
)
/** Beside a fast pulse: sweating and panting are what training feels like, these are not, nor is a pulse like that at rest. */
const besidePulse = family(
  any(...swoon),
  any('lying', 'sitting(?! (?:at|around|in the))', 'in bed', 'at rest', 'doing nothing'),
  'will not (?:slow|calm|come|go|settle|stop)',
  'not (?:slowing|calming|coming|going|settling)',
)

interface Vital {
  names: RegExp
  /** Whether a number is far outside, in whichever unit people give it. */
  far(value: number): boolean
  /** Words that say so without a number. */
  words?: RegExp
  /** What must be felt beside it, where that is not what all others need. */
  beside?: RegExp
}

/**
 * Limits at which symptoms mean help at once: glucose under 54 mg/dL (3.0 mmol/L; level 2 hypoglycaemia, ADA Standards
 * of Care 6) or from 300 mg/dL (16.7 mmol/L) on, blood pressure from 180 systolic on (AHA 2017), oxygen below 90 %,
 * 40 ℃ or 35 ℃ of body temperature (104 and 95 ℉), a pulse from 150 or to 35.
 */
const vitals: readonly Vital[] = [
  {
    names: family(any('glucose', '(?:blood )?sugars?', 'cgm', 'dexcom', 'libre', 'bg')),
    far: (value) => value < 3 || (value >= 16.7 && value < 54) || value >= 300,
    words: family(
      'hypo\\w*',
      '(?:is|are|says?|reads?|reading|so|too|very|really) (?:lo|low|hi|high)\\b',
      'low (?:blood )?sugar',
    ),
  },
  { names: family(any('spo2', 'oxygen', 'sats', 'saturation')), far: (value) => value >= 40 && value < 90 },
  {
    names: family(any('heart', 'heart rate', 'pulse', 'hr', 'bpm')),
    far: (value) => (value >= 150 && value < 300) || (value > 10 && value <= 35),
    words: family(any('racing', 'pounding', 'fluttering', 'hammering')),
    beside: besidePulse,
  },
  {
    names: family(any('temp', 'temperature', 'fever')),
    far: (value) => (value >= 40 && value < 46) || (value > 25 && value < 35) || (value >= 104 && value < 115),
  },
  { names: family(any('bp', 'blood pressure', 'systolic')), far: (value) => value >= 180 && value < 300 },
]

/** The number that a vital sign's name leads to: "glucose is only 41", not the days or the date after it. */
const reading =
  /^(?:\W*(?:[\w']+\W+){0,4}?(?:is|was|are|at|of|says|said|reads|shows|hit|reached|to|over|above|under|below)\W+(?:(?:only|just|about|around|now|like|at|over|under)\W+){0,2}|\W*)(\d{1,3}(?:\.\d+)?)\b(?! ?(?:minutes?|mins?|hours?|days?|nights?|weeks?|months?|years?|am|pm|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|:)\w*)/

/** Whether a far reading is told together with how bad it feels: what neither would say alone. */
export function inDanger(words: string): boolean {
  return vitals.some(({ names, far, words: said, beside = felt }) => {
    if (!beside.test(words)) return false
    const found = names.exec(words)
    if (!found) return false
    if (said?.test(words)) return true
    const number = reading.exec(words.slice(found.index + found[0].length))?.[1]
    return number !== undefined && far(Number(number))
  })
}
