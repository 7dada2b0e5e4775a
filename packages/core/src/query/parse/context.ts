import type { Vocabulary } from './vocabulary.js'

/** What a reading depends on besides the words. */
export interface UnderstandContext {
  /** The person's local date. */
  today: string
  /** Metrics that the person has data for; empty where that is not known. */
  metrics: readonly string[]
  /** 1 reads "last N days" as N + 1 days. */
  lastPlus?: 0 | 1
  /** Names that plugins add. */
  vocabulary?: Vocabulary
}
