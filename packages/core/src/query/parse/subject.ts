import type { Measure, SeriesQuery } from '../schema.js'
import { type Concept, conceptOf, tagConcepts } from './concepts.js'
import type { Draft, NumberCondition, SaidCondition, Side } from './draft.js'
import type { Holdings } from './holdings.js'

/** A question back to the person. */
export type Clarify = { clarify: string }

/** What is measured, and what follows from that for the rest of the query. */
export interface Subject {
  measure: Measure
  concept: Concept | undefined
  within?: NonNullable<SeriesQuery['within']>
  /** Conditions that come from how the sessions were named: days with a run. */
  conditions: SaidCondition[]
  readings: string[]
  /** The condition that named what is measured. */
  counted?: SaidCondition
  /** Share of another metric. */
  whole?: Measure
}

/** Kinds of metrics that have samples within an hour. */
function isSampled(id: string, holdings: Holdings): boolean {
  const { shape, kind } = holdings.info(id)
  return shape === 'sample' && (kind === 'instant' || kind === 'average')
}

/** "Steps I walked" are no steps of walks: the verb says nothing that the measure does not. */
function isVerbOf({ key }: Concept, words: string): boolean {
  if (key === 'steps') return /^walk(?:ed)?$/.test(words)
  return (key === 'floors_climbed' || key === 'elevation_gained') && /^climb(?:ed)?$/.test(words)
}

function workout(side: Side, field: string): Measure {
  const ids = side.activity?.ids
  return { of: 'session', kind: 'workout', ...(ids ? { activity: [...ids] } : {}), field }
}

function fieldConditions(conditions: readonly SaidCondition[], holdings: Holdings): boolean {
  return conditions.some(
    (one) =>
      one.is === 'number' &&
      one.scope === 'any' &&
      one.when === undefined &&
      (!one.concept || holdings.fieldOf(one.concept) !== undefined),
  )
}

/** Reads one measure of a side; null where no one measures such a thing. */
export function subjectOf(concept: Concept | undefined, side: Side, draft: Draft, holdings: Holdings): Subject | null {
  const base = { conditions: [], readings: [] as string[] }
  if (!concept) return withoutMeasure(side, draft, holdings)
  if (concept.sleep) {
    return { ...base, measure: { of: 'session', kind: 'sleep', field: concept.sleep }, concept }
  }
  const id = holdings.metricOf(concept)
  if (side.activity && !(side.activity.verb && isVerbOf(concept, side.activity.text))) {
    const subject = ofSessions(concept, id, side, draft, holdings)
    if (subject) return subject
  }
  // A length of time without sessions is that of workouts, unless the question is about sleep.
  if (concept.key === 'duration') {
    if (draft.night || draft.asleep) return subjectOf(conceptOf('sleep_duration'), side, draft, holdings)
    // "How long was my heart rate over 120": no workout was spoken of, and nothing else has a length.
    const ofOther = side.conditions.some((one) => one.is === 'number' && one.concept && one.concept.key !== 'duration')
    if (ofOther) return null
    return { ...base, measure: workout(side, 'duration'), concept, readings: ['the duration of workouts'] }
  }
  if (id === undefined && concept.shareOf) return shareOf(concept, holdings)
  if (id === undefined) return null
  const named = holdings.metricOf({ ...concept, days: concept.days.slice(0, 1) })
  if (id !== named && concept.days[0] !== id && !id.endsWith(`.${concept.days[0]}`)) {
    base.readings.push(`${concept.names[0]} meaning ${id.replaceAll('_', ' ')}`)
  }
  const asleep = draft.asleep || (draft.night && holdings.info(id).kind === 'instant' && !holdings.info(id).sparse)
  const within = asleep && isSampled(id, holdings) ? { within: { kind: 'sleep' as const } } : {}
  return { ...base, measure: { of: 'metric', metric: id }, concept, ...within }
}

function ofSessions(
  concept: Concept,
  id: string | undefined,
  side: Side,
  draft: Draft,
  holdings: Holdings,
): Subject | null {
  const activity = side.activity!
  const field = holdings.fieldOf(concept)
  const base = { concept, conditions: [], readings: [] as string[] }
  const plain = !draft.take && !fieldConditions(side.conditions, holdings)
  const sampled = id !== undefined && holdings.has(id) && isSampled(id, holdings)
  // Workouts seldom say these themselves, and what was measured during them does.
  const unsaid = field === 'power' || field === 'cadence'
  if (
    sampled &&
    plain &&
    (activity.link === 'during' || unsaid || (field === 'heart_rate' && draft.aggregate === 'max'))
  ) {
    const ids = activity.ids
    return {
      ...base,
      measure: { of: 'metric', metric: id },
      within: { kind: 'workout', ...(ids ? { activity: [...ids] } : {}) },
    }
  }
  if (field !== undefined) {
    // The highest heart rate of a run is no mean of it, where the watch tells both.
    const peak = field === 'heart_rate' && draft.aggregate === 'max' && sampled
    return { ...base, measure: workout(side, peak ? 'heart_rate_max' : field) }
  }
  if (id === undefined) return null
  const condition: SaidCondition = {
    is: 'exercise',
    ...(activity.ids ? { activity: activity.ids } : {}),
    fields: [],
    scope: 'day',
  }
  return {
    ...base,
    measure: { of: 'metric', metric: id },
    conditions: [condition],
    readings: [`${concept.names[0]} of days with ${activity.text}`],
  }
}

