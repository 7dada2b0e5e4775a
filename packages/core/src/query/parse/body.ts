import { weekdays } from '../calendar.js'
import { formatDate, formatSpan } from '../dates.js'
import { readAggregate, readTrend, readUsual } from './aggregation.js'
import { readBareCondition, readIntroduced, readJoined } from './clauses.js'
import { conceptOf } from './concepts.js'
import { readActivity, readMeasure, readNumberCondition } from './conditions.js'
import { currentSide, type Draft, emptyDraft } from './draft.js'
import { readGroup, readHead, readList, readTake } from './head.js'
import { joinPeriods, readSaidPeriod } from './periods.js'
import { createReader, type Reader } from './reader.js'
import type { Term } from './terms.js'
import { fillers } from './words.js'

/** A rule takes what it knows from `at` on into the draft and returns where it ends; null where it does not fit. */
export type Rule = (reader: Reader, at: number, draft: Draft, today: string) => number | null

/** Rules in the order in which they are tried. */
const rules: readonly Rule[] = [
  readBeyond,
  readHead,
  readMarker,
  readRest,
  readSplit,
  readList,
  readTake,
  readWeekdays,
  readPeriodRule,
  readDuring,
  readIntroduced,
  readAsleep,
  readEaten,
  readMeasured,
  readBareCondition,
  readGroup,
  readUsual,
  readTrend,
  readAggregate,
  readSessions,
  readNight,
]

/** Reads a sentence of terms into a draft. Every term is accounted for: what no rule takes is `unknown`. */
export function readBody(terms: readonly Term[], today: string): Draft {
  const reader = createReader(terms)
  const draft = emptyDraft()
  if (reader.word(0, 'do|have') && reader.word(1, 'i|we')) draft.yesNo = true
  for (let at = 0; at < reader.length; ) {
    let next: number | null = null
    for (const rule of rules) {
      next = rule(reader, at, draft, today)
      if (next !== null && next > at) break
    }
    if (next !== null && next > at) {
      at = next
      continue
    }
    const term = reader.terms[at]!
    if (term.token.is === 'odd' && /^\d{1,2}\/\d{1,2}\/\d{2,4}$/.test(term.text)) {
      draft.clarify = `Which day is ${term.text}? Please ask again with the name of the month, or as in 2025-04-30.`
    }
    if (!(term.stem !== '' && fillers.has(term.stem))) draft.unknown.push(term.text)
    at++
  }
  return draft
}

/** What no query can say, though its words mean something else: days in a row, this time last year. */
function readBeyond(reader: Reader, at: number, draft: Draft): number | null {
  const row = reader.word(at, 'in') && reader.word(at + 1, 'a') && /^rows?$/.test(reader.terms[at + 2]?.text ?? '')
  const point =
    reader.word(at, 'this|same') && reader.word(at + 1, 'time|day|week|month') && reader.word(at + 2, 'last')
  if (!row && !point) return null
  draft.unknown.push(reader.text(at, at + 3))
  return at + 3
}

/**
 * `from Monday to Thursday`: the days that bear these names, where a mean of them is asked for or another period is
 * named; else the days of this week are meant, if they are over.
 */
function readWeekdays(reader: Reader, at: number, draft: Draft, today: string): number | null {
  if (!reader.word(at, 'from|between') || !reader.word(at + 2, 'to|through|until|till|and')) return null
  const [first, last] = [reader.meaning(at + 1, 'weekday'), reader.meaning(at + 3, 'weekday')]
  if (first?.in.length !== 1 || last?.in.length !== 1) return null
  const side = currentSide(draft)
  const other = reader.terms.some((_, i) => i > at + 3 && readSaidPeriod(reader, i, { today }) !== null)
  const habit = draft.aggregate !== undefined && draft.aggregate !== 'sum'
  if (!habit && !side.period && !other) return null
  const [begin, end] = [weekdays.indexOf(first.in[0]!), weekdays.indexOf(last.in[0]!)]
  const days = weekdays.filter((_, i) => (begin <= end ? i >= begin && i <= end : i >= begin || i <= end))
  side.conditions.push({ is: 'weekday', in: days, scope: 'day' })
  draft.readings.push(`every ${first.in[0]} to ${last.in[0]}`)
  return at + 4
}

function newSide(draft: Draft): boolean {
  if (draft.sides[1]) return false
  draft.sides[1] = { conditions: [], measures: [] }
  return true
}

