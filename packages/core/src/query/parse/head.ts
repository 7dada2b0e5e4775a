import { metric } from '../../catalogue/index.js'
import { conceptOf } from './concepts.js'
import { readActivity, readMeasure } from './conditions.js'
import { currentSide, type Draft } from './draft.js'
import { unitWord } from './quantity.js'
import type { Reader } from './reader.js'
import { fieldOfDimension } from './units.js'

type Group = NonNullable<Draft['group']>

/** What a question begins with: `how many …`, `how long …`, `when …`, `what percent of …`, `which month …`. */
export function readHead(reader: Reader, at: number, draft: Draft): number | null {
  if (reader.word(at, 'how')) return readHow(reader, at + 1, draft)
  const early = currentSide(draft).measures.length === 0 && draft.aggregate === undefined
  if (reader.word(at, 'when') && early && !draft.sides[0].activity && draft.ask === 'value') {
    if (!reader.word(at + 1, 'be|do|was|did|have|has')) return null
    draft.ask = 'when'
    return at + 1
  }
  const which = reader.word(at, 'what|which') ? at + 1 : null
  const ofDay =
    reader.word(at + 2, 'of') &&
    reader.meaning(reader.word(at + 3, 'the') ? at + 4 : at + 3, 'calendar')?.unit === 'day'
  if (which !== null && reader.word(which, 'time') && ofDay) {
    draft.which = 'hour'
    return reader.word(at + 3, 'the') ? at + 5 : at + 4
  }
  if (reader.word(at, 'what') && reader.word(at + 1, 'time') && !reader.word(at + 2, 'in')) {
    draft.ask = 'when'
    return at + 2
  }
  if (which !== null) {
    const group = readGroupUnit(reader, which)
    if (group && !/s$/.test(reader.terms[which]!.text)) {
      draft.which = group.value
      return group.next
    }
  }
  const percent = which !== null || reader.word(at, 'percent|share|proportion|fraction') ? (which ?? at) : null
  if (percent !== null && reader.word(percent, 'percent|share|proportion|fraction'))
    return readShare(reader, percent + 1, draft)
  return null
}

/** `what percent of nights`, `what share of my days`. */
function readShare(reader: Reader, start: number, draft: Draft): number | null {
  let at = reader.word(start, 'of') ? start + 1 : start
  while (reader.word(at, 'the|my|all')) at++
  const unit = reader.meaning(at, 'calendar')?.unit
  if (unit !== 'day' && unit !== 'night') return null
  draft.ask = 'share'
  if (unit === 'night') draft.night = true
  return at + 1
}

function readHow(reader: Reader, at: number, draft: Draft): number | null {
  if (reader.word(at, 'much')) {
    let verb = at + 1
    while (reader.word(verb, 'do|have|i|we|time')) verb++
    // "How much did I swim": for how long.
    if (verb > at + 1 && readActivity(reader, verb)) return imply(draft, 'duration', at + 1)
  }
  if (reader.word(at, 'much')) draft.amount = true
  if (reader.word(at, 'many|much')) return readHowMany(reader, at + 1, draft)
  if (reader.word(at, 'often|frequent|frequently')) {
    draft.ask = 'times'
    return at + 1
  }
  if (reader.word(at, 'far')) return imply(draft, 'distance', at + 1)
  if (reader.word(at, 'fast')) return imply(draft, 'speed', at + 1)
  if (reader.word(at, 'heavy')) return imply(draft, 'weight', at + 1)
  if (reader.word(at, 'tall')) return imply(draft, 'height', at + 1)
  if (reader.word(at, 'loud|noisy')) return imply(draft, 'audio_environmental', at + 1)
  if (reader.word(at, 'long')) {
    draft.habit = true
    // "How long did it take me to fall asleep"
    let verb = at + 1
    while (reader.word(verb, 'do|did|have|be|it|me|i|my|take|usual|normally|typically|to|does')) verb++
    const concept = reader.meaning(verb, 'concept')?.concept
    const slow = concept?.key === 'bedtime' && /asleep|sleep$/.test(reader.terms[verb]!.text)
    if (slow) {
      currentSide(draft).measures.push({ concept: conceptOf('sleep_latency'), implied: false })
      return verb + 1
    }
    return imply(draft, 'duration', at + 1)
  }
  if (reader.word(at, 'late|early')) {
    draft.ask = 'when'
    return at + 1
  }
  // "How high did it get" is how far it went, "how high is it" how it stands.
  const went = reader.terms
    .slice(at + 1)
    .some(({ stem }) => /^(?:get|go|drop|rise|climb|reach|spike|dip|fall)$/.test(stem))
  if (went && reader.word(at, 'high|low')) {
    draft.aggregate = reader.word(at, 'high') ? 'max' : 'min'
    return reader.word(at + 1, 'do') ? at + 2 : at + 1
  }
  return reader.word(at, 'high|low|good|well') && at + 1 < reader.length ? at + 1 : at
}

