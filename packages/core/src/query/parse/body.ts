import { formatDate, formatSpan } from '../dates.js'
import type { Aggregate } from '../schema.js'
import { conceptOf } from './concepts.js'
import { readActivity, readCondition, readMeasure, readNumberCondition, readTimeOfDay } from './conditions.js'
import { currentSide, type Draft, emptyDraft, type SaidCondition } from './draft.js'
import { readGroup, readHead, readList, readTake } from './head.js'
import { readSaidPeriod } from './periods.js'
import { createReader, type Reader } from './reader.js'
import type { Term } from './terms.js'
import { fillers } from './words.js'

/** A rule takes what it knows from `at` on into the draft and returns where it ends; null where it does not fit. */
export type Rule = (reader: Reader, at: number, draft: Draft, today: string) => number | null

/** Rules in the order in which they are tried. */
const rules: readonly Rule[] = [
  readHead,
  readMarker,
  readSplit,
  readList,
  readTake,
  readPeriodRule,
  readDuring,
  readIntroduced,
  readAsleep,
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
    if (!(term.stem !== '' && fillers.has(term.stem))) draft.unknown.push(term.text)
    at++
  }
  return draft
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

/** `in October and November`, `on weekdays or weekends`: the second of two equals begins the other side. */
function readSplit(reader: Reader, at: number, draft: Draft, today: string): number | null {
  if (!reader.word(at, 'and|or|to|with') || draft.sides[1]) return null
  const [side] = draft.sides
  const period = readSaidPeriod(reader, at + 1, { today })
  if (period && side.period && reader.word(at, 'and|or|to|with')) {
    newSide(draft)
    return at + 1
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

/** Conditions with the word that introduces them, and those joined to them. */
function readIntroduced(reader: Reader, start: number, draft: Draft, today: string): number | null {
  const opened = readOpening(reader, start)
  if (!opened) return null
  const { at, scope, when } = opened
  const both = reader.word(start, 'with|without') && reader.word(start + 1, 'and|or|vs|versus')
  if (both && reader.word(start + 2, 'with|without')) {
    const found = readCondition(reader, start + 3, scope, today)
    if (!found) return null
    currentSide(draft).conditions.push(...found.value)
    draft.contrast = true
    return found.next
  }
  const first = readCondition(reader, at, scope, today)
  if (!first) return null
  const conditions = first.value.map((one) => ({ ...one, ...(when ? { when } : {}) }))
  if (opened.negated) for (const one of conditions) one.negated = true
  currentSide(draft).conditions.push(...conditions)
  return readJoined(reader, first.next, scope, draft, today)
}

function readOpening(
  reader: Reader,
  start: number,
): { at: number; scope: 'day' | 'any'; when?: 'after' | 'before'; negated?: boolean } | null {
  let at = reader.word(start, 'on|for|in|of|during') ? start + 1 : start
  if (reader.word(at, 'the|those|all|my')) at++
  const calendar = reader.meaning(at, 'calendar')
  const morning = reader.meaning(at, 'daytime')
  const days =
    calendar?.unit === 'day' ||
    calendar?.unit === 'night' ||
    (morning && reader.word(at + 1, 'after|before|when|following'))
  if (days) {
    at++
    if (reader.word(at, 'on|in') && reader.word(at + 1, 'which')) at += 2
    else if (reader.word(at, 'when|where|that|which|with|of|if|follow')) {
      const follow = reader.word(at, 'follow')
      at++
      if (follow) return { at, scope: 'day', when: 'after' }
    }
    if (reader.word(at, 'after|before'))
      return { at: at + 1, scope: 'day', when: reader.word(at, 'after') ? 'after' : 'before' }
    if (reader.word(at, 'without')) return { at: at + 1, scope: 'day', negated: true }
    return { at, scope: 'day' }
  }
  if (reader.word(start, 'after|follow')) return { at: start + 1, scope: 'any', when: 'after' }
  if (reader.word(start, 'before')) return { at: start + 1, scope: 'any', when: 'before' }
  if (reader.word(start, 'without|except|exclude|not|no')) return { at: start, scope: 'any' }
  if (reader.word(start, 'when|where|with|whose|if|that|whenever|while')) return { at: start + 1, scope: 'any' }
  const days7 = reader.meaning(at, 'weekday')
  if (days7) return { at, scope: 'any' }
  return null
}

function readJoined(reader: Reader, start: number, scope: 'day' | 'any', draft: Draft, today: string): number {
  let at = start
  const side = currentSide(draft)
  while (!draft.comparing && reader.word(at, 'and|or|but|,')) {
    const or = reader.word(at, 'or')
    // "More on weekdays or weekends": the other side.
    if (or && draft.contrast) break
    let inner = at + 1
    if (reader.word(inner, 'and|or')) inner++
    if (readSaidPeriod(reader, inner, { today }) || reader.word(inner, 'how|what|which')) break
    const opened = readOpening(reader, inner)
    const more = readCondition(reader, opened?.at ?? inner, scope, today)
    if (!more) break
    const next = more.value.map(
      (one): SaidCondition => ({
        ...one,
        ...(opened?.when ? { when: opened.when } : {}),
        ...(opened?.negated ? { negated: true } : {}),
      }),
    )
    const last = side.conditions.at(-1)
    const [only] = next
    // No day is a Monday and a Tuesday.
    if (last?.is === 'weekday' && only?.is === 'weekday') last.in = [...last.in, ...only.in]
    else if (or && last) side.conditions[side.conditions.length - 1] = { is: 'any', of: [last, ...next], scope }
    else side.conditions.push(...next)
    at = more.next
  }
  return at
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

/** Conditions that introduce themselves: `under six hours`, `after 22:00`, `on Mondays`, `in winter`. */
function readBareCondition(reader: Reader, at: number, draft: Draft, today: string): number | null {
  const side = currentSide(draft)
  const scope = draft.ask === 'days' ? 'day' : 'any'
  const numbers = readNumberCondition(reader, at)
  if (numbers) {
    side.conditions.push(...numbers.value.map((one) => ({ ...one, scope }) as const))
    return readJoined(reader, numbers.next, scope, draft, today)
  }
  const time = readTimeOfDay(reader, at)
  if (time) {
    side.conditions.push(time.value)
    return time.next
  }
  const inSeason = reader.word(at, 'in|during') ? (reader.word(at + 1, 'the') ? at + 2 : at + 1) : at
  const season = reader.meaning(inSeason, 'season')?.season
  if (season && (inSeason > at || season !== 'autumn' || !reader.word(at, 'fall'))) {
    side.conditions.push({ is: 'season', season, scope: 'day' })
    return inSeason + 1
  }
  const quality = reader.word(at, 'bad|poor|good|short') ? readCondition(reader, at, scope, today) : null
  if (quality) {
    side.conditions.push(...quality.value)
    return quality.next
  }
  const tag = reader.meaning(at, 'tag')
  if (tag && !reader.meaning(at, 'concept')) {
    side.conditions.push({ is: 'tag', tag: tag.tag, scope: 'day' })
    return at + 1
  }
  return null
}

/** `usual`, `normal`, `baseline`: what is usual, or whether something is. */
function readUsual(reader: Reader, at: number, draft: Draft): number | null {
  const judged = reader.word(0, 'be') && reader.word(at, 'high|low|elevated|raised') && !draft.aggregate
  if (judged) {
    draft.ask = 'deviation'
    return at + 1
  }
  if (!reader.word(at, 'usual|normal|baseline|typical|unusual|abnormal|usually|normally')) return null
  const question = reader.word(0, 'be|is|was|do|did|have|has|how')
  draft.ask = draft.ask === 'deviation' || (question && !reader.word(at, 'baseline')) ? 'deviation' : 'baseline'
  return reader.word(at + 1, 'range|value|level') ? at + 2 : at + 1
}

/** `rising`, `gone up`, `trend`, `changed`. */
function readTrend(reader: Reader, at: number, draft: Draft): number | null {
  const word = reader.word(
    at,
    'trend|rise|increase|decrease|decline|improve|worsen|change|fall|drop|progress|evolve|develop',
  )
  const gone =
    (reader.word(at, 'go|trend') && reader.word(at + 1, 'up|down')) ||
    (reader.word(at, 'get|become|grow') &&
      /^(?:better|worse|higher|lower|longer|shorter|faster|slower)$/.test(reader.terms[at + 1]?.text ?? ''))
  // "How can I improve my sleep" asks for advice.
  if (reader.word(0, 'how') && reader.word(1, 'can|could|to|would|do')) return null
  if (!word && !gone) return null
  if (draft.ask !== 'deviation') draft.ask = 'trend'
  return gone || reader.word(at + 1, 'up|down') ? at + 2 : at + 1
}

/** `my shortest night`: a length of time is one of sleep. */
function readNight(reader: Reader, at: number, draft: Draft): number | null {
  if (reader.meaning(at, 'calendar')?.unit !== 'night') return null
  draft.night = true
  return at + 1
}

const contrasts = 'more|less|fewer|higher|lower|better|worse|greater|longer|shorter|faster|slower|later|earlier'

function readAggregate(reader: Reader, at: number, draft: Draft): number | null {
  const p = reader.number(at)
  if (p !== undefined && reader.word(at + 1, 'percentile') && p <= 100) {
    draft.aggregate = 'percentile'
    draft.p = p
    return at + 2
  }
  if (reader.word(at, 'best|worst')) {
    draft.best = reader.word(at, 'best') ? 'best' : 'worst'
    return at + 1
  }
  const extreme = reader.meaning(at, 'extreme')
  if (extreme) {
    const side = currentSide(draft)
    draft.aggregate = extreme.aggregate
    if (side.measures.length === 0) side.measures.push({ concept: conceptOf(extreme.concept), implied: true })
    return at + 1
  }
  const found = reader.meaning(at, 'aggregate')?.aggregate
  // "What does HRV mean" asks for an explanation.
  const explained =
    at + 1 === reader.length && reader.word(at, 'mean') && reader.meaning(at - 1, 'concept') !== undefined
  if (found && !explained) {
    if (!combine(draft, found)) return null
    return at + 1
  }
  if (reader.meaning(at, 'compare') || reader.word(at, contrasts)) {
    if (!new RegExp(`^(?:${contrasts})$`).test(reader.terms[at]!.text)) return null
    draft.contrast = true
    return at + 1
  }
  return null
}

/** Two words of aggregation in one question: `average total` is a mean of totals, `highest average` cannot be told. */
function combine(draft: Draft, found: Aggregate): boolean {
  if (draft.aggregate === undefined || draft.aggregate === found || draft.aggregate === 'sum') {
    draft.aggregate = found
    return true
  }
  if (draft.which && (found === 'mean' || found === 'sum')) return true
  return found === 'sum' || (draft.aggregate === 'mean' && draft.which !== undefined)
}

/** `while running`, `during my runs`, `when cycling`: inside the sessions; "when I ran" are whole days. */
function readDuring(reader: Reader, at: number, draft: Draft): number | null {
  if (reader.word(at, 'when'))
    return /ing$/.test(reader.terms[at + 1]?.text ?? '') ? readSessions(reader, at, draft) : null
  return reader.word(at, 'during|while|within') ? readSessions(reader, at, draft) : null
}

function readSessions(reader: Reader, start: number, draft: Draft): number | null {
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
    else if (reader.word(start - 1, 'and|or|,')) held.ids = [...new Set([...held.ids, ...activity.value])]
    else if (held.ids.join() !== activity.value.join()) return null
    return activity.next
  }
  const verb = reader.word(start - 1, 'i|we')
  side.activity = { ...(activity.value ? { ids: activity.value } : {}), link, text, ...(verb ? { verb } : {}) }
  return activity.next
}
