import { AurenError } from '@auren/core'
import type { Request } from 'express'

/**
 * Reads the raw bytes of a body, which are what a vendor signed: never decoded, never decompressed.
 *
 * @throws AurenError AUREN_PAYLOAD_TOO_LARGE above `limit` bytes, AUREN_INPUT_INVALID for an encoded body or a broken upload
 */
export async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new AurenError('AUREN_INPUT_INVALID', 'Send the body as it is: compressed bodies are not taken here.')
  }
  const tooLarge = (): AurenError =>
    new AurenError('AUREN_PAYLOAD_TOO_LARGE', `The body may have at most ${limit} bytes.`)
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > limit) throw tooLarge()
      chunks.push(chunk)
    }
  } catch (cause) {
    if (cause instanceof AurenError) throw cause
    throw new AurenError('AUREN_INPUT_INVALID', 'The body ended before it was complete. Send it again.', { cause })
  }
  return Buffer.concat(chunks, size)
}
