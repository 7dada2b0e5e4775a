import type { Read, Reader } from './reader.js'
import { shortUnits, type Unit } from './units.js'

/** A number with its unit, or a time of day. */
export interface Quantity {
  value: number
  unit?: Unit
  /** Minutes since midnight, where it is a time of day. */
  clock?: number
}

/** A unit right after a number; short forms (`h`, `m`) are units only there. */
function unitAfter(reader: Reader, at: number): Unit | undefined {
  return reader.meaning(at, 'unit')?.unit
}

/** A unit that can stand alone: `hours of sleep`. */
export function unitWord(reader: Reader, at: number): Unit | undefined {
  const stem = reader.terms[at]?.stem
  return stem !== undefined && shortUnits.has(stem) ? undefined : unitAfter(reader, at)
}

/** Time of day: `22:30`, `10 pm`, `midnight`, `noon`. */
export function readClock(reader: Reader, at: number): Read<number> | null {
  const token = reader.terms[at]?.token
  const part = partOfDay(reader, at + 1)
  const hour = token?.is === 'number' && !token.ordinal && Number.isInteger(token.value) ? token.value * 60 : undefined
  const said = token?.is === 'time' ? token.minutes : hour
  if (part && said !== undefined && said >= 60 && said < 780) {
    // Twelve at night is midnight, eleven at night is late.
    const late = part.value === 'night' ? said >= 360 : part.value !== 'morning'
    return { value: (said % 720) + (late && !(part.value === 'night' && said >= 720) ? 720 : 0), next: part.next }
  }
  if (token?.is === 'time') return { value: token.minutes, next: at + 1 }
  if (reader.word(at, 'midnight')) return { value: 0, next: at + 1 }
  if (reader.word(at, 'noon')) return { value: 720, next: at + 1 }
  return null
}

/** `in the morning`, `at night`, right after an hour. */
function partOfDay(reader: Reader, at: number): Read<string> | null {
  if (reader.word(at, 'at') && reader.meaning(at + 1, 'calendar')?.unit === 'night')
    return { value: 'night', next: at + 2 }
  if (!reader.word(at, 'in') || !reader.word(at + 1, 'the')) return null
  const word = reader.meaning(at + 2, 'daytime')?.word
  return word === undefined ? null : { value: word, next: at + 3 }
}

/** `six and a half hours`, `1 h 30 min`, `half an hour`, `an hour`, `5 miles`, `22:30`; never `7 days`. */
export function readQuantity(reader: Reader, at: number): Read<Quantity> | null {
  const clock = readClock(reader, at)
  if (clock) return { value: { value: clock.value, clock: clock.value }, next: clock.next }
  if (reader.word(at, 'half')) {
    const after = reader.word(at + 1, 'a|an') ? at + 2 : at + 1
    const unit = unitWord(reader, after)
    return unit ? { value: { value: 0.5, unit }, next: after + 1 } : null
  }
  if (reader.word(at, 'a|an')) {
    const unit = unitWord(reader, at + 1)
    if (!unit) return null
    const half = andHalf(reader, at + 2)
    return { value: { value: 1 + (half ? 0.5 : 0), unit }, next: half ?? at + 2 }
  }
  const number = reader.number(at)
  if (number === undefined || ordinal(reader, at)) return null
  const early = andHalf(reader, at + 1)
  const after = early ?? at + 1
  const value = number + (early ? 0.5 : 0)
  if (reader.meaning(after, 'calendar')) return null
  const unit = unitAfter(reader, after)
  if (!unit) return { value: { value }, next: after }
  const late = andHalf(reader, after + 1)
  if (late) return { value: { value: value + 0.5, unit }, next: late }
  if (unit.ucum === 'h') {
    const more = reader.word(after + 1, 'and') ? after + 2 : after + 1
    const minutes = reader.number(more)
    const spelled = unitAfter(reader, more + 1)
    const minute = reader.word(more + 1, 'm') || spelled?.ucum === 'min'
    if (minutes !== undefined && minutes < 60 && (minute || (!spelled && more === after + 1))) {
      return { value: { value: value + minutes / 60, unit }, next: minute ? more + 2 : more + 1 }
    }
  }
  return { value: { value, unit }, next: after + 1 }
}

function ordinal(reader: Reader, at: number): boolean {
  const token = reader.terms[at]?.token
  return token?.is === 'number' && token.ordinal
}

/** Where `and a half` ends. */
function andHalf(reader: Reader, at: number): number | null {
  if (!reader.word(at, 'and')) return null
  const after = reader.word(at + 1, 'a') ? at + 2 : at + 1
  return reader.word(after, 'half') ? after + 1 : null
}
