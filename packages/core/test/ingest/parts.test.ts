import fc from 'fast-check'
import { expect, it } from 'vitest'
import { inParts } from '../../src/ingest/parts.js'

it('gives the bytes in parts of one size, however they come, in a buffer that is used again', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(pieces, fc.integer({ min: 1, max: 30 }), async (all, size) => {
      const whole = Buffer.concat(all)
      const seen: Buffer[] = []
      const buffers = new Set<ArrayBufferLike>()
      async function* given() {
        yield* all
      }
      for await (const part of inParts(given(), size)) {
        seen.push(Buffer.from(part))
        buffers.add(part.buffer)
      }
      expect(Buffer.concat(seen).equals(whole)).toBe(true)
      expect(seen.map(({ length }) => length)).toEqual(
        Array.from({ length: Math.ceil(whole.length / size) }, (_, i) => Math.min(size, whole.length - i * size)),
      )
      expect(buffers.size).toBeLessThanOrEqual(1)
    }),
  )
})
