import type { LocalDate } from '../observation/schema.js'
import { dayOf, shiftDate } from './calendar.js'
import type { History, Needs } from './history.js'
import { type Item, sessionField, sessionMatches } from './item.js'
import { eachCondition } from './measure.js'
import type { Comparator, Condition } from './schema.js'

/** True, false, or null where nothing is known: "not over 5,000 steps" is not true of a day without steps. */
export type Verdict = boolean | null
/** Judges a day, and with an item the item on it. */
export type Judge = (date: LocalDate, item?: Item) => Verdict

/** Compares with a tolerance of 1e-9 relative for `=` and `!=`. */
export function compare(a: number, op: Comparator, b: number): boolean {
  switch (op) {
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    case '>=':
      return a >= b
    case '=':
      return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b))
    case '!=':
      return !compare(a, '=', b)
  }
}

/** `22:30` → 1350. */
export function minutesOf(clockTime: string): number {
  return Number(clockTime.slice(0, 2)) * 60 + Number(clockTime.slice(3))
}

/** Inside [from, to) on the clock; over midnight where `to` is not later; all day where they are equal. */
function inWindow(minute: number, from: number, to: number): boolean {
  return from < to ? minute >= from && minute < to : minute >= from || minute < to
}

/** True where a day alone decides: no item is needed. */
export function isDayCondition(condition: Condition): boolean {
  for (const { on } of eachCondition([condition])) if (on === 'value' || on === 'field' || on === 'time') return false
  return true
}

/** All true: true; one false: false; else unknown. */
export function allOf(judges: readonly Judge[]): Judge {
  return (date, item) => {
    let verdict: Verdict = true
    for (const judge of judges) {
      const one = judge(date, item)
      if (one === false) return false
      if (one === null) verdict = null
    }
    return verdict
  }
}

/** Adds what a list of conditions reads. */
export function addNeeds(conditions: readonly Condition[], needs: Needs): void {
  for (const condition of eachCondition(conditions)) {
    const shift = 'shift' in condition ? (condition.shift ?? 0) : 0
    needs.before = Math.max(needs.before, shift)
    needs.after = Math.max(needs.after, -shift)
    if (condition.on === 'metric') needs.metrics.add(condition.metric)
    if (condition.on === 'session') needs.sessions.add(condition.kind)
    if (condition.on === 'tag') needs.tags = true
  }
  // A tag may have begun long before the day that it still covers.
  if (needs.tags) needs.before = Math.max(needs.before, 60)
}

function sessionJudge(condition: Extract<Condition, { on: 'session' }>, history: History): Judge {
  const { field, op, value, shift = 0 } = condition
  const byDate = new Map<LocalDate, (number | null)[]>()
  for (const session of history.sessions(condition.kind)) {
    if (!sessionMatches(session, condition)) continue
    const held = sessionField(session, field ?? 'count', history.clock)
    byDate.set(session.date, [...(byDate.get(session.date) ?? []), held])
  }
  return (date) => {
    const held = byDate.get(shiftDate(date, -shift)) ?? []
    if (field === undefined || op === undefined || value === undefined) return held.length > 0
    if (field === 'count') return compare(held.length, op, value)
    // No workout is a fact; no recorded night is a gap.
    if (held.length === 0) return condition.kind === 'workout' ? false : null
    const verdicts = held.map((number) => (number === null ? null : compare(number, op, value)))
    return verdicts.includes(true) ? true : verdicts.includes(null) ? null : false
  }
}

function tagJudge(condition: Extract<Condition, { on: 'tag' }>, history: History): Judge {
  const dates = new Set<LocalDate>()
  for (const { tag, from, to } of history.tags()) {
    if (tag.tag !== condition.tag) continue
    for (let date = from; date <= to; date = shiftDate(date, 1)) dates.add(date)
  }
  return (date) => dates.has(shiftDate(date, -(condition.shift ?? 0)))
}

/** A condition as a function, over what was read. */
export function judgeOf(condition: Condition, history: History): Judge {
  switch (condition.on) {
    case 'metric': {
      const days = history.days(condition.metric)
      const { op, value, shift = 0 } = condition
      return (date) => {
        const row = days.get(shiftDate(date, -shift))
        return row ? compare(row.value, op, value) : null
      }
    }
    case 'session':
      return sessionJudge(condition, history)
    case 'tag':
      return tagJudge(condition, history)
    case 'weekday':
      return (date) => condition.in.includes(dayOf(date).weekday)
    case 'season':
      return (date) => condition.in.includes(dayOf(date).season)
    case 'dates':
      return (date) => date >= condition.from && date <= condition.to
    case 'time': {
      const [from, to] = [minutesOf(condition.from), minutesOf(condition.to)]
      return (_date, item) => (item?.minute == null ? null : inWindow(item.minute, from, to))
    }
    case 'value':
      return (_date, item) => (item ? compare(item.value, condition.op, condition.value) : null)
    case 'field':
      return (_date, item) => {
        const held = item?.session ? sessionField(item.session, condition.field, history.clock) : null
        return held === null ? null : compare(held, condition.op, condition.value)
      }
    case 'any': {
      const none = allOf(condition.of.map((one) => negate(judgeOf(one, history))))
      return negate(none)
    }
    case 'not':
      return negate(judgeOf(condition.of, history))
  }
}

function negate(judge: Judge): Judge {
  return (date, item) => {
    const verdict = judge(date, item)
    return verdict === null ? null : !verdict
  }
}
