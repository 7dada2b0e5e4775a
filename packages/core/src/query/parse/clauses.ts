import { readCondition, readNumberCondition, readTimeOfDay } from './conditions.js'
import { currentSide, type Draft, type SaidCondition } from './draft.js'
import { readSaidPeriod } from './periods.js'
import type { Reader } from './reader.js'

/** Conditions with the word that introduces them, and those joined to them. */
export function readIntroduced(reader: Reader, start: number, draft: Draft, today: string): number | null {
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

export function readJoined(reader: Reader, start: number, scope: 'day' | 'any', draft: Draft, today: string): number {
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

/** Conditions that introduce themselves: `under six hours`, `after 22:00`, `on Mondays`, `in winter`. */
export function readBareCondition(reader: Reader, at: number, draft: Draft, today: string): number | null {
  const side = currentSide(draft)
  const scope = draft.ask === 'days' ? 'day' : 'any'
  const numbers = readNumberCondition(reader, at)
  if (numbers) {
    side.conditions.push(...numbers.value.map((one) => ({ ...one, scope }) as const))
    return readJoined(reader, numbers.next, scope, draft, today)
  }
  const time = readTimeOfDay(reader, reader.word(at, 'start|begin') ? at + 1 : at)
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
  // Water is drunk too, wherever it is named.
  const water = reader.terms.some((_, i) => reader.meaning(i, 'concept')?.concept.key === 'hydration')
  if (tag && reader.word(at, 'drink') && water) return at + 1
  if (tag && !reader.meaning(at, 'concept')) {
    side.conditions.push({ is: 'tag', tag: tag.tag, scope: 'day' })
    return at + 1
  }
  return null
}
