import type { Envelope, Observation } from '@auren/core'

/** Envelopes that this process has sealed, for the moment until it reads them. */
export interface Handover {
  /** @param size of the envelope as JSON, in bytes */
  keep(envelope: Envelope, sealed: Uint8Array, size: number): void
  /** The envelope that became these very bytes, once; null where it is not here, and the bytes must be opened. */
  take(id: string, sealed: Uint8Array): Envelope | null
}

/** What is kept at most, as bytes of JSON: what an import is ahead of the consumer. */
const MOST_BYTES = 4 * 1024 * 1024
/** What nobody has taken by then is read by another process. */
const KEPT_MS = 5000

interface Kept {
  envelope: Envelope
  sealed: Uint8Array
  size: number
  at: number
}

/**
 * Mostly the process that wrote an envelope stores it a moment later. Opening it again (decipher, inflate, decode, parse)
 * costs more than storing does, so what was sealed stays at hand, for as long as it is little. What the row holds decides:
 * only what became its bytes (their nonce is random) is taken for it, so a row that was rolled back, written by another
 * process, or emptied by an erasure never gives what is kept here.
 */
export function createHandover(now: () => number = () => performance.now()): Handover {
  const kept = new Map<string, Kept>()
  let bytes = 0

  const drop = (id: string, { size }: Kept): void => {
    kept.delete(id)
    bytes -= size
  }

  return {
    keep(envelope, sealed, size) {
      const before = kept.get(envelope.id)
      if (before) drop(envelope.id, before)
      for (const [id, held] of kept) {
        if (held.at > now() - KEPT_MS) break
        drop(id, held)
      }
      // The oldest are read first, so it is the newest that must be opened.
      if (bytes + size > MOST_BYTES) return
      kept.set(envelope.id, { envelope, sealed, size, at: now() })
      bytes += size
    },
    take(id, sealed) {
      const held = kept.get(id)
      if (!held) return null
      drop(id, held)
      if (Buffer.compare(held.sealed, sealed) !== 0) return null
      return { ...held.envelope, observations: held.envelope.observations.map(asRead) }
    },
  }
}

/** As reading it from JSON gives it: a sample is what its schema says already, all else may hold what JSON leaves out. */
function asRead(observation: Observation): Observation {
  return observation.shape === 'sample' ? observation : (JSON.parse(JSON.stringify(observation)) as Observation)
}
