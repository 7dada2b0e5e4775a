import type { Condition, Measure } from '../schema.js'
import { type Concept, conceptOf } from './concepts.js'
import type { NumberCondition, SaidCondition } from './draft.js'
import type { Holdings } from './holdings.js'
import { fieldOfDimension } from './units.js'

/** What the conditions of a question are about. */
export interface Filtered {
  measure: Measure
  /** The concept measured, where there is one. */
  concept: Concept | undefined
  /** Nights are meant: a duration without a name is sleep. */
  night: boolean
}

/** Conditions of the query, or null with the words that do not fit. */
export interface Filtering {
  where: Condition[]
  readings: string[]
  problem?: string
}

/** Minutes since noon of a bedtime or wake-up time, as sessions of sleep count them. */
export function sleepClock(minutes: number): number {
  return (minutes + 720) % 1440
}

/** The concept that a number without a name is compared with. */
function subjectOf(condition: NumberCondition, about: Filtered, scope: 'day' | 'any'): Concept | undefined {
  if (condition.concept) return condition.concept
  const dimension = condition.unit?.dimension
  const workout = about.measure.of === 'session' && about.measure.kind === 'workout'
  if (dimension === undefined || condition.clock !== undefined) return about.concept
  if (about.night && dimension === 'time') return conceptOf('sleep_duration')
  if (workout && scope === 'any') {
    const field = fieldOfDimension[dimension]
    if (field !== undefined) return conceptOf(field)
  }
  if (dimension === 'time' || about.concept) return about.concept
  const field = fieldOfDimension[dimension]
  return field === undefined ? undefined : conceptOf(field)
}

function shiftOf(said: SaidCondition, about: Filtered): number {
  if (said.when === undefined) return said.is === 'tag' && about.concept?.nightly ? 1 : 0
  const nightly = about.concept?.nightly ?? false
  const ofNight = said.is === 'number' && (said.concept?.nightly ?? false)
  // A night belongs to the day on which it ends: the day after a bad night is that same day.
  if (said.when === 'after') return ofNight && !nightly ? 0 : 1
  // The night before a run ends on the day of the run.
  return nightly && !ofNight ? 0 : -1
}

/** Turns conditions as said into conditions on the measure. */
export function filterOf(conditions: readonly SaidCondition[], about: Filtered, holdings: Holdings): Filtering {
  const result: Filtering = { where: [], readings: [] }
  for (const said of conditions) {
    const found = conditionOf(said, about, holdings, result.readings)
    if (found === null) return { ...result, problem: said.is }
    const shift = shiftOf(said, about)
    if (shift !== 0 && said.is === 'tag') {
      result.readings.push(
        shift > 0
          ? `the night or day after ${said.tag.replaceAll('_', ' ')}`
          : `the day before ${said.tag.replaceAll('_', ' ')}`,
      )
    }
    result.where.push(...(said.negated ? [{ on: 'not' as const, of: oneOf(found) }] : found))
  }
  return result
}

function oneOf(conditions: readonly Condition[]): Condition {
  return conditions.length === 1
    ? conditions[0]!
    : { on: 'not', of: { on: 'any', of: conditions.map((of) => ({ on: 'not', of })) } }
}

function conditionOf(said: SaidCondition, about: Filtered, holdings: Holdings, readings: string[]): Condition[] | null {
  const shift = shiftOf(said, about)
  const moved = shift === 0 ? {} : { shift }
  switch (said.is) {
    case 'weekday':
      return [{ on: 'weekday', in: [...said.in] }]
    case 'season':
      return [{ on: 'season', in: [said.season] }]
    case 'clock':
      return [{ on: 'time', from: said.from, to: said.to }]
    case 'tag':
      return [{ on: 'tag', tag: said.tag, ...moved }]
    case 'any': {
      const parts = said.of.map((one) => conditionOf(one, about, holdings, readings))
      if (parts.some((part) => part === null)) return null
      return [{ on: 'any', of: parts.flatMap((part) => (part ? [oneOf(part)] : [])) }]
    }
    case 'exercise':
      return exerciseOf(said, moved, holdings, readings)
    case 'number':
      return numberOf(said, about, moved, holdings, readings)
  }
}

