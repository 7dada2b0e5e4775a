import type { Meaning } from './lexicon.js'
import { stem } from './stem.js'
import type { Term } from './terms.js'

/** A sentence to be read from left to right. Positions beyond the end are allowed and match nothing. */
export interface Reader {
  readonly terms: readonly Term[]
  readonly length: number
  /** Whether one of the words (given in any inflection, `|` between them) stands there. */
  word(at: number, words: string): boolean
  /** The meaning of one kind that a term has; undefined where it has none. */
  meaning<K extends Meaning['is']>(at: number, is: K): Extract<Meaning, { is: K }> | undefined
  /** The number there; undefined where there is none. */
  number(at: number): number | undefined
  /** Words between two positions, as written. */
  text(from: number, to: number): string
}

/** Something read, and where it ends. */
export interface Read<T> {
  value: T
  next: number
}

const wordLists = new Map<string, ReadonlySet<string>>()

function listOf(words: string): ReadonlySet<string> {
  const known = wordLists.get(words)
  if (known) return known
  const list = new Set(words.split('|').map(stem))
  wordLists.set(words, list)
  return list
}

/** Makes a reader of terms. */
export function createReader(terms: readonly Term[]): Reader {
  return {
    terms,
    length: terms.length,
    word: (at, words) => {
      const term = terms[at]
      return term !== undefined && term.stem !== '' && listOf(words).has(term.stem)
    },
    meaning: <K extends Meaning['is']>(at: number, is: K) =>
      terms[at]?.meanings.find((meaning): meaning is Extract<Meaning, { is: K }> => meaning.is === is),
    number: (at) => {
      const token = terms[at]?.token
      return token?.is === 'number' ? token.value : undefined
    },
    text: (from, to) =>
      terms
        .slice(from, to)
        .map((term) => term.text)
        .join(' '),
  }
}
