import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { Job } from '../../src/events/ports.js'
import { createUploadDigests } from '../../src/ingest/upload-digests.js'
import { pulse, type Rig, rig, start, user } from './toy.js'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const open: Rig[] = []
afterEach(async () => {
  for (const held of open.splice(0)) await held.close()
})

describe('the digest of an upload', () => {
  it('is that of its bytes, in whatever parts and however often they are sent, or is not known', () => {
    const part = fc.record({ back: fc.nat(5), length: fc.integer({ min: 1, max: 9 }), elsewhere: fc.boolean() })
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const digests = createUploadDigests()
        const whole = Uint8Array.from({ length: 200 }, (_, i) => (i * 7) % 256)
        let size = 0
        let seen = true
        for (const { back, length, elsewhere } of parts) {
          const offset = Math.max(0, size - back)
          const bytes = whole.subarray(offset, offset + length)
          const added = Math.max(0, offset + length - size)
          size += added
          // Another process took it, or a restart forgot it.
          if (elsewhere && added > 0) seen = false
          else if (!elsewhere) digests.add('a', bytes, { size, added })
        }
        expect(digests.take('a', size)).toBe(seen && size > 0 ? sha256(whole.subarray(0, size)) : null)
        expect(digests.take('a', size)).toBeNull()
      }),
    )
  })

  it('stands before the file is read, and names the same delivery as one that was read for it', async () => {
    const held = await rig()
    open.push(held)
    const { ingest, journal } = held
    const file = new TextEncoder().encode(JSON.stringify([pulse(start, 60), pulse(start + 1000, 61)]))
    const send = async (digestIsKnown: boolean) => {
      const { id } = await ingest.uploads.begin(user, { name: 'a.toy' })
      await ingest.uploads.append(user, id, 0, file.subarray(0, 10))
      const job = await journal.transaction((tx) => journal.getJob(tx, id))
      const { blob } = (job as Job<{ blob: string }>).payload
      if (digestIsKnown) await ingest.uploads.append(user, id, 10, file.subarray(10))
      else await journal.transaction((tx) => journal.blobs.append(tx, blob, 10, file.subarray(10)))
      await ingest.uploads.append(user, id, 5, file.subarray(5))
      await ingest.uploads.start(user, id)
      await ingest.settled()
      const info = await journal.transaction((tx) => journal.blobs.info(tx, blob))
      expect(info?.sha256).toBe(sha256(file))
      return ingest.imports.get(user, id)
    }
    expect(await send(true)).toMatchObject({ state: 'done', duplicate: false, progress: { observations: 2 } })
    expect(await send(false)).toMatchObject({ state: 'done', duplicate: true })
    expect(await send(true)).toMatchObject({ state: 'done', duplicate: true })
  })
})