function exerciseOf(
  said: Extract<SaidCondition, { is: 'exercise' }>,
  moved: { shift?: number },
  holdings: Holdings,
  readings: string[],
): Condition[] | null {
  const base = {
    on: 'session',
    kind: 'workout',
    ...(said.activity ? { activity: [...said.activity] } : {}),
    ...moved,
  } as const
  if (said.fields.length === 0) return [base]
  const found: Condition[] = []
  for (const field of said.fields) {
    const named =
      field.concept ?? (field.unit ? conceptOf(fieldOfDimension[field.unit.dimension] ?? 'duration') : undefined)
    const id = named && holdings.fieldOf(named)
    const number = id ? holdings.convert(field, named, unitOfField(id, holdings)) : null
    if (!id || !number) return null
    if (number.reading) readings.push(number.reading)
    found.push({ ...base, field: id, op: field.op, value: number.value })
  }
  return found
}

/** UCUM unit of a field of a session. */
export function unitOfField(field: string, holdings: Holdings): string {
  return field === 'duration' ? 's' : holdings.info(field).unit
}

function numberOf(
  said: Extract<SaidCondition, { is: 'number' }>,
  about: Filtered,
  moved: { shift?: number },
  holdings: Holdings,
  readings: string[],
): Condition[] | null {
  const concept = subjectOf(said, about, said.scope)
  if (!concept) return null
  if (said.said) readings.push(said.said)
  const { measure } = about
  if (concept.sleep === 'start' || concept.sleep === 'end') {
    if (said.clock === undefined) return null
    const value = sleepClock(said.clock)
    if (measure.of === 'session' && measure.kind === 'sleep' && measure.field === concept.sleep)
      return [{ on: 'value', op: said.op, value }]
    return [{ on: 'session', kind: 'sleep', field: concept.sleep, op: said.op, value, ...moved }]
  }
  if (said.clock !== undefined) return null
  const note = (number: { value: number; reading?: string } | null): number | null => {
    if (number?.reading) readings.push(number.reading)
    return number?.value ?? null
  }
  const field = holdings.fieldOf(concept)
  if (measure.of === 'session' && measure.kind === 'workout' && field !== undefined && said.scope === 'any') {
    const value = note(holdings.convert(said, concept, unitOfField(field, holdings)))
    return value === null ? null : [{ on: 'field', field, op: said.op, value }]
  }
  const id = holdings.metricOf(concept)
  // Days on which nothing measured this, but some workout did.
  const ofWorkouts = field !== undefined && (id === undefined || holdings.lacks(id)) && measure.of === 'session'
  if (id !== undefined && !ofWorkouts) {
    const value = note(holdings.convert(said, concept, holdings.info(id).unit))
    if (value === null) return null
    const same = measure.of === 'metric' && measure.metric === id && moved.shift === undefined
    return [same ? { on: 'value', op: said.op, value } : { on: 'metric', metric: id, op: said.op, value, ...moved }]
  }
  if (concept.sleep === 'duration') {
    const value = note(holdings.convert(said, concept, 's'))
    if (value === null) return null
    const same = measure.of === 'session' && measure.kind === 'sleep' && measure.field === 'duration'
    return [
      same
        ? { on: 'value', op: said.op, value }
        : { on: 'session', kind: 'sleep', field: 'duration', op: said.op, value, ...moved },
    ]
  }
  if (field === undefined) return null
  const value = note(holdings.convert(said, concept, unitOfField(field, holdings)))
  return value === null ? null : [{ on: 'session', kind: 'workout', field, op: said.op, value, ...moved }]
}
