import type { Comparator } from '../schema.js'
import { type Concept, conceptOf, tagConcepts } from './concepts.js'
import { readDates } from './dates.js'
import type { NumberCondition, SaidCondition } from './draft.js'
import { type Quantity, readClock, readQuantity, unitWord } from './quantity.js'
import type { Read, Reader } from './reader.js'

/** Words that stand between a measure and its comparison. */
const LINKS = 'i|my|be|have|do|the|was|of|that|which|value|we'
/** Light verbs of "steps I took", "calories I burned". */
const LIGHT = 'take|do|make|get|have|spend|burn|cover|record|achieve|climb'

function skipAll(reader: Reader, start: number, words: string): number {
  let at = start
  while (reader.word(at, words)) at++
  return at
}

/** What is measured, named with its unit: `sleep hours`, `minutes I slept`, `time slept`, `rem sleep`, `steps I took`. */
export function readMeasure(
  reader: Reader,
  start: number,
): Read<{ concept: Concept; unit?: NumberCondition['unit'] }> | null {
  const unit = unitWord(reader, start)
  if (unit?.dimension === 'share') return null
  if (unit || reader.word(start, 'time|amount|number')) {
    const at = skipAll(reader, start + 1, 'of|i|my|spend|in|be|we|total')
    const concept = reader.meaning(at, 'concept')?.concept
    if (!concept) return null
    const fits = unit ? unit.dimension !== 'time' || isTime(concept) : isTime(concept) || !reader.word(start, 'time')
    if (!fits) return null
    const hint = unit && isTime(concept) ? { unit } : {}
    return { value: { concept, ...hint }, next: afterMeasure(reader, at + 1, concept) }
  }
  const concept = reader.meaning(start, 'concept')?.concept
  // Lengths of a pool are no length of time.
  if (!concept || reader.terms[start]?.text === 'lengths') return null
  const hint = unitWord(reader, start + 1)
  if (hint?.dimension === 'time' && isTime(concept)) {
    return { value: { concept, unit: hint }, next: afterMeasure(reader, start + 2, concept) }
  }
  return { value: { concept }, next: afterMeasure(reader, start + 1, concept) }
}

/** Measured in hours or minutes. */
function isTime({ bare }: Concept): boolean {
  return bare === 'sleep' || bare === 'min'
}

/** Where `I took` of "the steps I took" ends. */
function afterMeasure(reader: Reader, at: number, concept: Concept): number {
  if (!reader.word(at, 'i|we')) return at
  // Steps are walked; a distance that was walked is another than one that was run.
  const verbs = concept.key === 'steps' ? `${LIGHT}|walk` : LIGHT
  const verb = reader.word(at + 1, 'have') && reader.word(at + 2, verbs) ? at + 2 : at + 1
  return reader.word(verb, verbs) ? verb + 1 : at
}

function readComparator(reader: Reader, start: number): Read<Comparator> | null {
  const at = skipAll(reader, start, 'be|was|of|at|go|went|is|have')
  const found = reader.meaning(at, 'compare')
  return found ? { value: found.op, next: skipAll(reader, at + 1, 'a|of|than') } : null
}

function numberOf(op: Comparator, { value, unit, clock }: Quantity, concept?: Concept): NumberCondition {
  return {
    is: 'number',
    op,
    value,
    ...(unit ? { unit } : {}),
    ...(clock === undefined ? {} : { clock }),
    ...(concept ? { concept } : {}),
  }
}

/** Comparators of a time of day: `before 23:00`, `after midnight`. */
function readClockComparator(reader: Reader, at: number): Read<Comparator> | null {
  if (reader.word(at, 'before') || (reader.word(at, 'early') && reader.word(at + 1, 'than'))) {
    return { value: '<', next: reader.word(at, 'before') ? at + 1 : at + 2 }
  }
  if (reader.word(at, 'after') || reader.word(at, 'past')) return { value: '>', next: at + 1 }
  if (/^(later|earlier)$/.test(reader.terms[at]?.text ?? '') && reader.word(at + 1, 'than')) {
    return { value: reader.terms[at]!.text === 'later' ? '>' : '<', next: at + 2 }
  }
  return null
}

/** A clock time, in words of the evening: `11` after `before` is read as a time only with am or pm. */
function readClockCondition(reader: Reader, at: number, concept: Concept | undefined): Read<NumberCondition> | null {
  const op = readClockComparator(reader, at)
  const time = op && readClock(reader, op.next)
  if (!op || !time || (concept?.sleep !== 'start' && concept?.sleep !== 'end')) return null
  return { value: numberOf(op.value, { value: time.value, clock: time.value }, concept), next: time.next }
}