function shareOf(concept: Concept, holdings: Holdings): Subject | null {
  const [part, whole] = concept.shareOf!
  const has = holdings.metricOf({ ...concept, days: [part] })
  if (has === undefined) return null
  return {
    measure: { of: 'metric', metric: part },
    whole: { of: 'metric', metric: whole },
    concept: conceptOf(part),
    conditions: [],
    readings: ['the share that one mean is of the other'],
  }
}

/** Activities that are told by how far. */
const covered = ['walking', 'hiking', 'running', 'cycling', 'swimming', 'rowing', 'paddling', 'skiing', 'skating']

/** Plurals that are counted: "more runs" is how many, "more running" how far. */
const occasions = /^(?:sessions|classes|workouts|trainings|runs|rides|walks|hikes|swims|games|matches|rows|jogs)$/

/** How much of an activity, where one is compared with another and nothing says in what: distance, else time. */
function amountOf(side: Side): Subject {
  const key = side.activity?.ids?.some((id) => covered.includes(id)) ? 'distance' : 'duration'
  const readings = [`how much by ${key}`]
  return { measure: workout(side, key), concept: conceptOf(key), conditions: [], readings }
}

/** What nearly every day has: days on which something did not happen are counted among its days. */
const everyday = ['steps', 'resting_heart_rate', 'sleep_duration', 'energy_active', 'heart_rate']

function amongDays(holdings: Holdings): Subject | null {
  const id = everyday.find((metric) => holdings.has(metric))
  if (id === undefined) return null
  const readings = [`among the days with ${id.replaceAll('_', ' ')}`]
  return { measure: { of: 'metric', metric: id }, concept: undefined, conditions: [], readings }
}

/** What is counted where nothing is named: workouts, days on which something holds, tags. */
function withoutMeasure(side: Side, draft: Draft, holdings: Holdings): Subject | null {
  const base = { conditions: [], readings: [] }
  if (side.activity) {
    const ranked = draft.which !== undefined || (draft.contrast && draft.ask === 'value')
    const counted = side.activity.text.split(' ').at(-1)!
    return ranked && !occasions.test(counted)
      ? amountOf(side)
      : { ...base, measure: workout(side, 'count'), concept: undefined }
  }
  const numbers = side.conditions.filter((one): one is NumberCondition & SaidCondition => one.is === 'number')
  const first = numbers.find(({ concept }) => concept !== undefined) ?? numbers[0]
  const unnamed = draft.night || first?.unit?.dimension === 'time' ? conceptOf('sleep_duration') : undefined
  const concept = first ? (first.concept ?? unnamed) : draft.night ? conceptOf('sleep_duration') : undefined
  if (concept && !(concept.key === 'duration')) {
    if (concept.sleep) return { ...base, measure: { of: 'session', kind: 'sleep', field: concept.sleep }, concept }
    const id = holdings.metricOf(concept)
    return id === undefined ? null : { ...base, measure: { of: 'metric', metric: id }, concept }
  }
  const exercise = side.conditions.find((one) => one.is === 'exercise' && !one.negated)
  if (exercise?.is === 'exercise' && exercise.fields.length === 0) {
    return {
      ...base,
      measure: {
        of: 'session',
        kind: 'workout',
        ...(exercise.activity ? { activity: [...exercise.activity] } : {}),
        field: 'count',
      },
      concept: undefined,
    }
  }
  const tag = side.conditions.find((one) => one.is === 'tag' && !one.negated)
  const measured = tag?.is === 'tag' ? tagConcepts[tag.tag] : undefined
  const amount = measured === undefined ? undefined : holdings.metricOf(conceptOf(measured))
  if (
    tag &&
    measured !== undefined &&
    amount !== undefined &&
    holdings.has(amount) &&
    (!draft.counted || draft.amount)
  ) {
    return { ...base, measure: { of: 'metric', metric: amount }, concept: conceptOf(measured), counted: tag }
  }
  if (tag?.is === 'tag') return { ...base, measure: { of: 'tag', tag: tag.tag }, concept: undefined }
  return side.conditions.some(({ negated }) => negated) ? amongDays(holdings) : null
}
