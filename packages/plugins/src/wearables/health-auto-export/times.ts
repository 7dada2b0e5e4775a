import type { NormalizeContext, ZoneBasis } from '@auren/core'
import { type CivilTime, instantOf, readTime } from '../../files/index.js'

/** A time of a payload: when it was, and what the phone's clock showed. */
export interface Time {
  at: number
  offset: number | null
  zoneBasis: ZoneBasis
  /** `YYYY-MM-DDTHH:MM:SS.sss` of the phone. */
  local: string
}

/** Words for the halves of the day that phones in other languages write (CLDR), beside AM and PM. */
const halves: readonly (readonly [RegExp, 'AM' | 'PM'])[] = [
  [/vorm\.?|上午|午前|오전|ص|gece|öö|дп|fm|f\.m\./iu, 'AM'],
  [/nachm\.?|下午|午後|오후|م|ös|пп|em|e\.m\./iu, 'PM'],
]

/**
 * Reads `yyyy-MM-dd HH:mm:ss Z` as the app writes it with a phone's settings: 12 hours with AM or PM behind a blank, a
 * no-break or a narrow no-break space, other digits, and other words for the halves of the day.
 */
export function timeOf(text: string | null | undefined, ctx: Pick<NormalizeContext, 'zoneAt'>): Time | null {
  const civil = text ? civilOf(text) : null
  if (!civil) return null
  const { at, offset, basis } = instantOf(civil, ctx.zoneAt)
  return { at, offset, zoneBasis: basis, local: civil.local }
}

/** What the clock on the wall shows. */
export function civilOf(text: string): CivilTime | null {
  const plain = text
    .replace(/\p{Nd}/gu, digit)
    .replace(/[\u200e\u200f\u061c]/g, '')
    .replace(/[\s\u00a0\u202f]+/g, ' ')
    .trim()
  return readTime(plain) ?? readTime(halved(plain))
}

/** In any script, the digits of a block of ten stand in order. */
function digit(letter: string): string {
  const code = letter.codePointAt(0) ?? 0
  if (code < 128) return letter
  let zero = code
  while (zero > code - 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--
  return String(code - zero)
}

function halved(text: string): string {
  const [, date = '', clock = '', zone = ''] =
    /^(\S+) ((?:\P{Nd}+ ?)?\d{1,2}:\d\d:\d\d ?(?:[^\d+-]*))((?:[+-]\d{2}:?\d{2}|Z)?)$/u.exec(text) ?? []
  const time = /\d{1,2}:\d\d:\d\d/.exec(clock)?.[0]
  const half = halves.find(([words]) => words.test(clock))?.[1]
  return time && half ? `${date} ${time} ${half} ${zone}`.trim() : text
}