/** `vs`, `compared to`, `than`: what follows is the other side. */
function readMarker(reader: Reader, at: number, draft: Draft): number | null {
  if (reader.word(at, 'difference')) {
    draft.comparing = true
    return at + 1
  }
  if (reader.word(at, 'compare') && !reader.word(at + 1, 'to|with|against')) {
    draft.comparing = true
    return at + 1
  }
  const than = reader.meaning(at, 'compare') !== undefined && / than$/.test(reader.terms[at]!.text)
  const compared = reader.word(at, 'compare')
  if (!compared && !than && !reader.word(at, 'vs|versus|against|than')) return null
  const next = compared ? at + 2 : at + 1
  const after = reader.word(next, 'my|the|on|what|is|i') ? next + 1 : next
  // "More than 5 km" is a condition, "more than usual" a look at the baseline.
  if (reader.word(after, 'usual|normal|baseline|typical|average') || reader.word(after, 'used')) {
    draft.ask = 'deviation'
    return reader.word(after, 'used') ? after + 2 : after + 1
  }
  if (than && readNumberCondition(reader, at)) return null
  if (than) draft.contrast = true
  return newSide(draft) ? next : null
}

/** `the other days`, `days I did not`, to the end: the second side is what the first is not. */
function readRest(reader: Reader, at: number, draft: Draft): number | null {
  const other = draft.sides[1]
  if (!other || other.period || other.activity || other.conditions.length > 0 || other.measures.length > 0) return null
  let opposed = false
  for (let i = at; i < reader.length; i++) {
    if (reader.word(i, 'not|other|rest|otherwise')) opposed = true
    else if (!reader.meaning(i, 'calendar') && !reader.word(i, 'i|do|have|be|when|that|on|the|all|of|we|it|where'))
      return null
  }
  return opposed ? reader.length : null
}

/** `in October and November`, `on weekdays or weekends`: the second of two equals begins the other side. */
function readSplit(reader: Reader, at: number, draft: Draft, today: string): number | null {
  if (!reader.word(at, 'and|or|to|with') || draft.sides[1]) return null
  const [side] = draft.sides
  const period = readSaidPeriod(reader, at + 1, { today })
  if (period && side.period) {
    const adding = draft.aggregate === 'sum' || draft.counted || draft.ask === 'days' || draft.ask === 'times'
    if (!adding || draft.comparing || draft.contrast || !reader.word(at, 'and')) return newSide(draft) ? at + 1 : null
    // "Yesterday and today" in total are both days together.
    const both = joinPeriods(side.period, period.value.period, today)
    if (!both) return null
    side.period = both
    return period.next
  }
  if (!draft.comparing && !draft.contrast) return null
  const after = reader.word(at + 1, 'on|with|without|days') ? at + 1 : at
  if (
    side.conditions.length > 0 &&
    (readIntroduced(reader, after + 1, emptyDraft(), today) ?? readIntroduced(reader, after, emptyDraft(), today))
  ) {
    newSide(draft)
    return at + 1
  }
  const activity = readActivity(reader, at + 1)
  if (activity && side.activity) {
    newSide(draft)
    return at + 1
  }
  return null
}

function readPeriodRule(reader: Reader, at: number, draft: Draft, today: string): number | null {
  const side = currentSide(draft)
  // "Compare … between March and April" names two periods, not one.
  if (draft.comparing && reader.word(at, 'between|from')) return at + 1
  const base = draft.sides[1] ? draft.sides[0].period : undefined
  const read = readSaidPeriod(reader, at, { today, base })
  if (!read) return null
  if (side.period && JSON.stringify(side.period) !== JSON.stringify(read.value.period)) return null
  if (reader.word(read.next, 'percentile')) return null
  side.period = read.value.period
  if (read.value.convention && (read.value.period.kind === 'between' || read.value.period.kind === 'since')) {
    const { from } = read.value.period
    draft.readings.push(
      read.value.period.kind === 'since' ? `from ${formatDate(from)} on` : formatSpan(from, read.value.period.to),
    )
  }
  if (read.value.night) draft.night = true
  return read.next
}

/** `while sleeping`, `during the night`, `asleep` beside another measure. */
function readAsleep(reader: Reader, start: number, draft: Draft): number | null {
  if (reader.word(start, 'overnight')) {
    draft.asleep = true
    return start + 1
  }
  const linked = reader.word(start, 'during|while|in|when|at')
  let at = linked ? start + 1 : start
  while (reader.word(at, 'i|be|my|the|was')) at++
  const night = reader.meaning(at, 'calendar')?.unit === 'night'
  const sleep = reader.meaning(at, 'concept')?.concept.key === 'sleep_duration'
  const plain = reader.terms[at]?.text === 'asleep'
  if (currentSide(draft).measures.length === 0 && !(linked && sleep && draft.aggregate)) return null
  if (!(linked && (sleep || night)) && !(plain && !linked)) return null
  if (night && !reader.word(start, 'during|at')) return null
  draft.asleep = true
  return at + 1
}