/** `10,000 steps or more`, `more than six hours of deep sleep`, `over 5 km`, `resting heart rate above 60`. */
export function readNumberCondition(reader: Reader, start: number): Read<NumberCondition[]> | null {
  const measure = readMeasure(reader, start)
  if (measure) {
    const found = readComparison(reader, measure.next, measure.value.concept, measure.value.unit)
    if (found) return found
  }
  // "My caffeine was above 200 mg": what is a tag elsewhere has an amount here.
  const subject = skipAll(reader, start, 'my|the')
  const tag = reader.meaning(subject, 'tag')?.tag
  const amount = tag === undefined ? undefined : tagConcepts[tag]
  const compared = amount === undefined ? null : readComparison(reader, subject + 1, conceptOf(amount), undefined)
  if (compared) return compared
  const at = skipAll(reader, start, 'i|have|had|get|got|do|was|be|we|my|sleep|take|walk|burn|make|climb|spend|go|cover')
  const verb = at > start ? verbConcept(reader, start, at) : undefined
  const bare = readComparison(reader, at, undefined, undefined)
  if (!bare) return null
  const [first] = bare.value
  if (!first || first.concept) return bare
  const of = skipAll(reader, bare.next, 'of|in|my')
  const named = reader.meaning(of, 'concept')?.concept
  const asleep = named && (named.bare === 'sleep' || of > bare.next || first.unit === undefined)
  if (named && asleep && !startsAnother(reader, of)) {
    return { value: bare.value.map((one) => ({ ...one, concept: named })), next: afterMeasure(reader, of + 1, named) }
  }
  return verb ? { value: bare.value.map((one) => ({ ...one, concept: verb })), next: bare.next } : bare
}

/** The concept at `at` is compared with a number of its own. */
function startsAnother(reader: Reader, at: number): boolean {
  const next = readComparator(reader, at + 1)
  return next !== null && readQuantity(reader, next.next) !== null
}

/** What a verb measures: "I slept less than 6", "I walked more than 8000". */
function verbConcept(reader: Reader, from: number, to: number): Concept | undefined {
  for (let at = from; at < to; at++) if (reader.word(at, 'sleep')) return conceptOf('sleep_duration')
  return undefined
}

function readComparison(
  reader: Reader,
  start: number,
  concept: Concept | undefined,
  unit: NumberCondition['unit'],
): Read<NumberCondition[]> | null {
  const at = concept ? skipAll(reader, start, LINKS) : start
  const clock = readClockCondition(reader, at, concept)
  if (clock) return { value: [clock.value], next: clock.next }
  const hinted = ({ value, unit: own, ...rest }: Quantity): Quantity => {
    const named = own ?? (rest.clock === undefined ? unit : undefined)
    return { value, ...(named ? { unit: named } : {}), ...rest }
  }
  if (reader.word(at, 'between')) {
    const low = readQuantity(reader, at + 1)
    const high = low && reader.word(low.next, 'and') ? readQuantity(reader, low.next + 1) : null
    if (!low || !high || low.value.clock !== undefined) return null
    // "Between 3 and 9 June" are days.
    if (reader.meaning(high.next, 'month')) return null
    const lower = { ...low.value, ...(low.value.unit ? {} : high.value.unit ? { unit: high.value.unit } : {}) }
    return {
      value: [numberOf('>=', hinted(lower), concept), numberOf('<=', hinted(high.value), concept)],
      next: high.next,
    }
  }
  const op = readComparator(reader, at)
  const quantity = readQuantity(reader, op?.next ?? at)
  if (!quantity) return null
  const ofMeasure = quantity.value.unit ? quantity.next : skipConcept(reader, quantity.next)
  const trailing = reader.meaning(ofMeasure, 'trailing') ?? reader.meaning(quantity.next, 'trailing')
  if (!op && trailing) {
    const direct = reader.meaning(quantity.next, 'trailing') !== undefined
    const named = direct ? concept : (reader.meaning(ofMeasure - 1, 'concept')?.concept ?? concept)
    return {
      value: [numberOf(trailing.op, hinted(quantity.value), named)],
      next: (direct ? quantity.next : ofMeasure) + 1,
    }
  }
  if (!op) return null
  return { value: [numberOf(op.value, hinted(quantity.value), concept)], next: quantity.next }
}

function skipConcept(reader: Reader, at: number): number {
  return reader.meaning(at, 'concept') ? at + 1 : at
}