function imply(draft: Draft, key: string, next: number): number {
  const side = currentSide(draft)
  if (side.measures.length === 0) side.measures.push({ concept: conceptOf(key), implied: true })
  return next
}

function readHowMany(reader: Reader, start: number, draft: Draft): number | null {
  const at = reader.word(start, 'of|total|more') ? start + 1 : start
  const unit = reader.meaning(at, 'calendar')?.unit
  if (unit === 'day' || unit === 'night') {
    draft.ask = 'days'
    if (unit === 'night') draft.night = true
    return at + 1
  }
  if (reader.word(at, 'time')) {
    if (reader.word(at - 1, 'much')) return imply(draft, 'duration', at + 1)
    draft.ask = 'times'
    return at + 1
  }
  draft.counted = true
  const named = readMeasure(reader, at)
  if (named) return at
  const measured = unitWord(reader, at)
  if (measured) {
    draft.unit = measured
    const field = fieldOfDimension[measured.dimension]
    return field === undefined ? null : imply(draft, field, at + 1)
  }
  const activity = readActivity(reader, at)
  if (activity && /(s|ing)$/.test(reader.terms[at]!.text)) draft.ask = 'times'
  return at
}

/** `day`, `week`, `day of the week`, `weekday`, `season`: what can be grouped by. */
function readGroupUnit(reader: Reader, at: number): { value: Group; next: number } | null {
  const unit = reader.meaning(at, 'calendar')?.unit
  if (
    unit === 'day' &&
    reader.word(at + 1, 'of') &&
    reader.word(at + 2, 'the') &&
    reader.meaning(at + 3, 'calendar')?.unit === 'week'
  ) {
    return { value: 'weekday', next: at + 4 }
  }
  if (unit) return { value: unit === 'night' ? 'day' : unit, next: at + 1 }
  if (reader.meaning(at, 'weekday')?.in.length === 5) return { value: 'weekday', next: at + 1 }
  if (reader.word(at, 'season')) return { value: 'season', next: at + 1 }
  if (reader.word(at, 'hour')) return { value: 'hour', next: at + 1 }
  if (reader.word(at, 'source|device')) return { value: 'source', next: at + 1 }
  if (reader.word(at, 'sport') || reader.meaning(at, 'exercise')) {
    return { value: 'activity', next: reader.word(at + 1, 'type') ? at + 2 : at + 1 }
  }
  return null
}

const adverbs: Readonly<Record<string, Group>> = {
  weekly: 'week',
  monthly: 'month',
  quarterly: 'quarter',
  yearly: 'year',
  annual: 'year',
  hourly: 'hour',
}

/** `per week`, `by month`, `for each weekday`, `monthly`; a day is what is averaged anyway. */
export function readGroup(reader: Reader, start: number, draft: Draft): number | null {
  for (const [adverb, group] of Object.entries(adverbs)) {
    if (!reader.word(start, adverb)) continue
    draft.group = group
    draft.per = true
    return start + 1
  }
  if (reader.word(start, 'daily|nightly')) {
    draft.aggregate ??= 'mean'
    return start + 1
  }
  const unit = reader.meaning(start, 'calendar')?.unit
  if (unit && reader.word(start + 1, 'by') && reader.meaning(start + 2, 'calendar')?.unit === unit) {
    draft.group = unit === 'night' ? 'day' : unit
    return start + 3
  }
  const each = reader.word(start, 'for|in|on|of') && reader.word(start + 1, 'each|every') ? start + 1 : start
  const by = reader.word(each, 'by|per|each|every')
  const a = reader.word(each, 'a|an') && (draft.ask === 'times' || draft.ask === 'days' || draft.aggregate === 'mean')
  if (!by && !a) return null
  const group = readGroupUnit(reader, each + 1)
  if (!group) return null
  // "Did I … every day" asks on how many of them.
  if (group.value === 'day' && draft.yesNo) return group.next
  if (group.value === 'day' && !reader.word(each, 'by')) draft.aggregate ??= 'mean'
  else draft.group = group.value
  draft.per = !reader.word(each, 'by')
  return group.next
}