/** Energy that was eaten is another than what was burned. */
function readEaten(reader: Reader, at: number, draft: Draft): number | null {
  const [said] = currentSide(draft).measures
  if (!reader.word(at, 'eat|consume') || said === undefined) return null
  if (/^energy_(?:active|total)$/.test(said.concept.key)) said.concept = conceptOf('energy_intake')
  return /_intake$/.test(said.concept.key) ? at + 1 : null
}

function readMeasured(reader: Reader, at: number, draft: Draft, today: string): number | null {
  const measure = readMeasure(reader, at)
  if (!measure) return null
  const numbers = readNumberCondition(reader, at)
  const side = currentSide(draft)
  if (numbers) {
    const scope = draft.ask === 'days' ? 'day' : 'any'
    side.conditions.push(...numbers.value.map((one) => ({ ...one, scope }) as const))
    return readJoined(reader, numbers.next, scope, draft, today)
  }
  const { concept, unit } = measure.value
  if (reader.word(at, 'pace')) draft.readings.push('pace meaning speed')
  const held = side.measures.find((one) => !one.implied)
  const joined = reader.word(at - 1, 'and|,|or')
  const slowly =
    draft.ask === 'value' && reader.word(at - 1, 'to') && concept.key === 'bedtime' && held?.concept.key === 'duration'
  if (held && held.concept.key === concept.key) return measure.next
  if (slowly) {
    held.concept = conceptOf('sleep_latency')
    return measure.next
  }
  if (held && !joined) {
    // "How many minutes of deep sleep did I sleep"
    if (concept.key === 'sleep_duration' && held.concept.bare === 'sleep' && reader.word(at - 1, 'i'))
      return measure.next
    return null
  }
  side.measures = side.measures.filter((one) => !one.implied)
  side.measures.push({ concept, implied: false, ...(unit ? { unit } : {}) })
  return measure.next
}

/** `my shortest night`: a length of time is one of sleep. Days are what is counted anyway. */
function readNight(reader: Reader, at: number, draft: Draft): number | null {
  const unit = reader.meaning(at, 'calendar')?.unit
  // "During the day" is not the whole of it.
  const daytime = reader.word(at - 1, 'during') || (reader.word(at - 1, 'the') && reader.word(at - 2, 'during'))
  if (unit === 'day') return daytime ? null : at + 1
  if (unit !== 'night') return null
  draft.night = true
  return at + 1
}

/** `while running`, `during my runs`, `when cycling`: inside the sessions; "when I ran" are whole days. */
function readDuring(reader: Reader, at: number, draft: Draft): number | null {
  if (reader.word(at, 'when'))
    return /ing$/.test(reader.terms[at + 1]?.text ?? '') ? readSessions(reader, at, draft) : null
  return reader.word(at, 'during|while|within') ? readSessions(reader, at, draft) : null
}

function readSessions(reader: Reader, start: number, draft: Draft): number | null {
  // "Rowing or hiking"
  if (reader.word(start, 'or') && currentSide(draft).activity) return readSessions(reader, start + 1, draft)
  const during = reader.word(start, 'during|while|in|within|when')
  let at = during ? start + 1 : start
  while (during && reader.word(at, 'my|the|a|an|all|i|be|was|any|we|go')) at++
  const activity = readActivity(reader, at)
  if (!activity) return null
  const side = currentSide(draft)
  const link = during && !reader.word(start, 'in') ? 'during' : 'of'
  const text = reader.text(at, activity.next)
  const held = side.activity
  if (held) {
    if (activity.value === undefined) return activity.next
    if (held.ids === undefined) held.ids = activity.value
    else if (reader.word(start - 1, 'or') || (reader.word(start - 1, 'and|,') && draft.ask !== 'days'))
      held.ids = [...new Set([...held.ids, ...activity.value])]
    else if (held.ids.join() !== activity.value.join()) return null
    return activity.next
  }
  const verb = reader.word(start - 1, 'i|we')
  // "Total swim time"
  const time = reader.terms[activity.next]?.text === 'time' && side.measures.every(({ implied }) => implied)
  if (time) side.measures = [{ concept: conceptOf('duration'), implied: false }]
  side.activity = { ...(activity.value ? { ids: activity.value } : {}), link, text, ...(verb ? { verb } : {}) }
  return time ? activity.next + 1 : activity.next
}
