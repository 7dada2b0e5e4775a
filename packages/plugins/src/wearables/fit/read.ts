import { gunzipSync } from 'node:zlib'
import { AurenError, type NormalizeContext, type ObservationInput } from '@auren/core'
import { messagesOf } from './messages.js'
import { type Observing, observe, wanted } from './observe.js'
import { segmentsOf } from './segments.js'

/** Largest FIT file: years of one day's monitoring, or weeks of an activity by the second, are far below. */
export const mostBytes = 32 * 1024 * 1024

/**
 * Observations of a FIT file, or of a chain of them, packed by gzip or not. What is damaged is reported, and what decodes is
 * kept.
 * @throws AurenError AUREN_PAYLOAD_INVALID where nothing of it is FIT, AUREN_PAYLOAD_TOO_LARGE
 */
export function* readFit(given: Uint8Array, observing: Observing, ctx: NormalizeContext): Iterable<ObservationInput> {
  const bytes = unpack(given)
  if (bytes.length > mostBytes) throw tooLarge()
  const report = (reason: string, detail: string): void => ctx.reject({ bytes: bytes.length }, reason, detail)
  const segments = segmentsOf(bytes, report)
  if (segments.length === 0)
    throw new AurenError('AUREN_PAYLOAD_INVALID', 'This is no FIT file: it has no header.', { plugin: 'fit' })
  for (const segment of segments) {
    // It is read twice, and says once what is wrong with it.
    let told = false
    const messages = () => {
      const first = !told
      told = true
      return messagesOf(bytes, segment, wanted, first ? report : () => {})
    }
    yield* observe(messages, observing, ctx)
  }
}

function unpack(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: mostBytes })
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge()
    throw new AurenError('AUREN_PAYLOAD_INVALID', 'The packed file is damaged.', { plugin: 'fit', cause })
  }
}

function tooLarge(): AurenError {
  return new AurenError(
    'AUREN_PAYLOAD_TOO_LARGE',
    `This FIT file is larger than ${mostBytes / 1024 / 1024} MiB, which no device writes.`,
    { plugin: 'fit' },
  )
}
