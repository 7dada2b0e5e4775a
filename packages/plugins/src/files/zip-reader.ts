import { Readable } from 'node:stream'
import type { FileSource } from '@auren/core'
import type { RandomAccessReader } from 'yauzl'

const page = 64 * 1024
const stretch = 256 * 1024

/** A reader for yauzl, and the failure of the file behind it, which must not be taken for a damaged archive. */
export interface ZipReader {
  reader: RandomAccessReader
  /** Why the file could not be read; undefined while it can. */
  failure(): unknown
}

/**
 * Random access for yauzl over a file source. The list of entries is read in steps of 46 bytes, so a page is kept.
 * @param Base yauzl's class, which has to be loaded first
 */
export function createZipReader(file: FileSource, Base: typeof RandomAccessReader): ZipReader {
  let failure: unknown
  let held: { offset: number; bytes: Uint8Array } = { offset: 0, bytes: new Uint8Array(0) }

  const fetch = async (offset: number, length: number): Promise<Uint8Array> => {
    try {
      return await file.read(offset, length)
    } catch (cause) {
      failure = cause
      throw cause
    }
  }
  const bytesAt = async (offset: number, length: number): Promise<Uint8Array> => {
    if (offset < held.offset || offset + length > held.offset + held.bytes.length) {
      const size = Math.min(Math.max(length, page), Math.max(0, file.size - offset))
      held = { offset, bytes: size > 0 ? await fetch(offset, size) : new Uint8Array(0) }
    }
    return held.bytes.subarray(offset - held.offset, offset - held.offset + length)
  }
  async function* range(start: number, end: number): AsyncGenerator<Buffer> {
    for (let offset = start; offset < end; ) {
      const bytes = await fetch(offset, Math.min(stretch, end - offset))
      if (bytes.length === 0) return
      yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      offset += bytes.length
    }
  }

  // yauzl wants an object of a subclass; its base is abstract in the types only.
  const reader = Reflect.construct(Base, []) as RandomAccessReader
  reader._readStreamForRange = (start, end) => Readable.from(range(start, end), { objectMode: false })
  reader.read = (buffer, offset, length, position, callback) => {
    bytesAt(position, length).then(
      (bytes) => {
        buffer.set(bytes, offset)
        ;(callback as (error: Error | null, bytesRead: number) => void)(null, bytes.length)
      },
      (error: Error) => callback(error),
    )
  }
  return { reader, failure: () => failure }
}
