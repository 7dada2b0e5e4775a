import type { Fact } from '../../api/wire'

/** What was tapped. */
export interface Opened {
  fact: Fact
  /** Sentence in which the number stood. */
  sentence?: string
}