/** A sleep that is only called bad or good: the hours that this is read as. */
function readQuality(reader: Reader, start: number): Read<NumberCondition> | null {
  const at = skipAll(reader, start, 'a|of|the')
  const bad = reader.word(at, 'bad|poor|short|little|badly|poorly|terrible|insufficient')
  const good = reader.word(at, 'good|long|well|enough|sufficient')
  const sleeps = (to: number) =>
    reader.meaning(to, 'calendar')?.unit === 'night' || reader.meaning(to, 'concept')?.concept.key === 'sleep_duration'
  const condition = (low: boolean): NumberCondition => ({
    is: 'number',
    op: low ? '<' : '>=',
    value: low ? 6 : 7,
    unit: { ucum: 'h', dimension: 'time' },
    concept: conceptOf('sleep_duration'),
    said: low ? 'bad sleep meaning less than 6 hours' : 'good sleep meaning at least 7 hours',
  })
  if ((bad || good) && sleeps(at + 1)) {
    const end = reader.word(at + 2, 'of') || reader.word(at + 2, 'in') ? at + 3 : at + 2
    const next = sleeps(end) ? end + 1 : reader.word(at + 2, 'sleep') ? at + 3 : at + 2
    return { value: condition(bad), next }
  }
  const subject = skipAll(reader, start, 'i|have|had|we')
  if (reader.meaning(subject, 'concept')?.concept.key !== 'sleep_duration') return null
  const low = reader.word(subject + 1, 'bad|badly|poor|poorly|little|short')
  return low || reader.word(subject + 1, 'well|good|long|enough') ? { value: condition(low), next: subject + 2 } : null
}

/** One condition, without the word that introduces it. */
export function readCondition(
  reader: Reader,
  start: number,
  scope: 'day' | 'any',
  today: string,
): Read<SaidCondition[]> | null {
  const quality = readQuality(reader, start)
  if (quality) return { value: [{ ...quality.value, scope }], next: quality.next }
  const numbers = readNumberCondition(reader, start)
  if (numbers) return { value: numbers.value.map((one) => ({ ...one, scope })), next: numbers.next }
  const time = readTimeOfDay(reader, start)
  if (time) return { value: [time.value], next: time.next }
  let at = skipAll(
    reader,
    start,
    'i|have|do|go|drink|take|be|a|an|the|some|any|my|we|no|not|without|except|exclude|feel|of|for|practice|eat|on',
  )
  // "After drinking": the verb is the thing.
  if (at > start && !reader.meaning(at, 'tag') && reader.meaning(at - 1, 'tag')) at--
  const negated = negations(reader, start, at)
  const tag = reader.meaning(at, 'tag')
  if (tag) return { value: [{ is: 'tag', tag: tag.tag, scope, ...(negated ? { negated } : {}) }], next: at + 1 }
  const activity = readActivity(reader, at)
  if (activity) {
    const fields = readFields(reader, activity.next, today)
    const condition: SaidCondition = {
      is: 'exercise',
      ...(activity.value ? { activity: activity.value } : {}),
      fields: fields.value,
      scope,
      ...(negated ? { negated } : {}),
    }
    return { value: [condition], next: fields.next }
  }
  const days = reader.meaning(at, 'weekday')
  if (days && !readDates(reader, at, today)) {
    return { value: [{ is: 'weekday', in: days.in, scope: 'day', ...(negated ? { negated } : {}) }], next: at + 1 }
  }
  return null
}

function negations(reader: Reader, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (reader.word(at, 'no|not|without|except|exclude')) return true
  return false
}

/** An activity or exercise in general; the value is its ids, undefined for any. */
export function readActivity(reader: Reader, at: number): Read<readonly string[] | undefined> | null {
  const activity = reader.meaning(at, 'activity')
  if (activity) {
    const more =
      reader.word(at + 1, 'session|workout|class|training|activity') || reader.meaning(at + 1, 'exercise')
        ? at + 2
        : at + 1
    return { value: activity.ids, next: more }
  }
  return reader.meaning(at, 'exercise') ? { value: undefined, next: at + 1 } : null
}

/** Comparisons right after an activity: `runs over 5 km`, `a run of more than an hour`. */
function readFields(reader: Reader, start: number, today: string): Read<NumberCondition[]> {
  const at = skipAll(reader, start, 'of|that|which|be|was|with|for|take|last')
  if (readDates(reader, at, today)) return { value: [], next: start }
  const found = readNumberCondition(reader, at)
  return found ?? { value: [], next: start }
}

const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`

/** `after 22:00`, `between 10 pm and 6 am`, `in the morning`. */
export function readTimeOfDay(reader: Reader, start: number): Read<SaidCondition> | null {
  const word = (from: string, to: string, next: number): Read<SaidCondition> => ({
    value: { is: 'clock', from, to, scope: 'any' },
    next,
  })
  if (reader.word(start, 'between|from')) {
    const from = readClock(reader, start + 1)
    const to = from && reader.word(from.next, 'and|to|until|till') ? readClock(reader, from.next + 1) : null
    return from && to ? word(clock(from.value), clock(to.value), to.next) : null
  }
  if (reader.word(start, 'after|before|since|until|till|past')) {
    const at = readClock(reader, start + 1)
    if (!at) return null
    const later = reader.word(start, 'after|since|past')
    return later ? word(clock(at.value), '00:00', at.next) : word('00:00', clock(at.value), at.next)
  }
  if (reader.word(start, 'in|during')) {
    const at = reader.word(start + 1, 'the') ? start + 2 : start + 1
    const time = reader.meaning(at, 'daytime')
    return time ? word(time.from, time.to, at + 1) : null
  }
  return null
}
