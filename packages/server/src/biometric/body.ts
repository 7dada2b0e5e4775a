import { AurenError } from '@auren/core'
import type { Request } from 'express'

/**
 * Reads the raw bytes of a body, which are what a vendor signed: never decoded, never decompressed.
 *
 * @throws AurenError AUREN_PAYLOAD_TOO_LARGE above `limit` bytes, AUREN_INPUT_INVALID for an encoded body or a broken upload
 */
export function readBody(request: Request, limit: number): Promise<Uint8Array> {
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    return Promise.reject(
      new AurenError('AUREN_INPUT_INVALID', 'Send the body as it is: compressed bodies are not taken here.'),
    )
  }
  const tooLarge = (): AurenError =>
    new AurenError('AUREN_PAYLOAD_TOO_LARGE', `The body may have at most ${limit} bytes.`)
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge())
  const chunks: Buffer[] = []
  let size = 0
  return new Promise((resolve, reject) => {
    const broken = (cause?: unknown): void =>
      reject(new AurenError('AUREN_INPUT_INVALID', 'The body ended before it was complete. Send it again.', { cause }))
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) {
        // What still comes is not read; the answer ends the connection.
        request.pause()
        reject(tooLarge())
      } else chunks.push(chunk)
    })
    request.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)))
    request.once('error', broken)
    request.once('close', () => {
      if (!request.complete) broken()
    })
  })
}
