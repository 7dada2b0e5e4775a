import type { UserId, Vault } from '@auren/core'
import type { SqlTx } from './port.js'

/** A stem as a keyed hash, and where in its text it stands. */
interface Lexeme {
  word: string
  positions: number[]
}

/** Reads texts as their stems, by PostgreSQL's English dictionary; what is kept of a stem is a hash with the person's key. */
export interface Lexemes {
  /** Text form of a `tsvector` of the hashes, to be cast where it is stored. */
  vector(tx: SqlTx, user: UserId, text: string): Promise<string>
  /**
   * Text form of a `tsquery` for any of the text's stems; null where it has none. Any, not all: a query for all of them
   * finds a tenth of what people look for.
   */
  query(tx: SqlTx, user: UserId, text: string): Promise<string | null>
}

/** Most of a text that is read: PostgreSQL counts no further than 16,383 positions. */
const longestText = 100_000

/** Lexemes that are hashed with the keys of a vault. */
export function createLexemes(vault: Vault): Lexemes {
  const read = async (tx: SqlTx, user: UserId, text: string): Promise<Lexeme[]> => {
    const stems = await tx.query<{ lexeme: string; positions: number[] | null }>(
      `select lexeme, positions::int4[] as positions from unnest(to_tsvector('english', $1::text))`,
      [text.slice(0, longestText).replaceAll('\0', ' ')],
    )
    const hashes = await vault.keyed(
      user,
      stems.map((stem) => stem.lexeme),
    )
    return stems.map((stem, i) => ({ word: hashes[i] as string, positions: stem.positions ?? [1] }))
  }
  return {
    async vector(tx, user, text) {
      const words = await read(tx, user, text)
      return words.map(({ word, positions }) => `'${word}':${positions.join(',')}`).join(' ')
    },
    async query(tx, user, text) {
      const words = await read(tx, user, text)
      return words.length === 0 ? null : words.map(({ word }) => `'${word}'`).join(' | ')
    },
  }
}
