import { createHash, type Hash } from 'node:crypto'

/** Uploads that are followed at the same time; the least recently begun goes first. */
const MOST_UPLOADS = 100

/** The SHA-256 of what is being uploaded, made as the bytes come by: reading all of a file again for it takes long. */
export interface UploadDigests {
  /** Takes the last `added` of `bytes`, which are committed and end at `size`. */
  add(blob: string, bytes: Uint8Array, at: { size: number; added: number }): void
  /** The digest as hex; null where not all `size` bytes came by here, and one after the other. It is given once. */
  take(blob: string, size: number): string | null
}

/** Follows uploads in this process. What came another way, or before a restart, must be read. */
export function createUploadDigests(): UploadDigests {
  const followed = new Map<string, { hash: Hash; size: number }>()
  return {
    add(blob, bytes, { size, added }) {
      if (added === 0) return
      const from = size - added
      if (from === 0) {
        for (const oldest of followed.keys()) if (followed.size >= MOST_UPLOADS) followed.delete(oldest)
        followed.set(blob, { hash: createHash('sha256'), size: 0 })
      }
      const upload = followed.get(blob)
      if (!upload) return
      if (upload.size !== from) {
        followed.delete(blob)
        return
      }
      upload.hash.update(bytes.subarray(bytes.length - added))
      upload.size = size
    },
    take(blob, size) {
      const upload = followed.get(blob)
      followed.delete(blob)
      return upload?.size === size ? upload.hash.digest('hex') : null
    },
  }
}
