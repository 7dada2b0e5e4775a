import { AurenError } from '../errors.js'
import { countTokens } from './tokens.js'

/** Counts the tokens of what is taken into a recall. */
export interface Purse {
  spent(): number
  /** @throws AurenError AUREN_INPUT_INVALID where it does not fit */
  must(text: string): void
  /** False, and nothing spent, where it does not fit. */
  may(text: string): boolean
}

/** @param most tokens of all texts together; without it nothing is refused */
export async function openPurse(most: number = Number.POSITIVE_INFINITY): Promise<Purse> {
  const count = await countTokens()
  let spent = 0
  return {
    spent: () => spent,
    must(text) {
      spent += count(text)
      if (spent > most)
        throw new AurenError(
          'AUREN_INPUT_INVALID',
          `What is pinned takes more than the ${most} tokens of the budget, and is never left out: ask with a larger one.`,
        )
    },
    may(text) {
      const tokens = count(text)
      if (spent + tokens > most) return false
      spent += tokens
      return true
    },
  }
}
