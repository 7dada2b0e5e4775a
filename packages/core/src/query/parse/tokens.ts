import { Temporal } from 'temporal-polyfill'
import { stem } from './stem.js'

/** One word, number, clock time or date of a sentence. */
export type Token =
  | { is: 'word'; text: string; stem: string }
  | { is: 'number'; text: string; value: number; ordinal: boolean }
  | { is: 'time'; text: string; minutes: number }
  | { is: 'date'; text: string; date: string }
  | { is: 'month'; text: string; year: number; month: number }
  | { is: 'odd'; text: string }

const contractions: readonly (readonly [RegExp, string])[] = [
  [/\bcan't\b/g, 'can not'],
  [/\bwon't\b/g, 'will not'],
  [/n't\b/g, ' not'],
  [/\b(what|how|where|when|who|it|that|there|which|let)'s\b/g, '$1 is'],
  [/'s\b/g, ''],
  [/s'(?=\s|$)/g, 's'],
  [/\b(i)'m\b/g, '$1 am'],
  [/'re\b/g, ' are'],
  [/'ve\b/g, ' have'],
  [/'ll\b/g, ' will'],
  [/'d\b/g, ' would'],
]

/** Lower case, one kind of quote, no contractions, words for signs. */
export function plainText(text: string): string {
  let plain = text
    .replace(/(\d)\s*½/g, '$1.5')
    .replace(/½/g, '0.5')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[‘’ʼ`´]/g, "'")
    .replace(/[‐‑‒–—−]/g, '-')
    .replace(/≤/g, '<=')
    .replace(/≥/g, '>=')
    .replace(/&/g, ' and ')
    .replace(/\bvo\s*[₂2]\b/g, 'vo2')
    .replace(/\bsp\s*o\s*[₂2]\b/g, 'spo2')
    .replace(/\bo[₂2]\b/g, 'oxygen')
    .replace(/%/g, ' percent ')
    .replace(/\bper cent\b/g, 'percent')
  for (const [pattern, words] of contractions) plain = plain.replace(pattern, words)
  return plain
}

const pattern = new RegExp(
  [
    String.raw`(?<iso>\d{4}-\d{2}-\d{2})(?!\d)`,
    String.raw`(?<yearMonth>\d{4}-\d{2})(?![\d-])`,
    String.raw`(?<slashed>\d{1,4}[/.]\d{1,2}[/.]\d{1,4})(?!\d)`,
    String.raw`(?<clock>\d{1,2}[:.]\d{2}\s?[ap]\.?m\b\.?|\d{1,2}\s?[ap]\.?m\b\.?|\d{1,2}:\d{2})(?!\d)`,
    String.raw`(?<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?<ending>st\b|nd\b|rd\b|th\b|k\b)?`,
    String.raw`(?<sign><=|>=|=<|=>|[<>=]|\+)`,
    '(?<comma>,)',
    String.raw`(?<word>vo2|spo2|[\p{L}\p{M}]+)`,
    String.raw`(?<other>[^\s\p{P}])`,
  ].join('|'),
  'gu',
)

const signs: Readonly<Record<string, string>> = {
  '<': 'under',
  '>': 'over',
  '=': 'exactly',
  '<=': 'atmost',
  '=<': 'atmost',
  '>=': 'atleast',
  '=>': 'atleast',
  '+': 'orabove',
}

function clockToken(text: string): Token {
  const [, hour = '0', minute = '0', half] = /^(\d{1,2})(?:[:.](\d{2}))?\s?([ap])?/.exec(text) ?? []
  const twelve = half === undefined ? Number(hour) : (Number(hour) % 12) + (half === 'p' ? 12 : 0)
  const minutes = twelve * 60 + Number(minute)
  const valid = Number(minute) < 60 && twelve < 24 && (half === undefined || (Number(hour) >= 1 && Number(hour) <= 12))
  return valid ? { is: 'time', text, minutes } : { is: 'odd', text }
}

function dateToken(text: string): Token {
  try {
    return { is: 'date', text, date: Temporal.PlainDate.from(text, { overflow: 'reject' }).toString() }
  } catch {
    return { is: 'odd', text }
  }
}

/** `31/12/2025` where only one reading is a date; the day and the month of `3/4/2025` cannot be told apart. */
function slashedToken(text: string): Token {
  const parts = text.split(/[/.]/).map(Number)
  const [a = 0, b = 0, c = 0] = parts
  const iso = (year: number, month: number, day: number) =>
    `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
  if (a > 31) return dateToken(iso(a, b, c))
  if (c < 1000) return { is: 'odd', text }
  if (a > 12 || text.includes('.')) return dateToken(iso(c, b, a))
  if (b > 12 || a === b) return dateToken(iso(c, a, b))
  return { is: 'odd', text }
}

/** Words, numbers, times and dates of one sentence, in order; nothing but punctuation is lost. */
export function tokenize(sentence: string): Token[] {
  const tokens: Token[] = []
  for (const match of plainText(sentence).matchAll(pattern)) {
    const { iso, yearMonth, slashed, clock, number, ending, sign, comma, word } = match.groups ?? {}
    const text = match[0]
    if (iso) tokens.push(dateToken(iso))
    else if (yearMonth) {
      const [year = 0, month = 0] = yearMonth.split('-').map(Number)
      tokens.push(month >= 1 && month <= 12 ? { is: 'month', text, year, month } : { is: 'odd', text })
    } else if (slashed) tokens.push(slashedToken(slashed))
    else if (clock) tokens.push(clockToken(clock))
    else if (number) {
      const value = Number(number.replaceAll(',', '')) * (ending === 'k' ? 1000 : 1)
      tokens.push({ is: 'number', text, value, ordinal: ending !== undefined && ending !== 'k' })
    } else if (sign) tokens.push(wordToken(signs[sign]!))
    else if (comma) tokens.push({ is: 'word', text: ',', stem: ',' })
    else if (word) tokens.push(wordToken(word))
    else tokens.push({ is: 'odd', text })
  }
  return joinNumbers(tokens)
}

function wordToken(text: string): Token {
  return { is: 'word', text, stem: stem(text) }
}

const units: Readonly<Record<string, number>> = Object.fromEntries(
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'
    .split(' ')
    .map((word, value) => [word, value]),
)
const tens: Readonly<Record<string, number>> = Object.fromEntries(
  'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ').map((word, i) => [word, 20 + 10 * i]),
)
const ordinals: Readonly<Record<string, number>> = {
  third: 3,
  fourth: 4,
  fifth: 5,
  sixth: 6,
  seventh: 7,
  eighth: 8,
  ninth: 9,
  tenth: 10,
  twentieth: 20,
  thirtieth: 30,
  eightieth: 80,
  ninetieth: 90,
}

/** `twenty one`, `two hundred and fifty`, `six thousand` become numbers; figures followed by `thousand` too. */
function joinNumbers(tokens: readonly Token[]): Token[] {
  const joined: Token[] = []
  for (let i = 0; i < tokens.length; ) {
    const found = numberAt(tokens, i)
    if (found) {
      const text = tokens
        .slice(i, found.next)
        .map((token) => token.text)
        .join(' ')
      joined.push({ is: 'number', text, value: found.value, ordinal: found.ordinal })
      i = found.next
    } else joined.push(tokens[i++]!)
  }
  return joined
}

function numberAt(tokens: readonly Token[], start: number): { value: number; ordinal: boolean; next: number } | null {
  let total = 0
  let part: number | null = null
  let room = Number.POSITIVE_INFINITY
  let at = start
  for (; at < tokens.length; at++) {
    const token = tokens[at]!
    const text = token.text
    if (token.is === 'number' && !token.ordinal && part === null && total === 0) {
      part = token.value
      room = 0
    } else if (token.is !== 'word') break
    else if (text in units && room > 9 && (room > 19 || units[text]! < 10)) {
      part = (part ?? 0) + units[text]!
      room = 0
    } else if (text in tens && room >= 99) {
      part = (part ?? 0) + tens[text]!
      room = 10
    } else if (text === 'hundred' && (part === null || part < 100)) {
      part = (part ?? 1) * 100
      room = 100
    } else if (text === 'thousand' && (part === null || part < 1000)) {
      total += (part ?? 1) * 1000
      part = null
      room = Number.POSITIVE_INFINITY
    } else if (text === 'dozen' && (part === null || part < 10)) {
      part = (part ?? 1) * 12
      room = 0
    } else if (text in ordinals && part === null && total === 0) {
      return { value: ordinals[text]!, ordinal: true, next: at + 1 }
    } else if (text === 'couple' && part === null && total === 0) {
      const next = tokens[at + 1]?.text === 'of' ? at + 2 : at + 1
      return { value: 2, ordinal: false, next }
    } else if (text === 'and' && at > start && (room === 100 || total > 0) && follows(tokens[at + 1])) continue
    else break
  }
  if (at === start) return null
  return {
    value: total + (part ?? 0),
    ordinal: tokens[start]!.is === 'number' && (tokens[start] as { ordinal: boolean }).ordinal,
    next: at,
  }
}

function follows(token: Token | undefined): boolean {
  return token?.is === 'word' && (token.text in units || token.text in tens)
}
