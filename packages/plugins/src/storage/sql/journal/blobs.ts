import { randomUUID } from 'node:crypto'
import { AurenError, type BlobStore } from '@auren/core'
import type { Box } from '../box.js'
import type { SqlTx } from '../port.js'

/** Plain bytes of a frame at most; a frame ends where its part ends. */
const frameBytes = 1024 * 1024

interface Head {
  user_id: string
  name: Uint8Array
  size: number
  sha256: string | null
}

/** Raw files as sealed frames: appending is idempotent by offset, reading starts anywhere. */
export function createBlobs(box: Box): BlobStore {
  const head = async (tx: SqlTx, id: string, lock: boolean): Promise<Head> => {
    const [row] = await tx.query<Head>(
      `select user_id, name, size, sha256 from auren.blobs where id = $1 ${lock ? 'for update' : ''}`,
      [id],
    )
    if (!row) throw new AurenError('AUREN_NOT_FOUND', 'There is no such upload: start it again')
    return row
  }

  return {
    async create(t, user, { name }) {
      const id = randomUUID()
      await (t as SqlTx).query('insert into auren.blobs (id, user_id, name, size) values ($1, $2, $3, 0)', [
        id,
        user,
        await box.sealJson(user, name),
      ])
      return id
    },

    async append(t, id, offset, bytes) {
      const tx = t as SqlTx
      const { user_id: user, size, sha256 } = await head(tx, id, true)
      if (offset > size)
        throw new AurenError(
          'AUREN_CONFLICT',
          `The upload has ${size} bytes so far: go on from there, not from ${offset}`,
        )
      const fresh = bytes.subarray(size - offset)
      if (fresh.length === 0) return { size, added: 0 }
      if (sha256 !== null) throw new AurenError('AUREN_CONFLICT', 'The upload has ended: nothing can be added to it')
      for (let at = 0; at < fresh.length; at += frameBytes) {
        const frame = fresh.subarray(at, at + frameBytes)
        await tx.query('insert into auren.blob_frames (blob, at, user_id, size, sealed) values ($1, $2, $3, $4, $5)', [
          id,
          size + at,
          user,
          frame.length,
          await box.seal(user, frame),
        ])
      }
      await tx.query('update auren.blobs set size = $2 where id = $1', [id, size + fresh.length])
      return { size: size + fresh.length, added: fresh.length }
    },

    async seal(t, id, sha256) {
      const tx = t as SqlTx
      const before = await head(tx, id, true)
      if (before.sha256 !== null && before.sha256 !== sha256)
        throw new AurenError('AUREN_CONFLICT', 'The upload has ended with another digest: start it again')
      await tx.query('update auren.blobs set sha256 = $2 where id = $1', [id, sha256])
    },

    async info(t, id) {
      const [row] = await (t as SqlTx).query<Head>(
        'select user_id, name, size, sha256 from auren.blobs where id = $1',
        [id],
      )
      if (!row) return null
      const name = await box.openJson<string>(row.user_id, row.name)
      return { id, user: row.user_id, name, size: row.size, sha256: row.sha256 }
    },

    async read(t, id, offset, length) {
      const tx = t as SqlTx
      const { user_id: user, size } = await head(tx, id, false)
      const end = Math.min(offset + length, size)
      const frames = await tx.query<{ at: number; size: number; sealed: Uint8Array }>(
        // The lower bound is for the index: no frame is longer.
        `select at, size, sealed from auren.blob_frames
         where blob = $1 and at > $2::int8 - $4::int8 and at < $3 and at + size > $2 order by at`,
        [id, offset, end, frameBytes],
      )
      const [only] = frames
      // A file is read frame by frame, so this is what is asked for: no copy is made.
      if (frames.length === 1 && only?.at === offset && only.size === end - offset) return box.open(user, only.sealed)
      const whole = new Uint8Array(Math.max(0, end - offset))
      for (const frame of frames) {
        const plain = await box.open(user, frame.sealed)
        const from = Math.max(0, offset - frame.at)
        whole.set(plain.subarray(from, end - frame.at), frame.at + from - offset)
      }
      return whole
    },

    async remove(t, id) {
      const tx = t as SqlTx
      await tx.query('delete from auren.blob_frames where blob = $1', [id])
      await tx.query('delete from auren.blobs where id = $1', [id])
    },
  }
}
