import { asAurenError } from '../errors.js'
import type { AnswerPart } from './types.js'

/** A part with its place in the journal of its run. */
export interface SequencedPart {
  /** From 1 on, consecutive. */
  seq: number
  part: AnswerPart
}

/** Parts of a running answer: journaled first, then shown to whoever reads. */
export interface Feed {
  push(part: AnswerPart): void
  /** Journals what is waiting, ends with `part`, and lets readers end. */
  end(part: AnswerPart): Promise<void>
  /** Parts after `after`, as they come; ends after the last one. Leaving it stops nothing. */
  read(after: number): AsyncIterable<SequencedPart>
}

/**
 * A feed over `append`, which commits parts (`last` tells the final batch). A part is never shown before it is
 * committed; when committing fails, every reader gets that error.
 */
export function createFeed(append: (parts: SequencedPart[], last: boolean) => Promise<void>): Feed {
  const shown: SequencedPart[] = []
  let waiting: SequencedPart[] = []
  let seq = 0
  let ended = false
  let failure: unknown
  let writing: Promise<void> | null = null
  let wake: (() => void)[] = []

  const notify = () => {
    const sleepers = wake
    wake = []
    for (const resume of sleepers) resume()
  }
  /** One writer at a time; whoever pushes while it writes leaves the part to it. */
  const write = async (last: boolean): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        await append(batch, last)
        shown.push(...batch)
      } catch (error) {
        failure = asAurenError(error, 'AUREN_STORE_UNAVAILABLE')
        waiting = []
      }
      notify()
    }
    writing = null
  }
  const enqueue = (part: AnswerPart) => {
    seq += 1
    waiting.push({ seq, part })
  }
  return {
    push(part) {
      if (ended || failure !== undefined) return
      enqueue(part)
      if (!writing) writing = write(false)
    },
    async end(part) {
      if (ended) return
      ended = true
      await writing
      if (failure === undefined) {
        enqueue(part)
        await write(true)
      }
      notify()
      if (failure !== undefined) throw failure
    },
    async *read(after) {
      let next = after
      for (;;) {
        while (next < shown.length) yield shown[next++] as SequencedPart
        if (failure !== undefined) throw failure
        if (ended && waiting.length === 0 && shown.length === seq) return
        await new Promise<void>((resolve) => wake.push(resolve))
      }
    },
  }
}
