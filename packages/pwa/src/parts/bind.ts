import type { Fact } from '../api/wire'
import { joinQuantity, type Reader } from './format'
import { quantityOf, shownValue } from './words'

/** A stretch of a sentence; where it is a fact's number, with that fact. */
export interface Segment {
  text: string
  fact?: Fact
}

/** Characters that would make a found number part of another one, or of a word. */
const part = /[\p{L}\p{N}]/u

function placesOf(text: string, needle: string): number[] {
  const places: number[] = []
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) {
    const before = text.slice(Math.max(0, at - 2), at)
    const after = text.slice(at + needle.length, at + needle.length + 2)
    // “1,055.4 bpm”, “-55.4 bpm” and “55.4 bpmx” do not hold “55.4 bpm”; nor does a decimal that goes on.
    const inNumber = /[\p{L}\p{N}]$/u.test(before) || /\p{N}[.,]$/u.test(before) || /[-−+]$/.test(before)
    const goesOn = part.test(after.charAt(0)) || /^[.,]\p{N}/u.test(after)
    if (!inNumber && !goesOn) places.push(at)
  }
  return places
}

/** Spans within “ ”: the person's own words and names of devices, whose numbers are nobody's fact. */
function quoted(text: string): [number, number][] {
  return [...text.matchAll(/“[^”]*”/g)].map((match) => [match.index, match.index + match[0].length])
}

/** What else a sentence may write of a fact: numbers that are not its value. */
function otherNumbers(fact: Fact, reader: Reader): string[] {
  const { comparison, baseline, rows } = fact
  const numbers = [
    comparison?.value,
    comparison?.difference,
    baseline?.median,
    baseline?.low,
    baseline?.high,
    ...(rows ?? []).map((row) => row.value),
  ]
  return numbers.flatMap((value) =>
    typeof value === 'number'
      ? [joinQuantity(quantityOf(fact, value, reader)), joinQuantity(quantityOf(fact, Math.abs(value), reader))]
      : [],
  )
}

/**
 * Finds the numbers of facts in a sentence. A number is bound only where there is no doubt: the written value occurs
 * exactly once in the sentence and outside quotes, and nothing of any other fact of the sentence is written the same.
 * Whatever is in doubt stays plain text; its fact is still listed below the sentence.
 */
export function bindSentence(text: string, facts: readonly Fact[], reader: Reader): Segment[] {
  const ok = facts.filter((fact) => fact.status === 'ok' && fact.value !== null)
  const written = ok.map((fact) => shownValue(fact, reader))
  const quotes = quoted(text)
  const found = ok.flatMap((fact, index) => {
    const value = written[index] as string
    if (written.filter((other) => other === value).length !== 1) return []
    if (facts.some((other) => other !== fact && otherNumbers(other, reader).includes(value))) return []
    const places = placesOf(text, value)
    const [at] = places
    if (places.length !== 1 || at === undefined || quotes.some(([from, to]) => at >= from && at < to)) return []
    // A bare number says too little to be told from a date or a count.
    return /^[\d.,\s]+$/.test(value) ? [] : [{ at, end: at + value.length, fact }]
  })
  const apart = found.filter((one) => !found.some((other) => other !== one && one.at < other.end && other.at < one.end))
  const segments: Segment[] = []
  let from = 0
  for (const { at, end, fact } of apart.sort((a, b) => a.at - b.at)) {
    if (at > from) segments.push({ text: text.slice(from, at) })
    segments.push({ text: text.slice(at, end), fact })
    from = end
  }
  if (from < text.length) segments.push({ text: text.slice(from) })
  return segments
}
