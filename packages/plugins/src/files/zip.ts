import { pipeline } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'
import { AurenError, type FileSource, isAurenError } from '@auren/core'
import type { Entry, ZipFile } from 'yauzl'
import { createZipReader } from './zip-reader.js'

/** What an archive may be at most; beyond it is no export but a bomb. */
export interface ZipLimits {
  /** Files in the archive. @default 100 000 */
  entries: number
  /** Bytes of one file, unpacked. @default 64 GiB */
  entryBytes: number
  /** Bytes of all files together, unpacked. @default 256 GiB */
  totalBytes: number
  /** Unpacked by packed size of a file; real exports have up to 60. @default 250 */
  ratio: number
}
export const zipLimits: ZipLimits = { entries: 100_000, entryBytes: 2 ** 36, totalBytes: 2 ** 38, ratio: 250 }

/** A file in an archive. */
export interface ZipEntry {
  /** Path as it is written there, `/` between folders; never used as a path of ours. */
  path: string
  /** Bytes, unpacked. */
  size: number
  /** Offset of its header: its name within the archive, for good. */
  at: number
  encrypted: boolean
}

/** An archive that has been opened and looked through. */
export interface Zip {
  /** Without folders and links. */
  entries: readonly ZipEntry[]
  /**
   * A file from its first byte, in Buffers of the caller's own.
   * @throws AurenError AUREN_PAYLOAD_INVALID where the packed data are damaged, at the point where they are;
   * AUREN_PAYLOAD_TOO_LARGE where the file is packed more tightly than anything real
   */
  read(entry: ZipEntry): AsyncGenerator<Buffer>
  close(): void
}

const mebibyte = 1024 * 1024
const chunkSize = 256 * 1024

/** True where the first bytes are those of a zip. */
export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5)
}

/**
 * Opens a zip and lists what is in it. Nothing is ever written to a path; archives within the archive are files like others.
 * @throws AurenError AUREN_PAYLOAD_INVALID, AUREN_PAYLOAD_TOO_LARGE
 */
export async function openZip(file: FileSource, plugin: string, limits: ZipLimits = zipLimits): Promise<Zip> {
  const yauzl = await import('yauzl')
  const { fromRandomAccessReaderPromise, RandomAccessReader } = yauzl.default
  const { reader, failure } = createZipReader(file, RandomAccessReader)
  const invalid = (message: string, cause?: unknown): AurenError =>
    new AurenError('AUREN_PAYLOAD_INVALID', message, { plugin, cause })
  const tooLarge = (message: string): AurenError => new AurenError('AUREN_PAYLOAD_TOO_LARGE', message, { plugin })
  const told = (cause: unknown, message: string): unknown => {
    if (failure() !== undefined) return failure()
    return isAurenError(cause) ? cause : invalid(message, cause)
  }
  let zip: ZipFile
  try {
    // Names stay bytes: yauzl would refuse the whole archive for a name that would be a bad path.
    zip = await fromRandomAccessReaderPromise(reader, file.size, { autoClose: false, decodeStrings: false })
  } catch (cause) {
    throw told(cause, 'This zip has no readable end: it is cut off or damaged. Copy or download the export again.')
  }
  // Without a listener an error of the archive would end the process; each call hands its own errors over.
  zip.on('error', () => {})

  const list = async (): Promise<Map<number, Entry>> => {
    if (zip.entryCount > limits.entries) throw tooLarge(`This zip has more than ${limits.entries} files.`)
    const found = new Map<number, Entry>()
    let packed = 0
    let unpacked = 0
    for await (const entry of zip.eachEntry()) {
      packed += entry.compressedSize
      unpacked += entry.uncompressedSize
      if (packed > file.size) throw invalid('The files in this zip overlap each other, which no export does.')
      if (unpacked > limits.totalBytes) throw tooLarge('This zip unpacks to more than its limit.')
      if (!isLink(entry) && entry.fileNameRaw.at(-1) !== 0x2f) found.set(entry.relativeOffsetOfLocalHeader, entry)
    }
    return found
  }
  const check = ({ uncompressedSize, compressedSize }: Entry): void => {
    if (uncompressedSize > limits.entryBytes) throw tooLarge('A file in this zip is larger than its limit.')
    // What is declared here is what is unpacked at most: `unpack` stops at the first byte more.
    if (uncompressedSize > mebibyte && uncompressedSize > compressedSize * limits.ratio)
      throw tooLarge('A file in this zip is packed more tightly than any export: it looks like a zip bomb.')
  }
  /**
   * Inflates an entry, checking method, size and checksum. What came before a fault is handed over before it is told,
   * which is why the library's own checks, that throw the rest of their buffers away, are not used.
   */
  async function* unpack(entry: Entry): AsyncGenerator<Buffer> {
    if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) throw invalid('It is packed in an unknown way.')
    const raw = await zip.openReadStreamPromise(entry, { decodeFileData: false })
    // Errors reach the reader of the last stream.
    const stream = entry.compressionMethod === 0 ? raw : pipeline(raw, createInflateRaw({ chunkSize }), () => {})
    let sum = 0
    let size = 0
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const kept = chunk.subarray(0, entry.uncompressedSize - size)
      sum = crc32(kept, sum)
      size += kept.length
      yield kept
      if (kept.length < chunk.length) throw invalid('It is longer than it says.')
    }
    if (size < entry.uncompressedSize) throw invalid('It is shorter than it says.')
    if (sum !== entry.crc32) throw invalid('The checksum does not match.')
  }

  try {
    const found = await list()
    return {
      entries: [...found].map(([at, entry]) => ({
        path: pathOf(entry),
        size: entry.uncompressedSize,
        at,
        encrypted: entry.isEncrypted(),
      })),
      async *read({ at }) {
        const entry = found.get(at)
        if (!entry) throw invalid('The file is not in this zip.')
        if (entry.isEncrypted()) throw invalid('It is encrypted. Unpack it with its password and import what is in it.')
        check(entry)
        try {
          yield* unpack(entry)
        } catch (cause) {
          throw told(cause, 'The packed data are damaged here.')
        }
      },
      close: () => zip.close(),
    }
  } catch (cause) {
    zip.close()
    throw told(cause, 'This zip is damaged. Copy or download the export again.')
  }
}

/** The upper half of the attributes is the Unix mode, for archives made on Unix. */
function isLink(entry: Entry): boolean {
  return ((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000
}

/** UTF-8 where it is valid (most that do not set the flag for it write it all the same), else each byte a letter. */
function pathOf({ fileNameRaw }: Entry): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(fileNameRaw).replaceAll('\\', '/')
  } catch {
    return fileNameRaw.toString('latin1').replaceAll('\\', '/')
  }
}