/** `my last 3 runs`, `the most recent workout`, `the last time I …`, `the latest day on which I …`. */
export function readTake(reader: Reader, start: number, draft: Draft): number | null {
  const counted = reader.number(start)
  if (
    counted !== undefined &&
    reader.word(start + 1, 'most|last|latest|first') &&
    counted >= 1 &&
    Number.isInteger(counted)
  ) {
    const after = reader.word(start + 1, 'most') && reader.word(start + 2, 'recent') ? start + 3 : start + 2
    if (!readActivity(reader, after)) return null
    draft.take = { from: reader.word(start + 1, 'first') ? 'first' : 'last', n: counted, of: 'session' }
    return after
  }
  const clock = readClockExtreme(reader, start, draft)
  if (clock !== null) return clock
  const recent = reader.word(start, 'most') && reader.word(start + 1, 'recent')
  const last = recent || reader.word(start, 'last|latest|newest|previous|final|recent')
  if (!last && !reader.word(start, 'first')) return null
  let at = recent ? start + 2 : start + 1
  const n = reader.number(at) ?? 1
  if (reader.number(at) !== undefined) at++
  if (!Number.isInteger(n) || n < 1 || n > 100_000) return null
  const from = last ? 'last' : 'first'
  const unit = reader.meaning(at, 'calendar')?.unit
  if (unit === 'day' || unit === 'night' || reader.word(at, 'date')) {
    let inner = at + 1
    while (reader.word(inner, 'on|which|where|when|that|in|with|i|have|had|do|did|go|for|a|my|of')) inner++
    const activity = inner > at + 1 ? readActivity(reader, inner) : null
    if (activity) {
      currentSide(draft).conditions.push({
        is: 'exercise',
        ...(activity.value ? { activity: activity.value } : {}),
        fields: [],
        scope: 'day',
      })
      draft.take = { from, n, of: 'day' }
      return activity.next
    }
    // The last days are a period.
    if (from === 'last') return null
    draft.take = { from, n, of: 'day' }
    return at + 1
  }
  if (reader.word(at, 'time')) {
    draft.take = { from, n, of: 'session' }
    return at + 1
  }
  const verb = at
  if (readActivity(reader, verb)) {
    draft.take = { from, n, of: 'session' }
    return at
  }
  const named = readMeasure(reader, skipRecorded(reader, at))
  if (named && n > 1 && metric(named.value.concept.days[0] ?? '')?.sparse) {
    draft.take = { from, n, of: 'day' }
    return at
  }
  if (n > 1 || draft.aggregate !== undefined) return null
  // "My latest weight", and "weight: latest".
  const newest = reader.word(start, 'latest|newest') || recent
  const after = newest && at >= reader.length - 1 && currentSide(draft).measures.length > 0
  if (named ? newest || reader.word(start, 'last|first') : after) {
    draft.aggregate = from
    return skipRecorded(reader, at)
  }
  return null
}

function skipRecorded(reader: Reader, start: number): number {
  let at = start
  while (reader.word(at, 'record|ever|measure|log|know')) at++
  return at
}

/** `my latest bedtime`, `the earliest I got up`: extremes of the clock, not of the calendar. */
function readClockExtreme(reader: Reader, start: number, draft: Draft): number | null {
  const late = reader.word(start, 'latest')
  if ((!late && !reader.word(start, 'earliest')) || draft.aggregate !== undefined) return null
  let at = start + 1
  while (reader.word(at, 'i|we|have|ever|record|time')) at++
  const concept = readMeasure(reader, at)?.value.concept
  if (!concept) return null
  const ofClock = concept.sleep === 'start' || concept.sleep === 'end'
  if (!ofClock && late) return null
  draft.aggregate = ofClock ? (late ? 'max' : 'min') : 'first'
  if (ofClock) draft.readings.push(`the ${late ? 'latest' : 'earliest'} by the clock`)
  return at
}

/** `which activities did I do`, `different kinds of exercise`, `list my workouts`. */
export function readList(reader: Reader, start: number, draft: Draft): number | null {
  const asked = reader.word(start, 'what|which|list')
  let at = asked ? start + 1 : start
  if (reader.word(at, 'my|all|of|the')) at++
  const apart = reader.word(at, 'unique|different|distinct|kind|type|sort')
  while (reader.word(at, 'unique|different|distinct|kind|type|sort|of|the|my')) at++
  if (!asked && !apart) return null
  const sport = reader.word(at, 'sport')
  if (!reader.meaning(at, 'exercise') && !sport) return null
  const plural = /(s|ies)$/.test(reader.terms[at]!.text)
  if (!plural && !apart) return null
  draft.ask = 'list'
  draft.sides[0].activity ??= { link: 'of', text: 'workouts' }
  return reader.word(at + 1, 'type') ? at + 2 : at + 1
}
