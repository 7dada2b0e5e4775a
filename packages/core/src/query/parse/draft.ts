import type { Aggregate, Comparator, Period, SeriesQuery } from '../schema.js'
import type { Concept } from './concepts.js'
import type { Weekday } from './spans.js'
import type { Unit } from './units.js'

/** A comparison with a number, as said. */
export interface NumberCondition {
  is: 'number'
  op: Comparator
  value: number
  unit?: Unit
  /** Minutes since midnight, where the number is a time of day. */
  clock?: number
  /** What is compared; where absent, the unit or the measure tells. */
  concept?: Concept
  /** How the words were read, where they name no number. */
  said?: string
}

/** A condition as said, before it is known what is measured. */
export type SaidCondition = (
  | NumberCondition
  | { is: 'exercise'; activity?: readonly string[]; fields: NumberCondition[] }
  | { is: 'tag'; tag: string }
  | { is: 'weekday'; in: readonly Weekday[] }
  | { is: 'season'; season: 'winter' | 'spring' | 'summer' | 'autumn' }
  | { is: 'clock'; from: string; to: string }
  | { is: 'any'; of: SaidCondition[] }
) & {
  /** Whole days are meant ("on days when"), or the sessions themselves. */
  scope: 'day' | 'any'
  negated?: boolean
  /** `after` and `before` move to the next or previous day. */
  when?: 'after' | 'before'
}

/** A measure as said. */
export interface SaidMeasure {
  concept: Concept
  /** `hours` of "hours of sleep": the unit of bare numbers about it. */
  unit?: Unit
  /** Implied by a word such as `longest`, and overruled by a measure that is named. */
  implied: boolean
}

/** What one side of a comparison adds. */
export interface Side {
  period?: Period
  conditions: SaidCondition[]
  measures: SaidMeasure[]
  activity?: Activity
}

/** Sessions that are meant; without ids any workout. */
export interface Activity {
  ids?: readonly string[]
  /** `during` takes samples inside the sessions where there are some. */
  link: 'of' | 'during'
  /** Said as what the person did: `I walked`. */
  verb?: boolean
  text: string
}

/** What is asked for. */
export type Ask = 'value' | 'days' | 'times' | 'share' | 'list' | 'when' | 'trend' | 'baseline' | 'deviation'

/** Everything that a sentence said, in no order. */
export interface Draft {
  ask: Ask
  aggregate?: Aggregate
  /** A second aggregate: `highest and lowest`. */
  second?: Aggregate
  /** The word was `most` or `best`, which only mean an aggregate where nothing else does. */
  best?: 'best' | 'worst'
  p?: number
  /** Unit of `how many hours …`. */
  unit?: Unit
  /** `how many …` or `how much …` of what is measured: sums add up. */
  counted: boolean
  /** `did I …`, `have I …`: whether, which days tell. */
  yesNo?: boolean
  /** `how much …`: an amount, not how many. */
  amount?: boolean
  /** `how long do I …`: what is usual, not what was last. */
  habit: boolean
  /** Nights are counted or meant. */
  night: boolean
  asleep: boolean
  take?: NonNullable<SeriesQuery['take']> & { of: 'session' | 'day' }
  group?: NonNullable<SeriesQuery['group']>
  /** `weekly`, `per week`: what adds up is added up within each. */
  per: boolean
  /** The group whose extreme is asked for: `which month …`. */
  which?: NonNullable<SeriesQuery['group']>
  sides: [Side, Side?]
  /** A comparison was announced (`compare`, `difference`). */
  comparing: boolean
  /** A word such as `more` or `better` compares without naming with what. */
  contrast: boolean
  readings: string[]
  clarify?: string
  /** Words that nothing accounts for; then the question is not understood. */
  unknown: string[]
}

/** A draft with nothing in it. */
export function emptyDraft(): Draft {
  return {
    ask: 'value',
    counted: false,
    per: false,
    habit: false,
    night: false,
    asleep: false,
    sides: [{ conditions: [], measures: [] }],
    comparing: false,
    contrast: false,
    readings: [],
    unknown: [],
  }
}

/** The side that is being read. */
export function currentSide(draft: Draft): Side {
  return draft.sides[1] ?? draft.sides[0]
}
