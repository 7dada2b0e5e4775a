import { pipeline } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'
import { AurenError, type FileSource, isAurenError } from '@auren/core'
import type { Entry, ZipFile } from 'yauzl'
import { createProlog } from '../xml/prolog.js'
import { createZipReader } from './reader.js'

/** What an archive may be at most; beyond it is no export of a phone but a bomb. */
export interface ZipLimits {
  /** Files in the archive (each workout has a route of its own). @default 100 000 */
  entries: number
  /** Bytes of the XML, unpacked. @default 64 GiB */
  xmlBytes: number
  /** Bytes of all files together, unpacked. @default 256 GiB */
  totalBytes: number
  /** Unpacked by packed size of the XML; real exports have 15 to 60. @default 250 */
  ratio: number
}
export const zipLimits: ZipLimits = { entries: 100_000, xmlBytes: 2 ** 36, totalBytes: 2 ** 38, ratio: 250 }

/** The XML inside of an archive. */
export interface ZippedExport {
  /** Names the entry within the archive: the offset of its header. */
  entry: number
  size: number
  /** Entries that are not read, by file name extension. */
  others: [extension: string, n: number][]
  /**
   * The unpacked XML from its first byte, in Buffers of the caller's own.
   * @throws AurenError AUREN_PAYLOAD_INVALID where the packed data are damaged, at the point where they are
   */
  chunks(): AsyncGenerator<Buffer>
  close(): void
}

const maxCandidates = 20
const mebibyte = 1024 * 1024
const chunkSize = 256 * 1024

/**
 * Opens an export.zip and finds the export by what is in it: the largest `.xml` whose root is HealthData. Its name is the
 * phone's language's (`export.xml`, `Exportación.xml`, `导出.xml`) and is used for nothing but the extension; nothing is
 * ever written to a path. Archives within the archive are not opened.
 * @param entry the entry to open again, when an import is resumed
 * @throws AurenError AUREN_PAYLOAD_INVALID, AUREN_PAYLOAD_TOO_LARGE
 */
export async function openZip(file: FileSource, limits: ZipLimits, entry: number | null): Promise<ZippedExport> {
  const yauzl = await import('yauzl')
  const { fromRandomAccessReaderPromise, RandomAccessReader } = yauzl.default
  const { reader, failure } = createZipReader(file, RandomAccessReader)
  const told = (cause: unknown, message: string): unknown => {
    if (failure() !== undefined) return failure()
    return isAurenError(cause) ? cause : invalid(message, cause)
  }
  let zip: ZipFile
  try {
    // Names stay bytes: yauzl would refuse the whole archive for a name that would be a bad path.
    zip = await fromRandomAccessReaderPromise(reader, file.size, { autoClose: false, decodeStrings: false })
  } catch (cause) {
    throw told(cause, 'This zip has no readable end: it is cut off or damaged. Copy the export from the phone again.')
  }
  // Without a listener an error of the archive would end the process; each call hands its own errors over.
  zip.on('error', () => {})
  try {
    const { candidates, others } = await list(zip, file.size, limits)
    const chosen =
      entry === null
        ? await choose(zip, candidates)
        : candidates.find((one) => one.relativeOffsetOfLocalHeader === entry)
    if (!chosen) throw nothingFound(candidates)
    check(chosen, limits)
    return {
      entry: chosen.relativeOffsetOfLocalHeader,
      size: chosen.uncompressedSize,
      others,
      async *chunks() {
        try {
          yield* unpack(zip, chosen)
        } catch (cause) {
          throw told(cause, 'The packed data are damaged here.')
        }
      },
      close: () => zip.close(),
    }
  } catch (cause) {
    zip.close()
    throw told(cause, 'This zip is damaged. Copy the export from the phone again.')
  }
}

function nothingFound(candidates: readonly Entry[]): AurenError {
  return candidates.some((one) => one.isEncrypted())
    ? invalid('The XML in this zip is encrypted. Unpack it with its password and import the export.xml.')
    : invalid('This zip holds no export of Apple Health: no .xml in it has the root HealthData.')
}

async function list(
  zip: ZipFile,
  size: number,
  limits: ZipLimits,
): Promise<{ candidates: Entry[]; others: ZippedExport['others'] }> {
  if (zip.entryCount > limits.entries) throw tooLarge(`This zip has more than ${limits.entries} files.`)
  const candidates: Entry[] = []
  const others = new Map<string, number>()
  let packed = 0
  let unpacked = 0
  for await (const entry of zip.eachEntry()) {
    packed += entry.compressedSize
    unpacked += entry.uncompressedSize
    if (packed > size) throw invalid('The files in this zip overlap each other, which no phone writes.')
    if (unpacked > limits.totalBytes) throw tooLarge('This zip unpacks to more than its limit.')
    const name = entry.fileNameRaw.toString('latin1').toLowerCase()
    if (name.endsWith('/')) continue
    if (name.endsWith('.xml') && !isLink(entry)) candidates.push(entry)
    else {
      const extension = /\.[a-z0-9]{1,8}$/.exec(name)?.[0] ?? 'without extension'
      others.set(extension, (others.get(extension) ?? 0) + 1)
    }
  }
  candidates.sort((a, b) => b.uncompressedSize - a.uncompressedSize)
  return { candidates: candidates.slice(0, maxCandidates), others: [...others].slice(0, 50) }
}

/** The upper half of the attributes is the Unix mode, for archives made on Unix. */
function isLink(entry: Entry): boolean {
  return ((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000
}

function check(entry: Entry, limits: ZipLimits): void {
  const { uncompressedSize, compressedSize } = entry
  if (uncompressedSize > limits.xmlBytes) throw tooLarge('The XML in this zip is larger than its limit.')
  // What is declared here is what is unpacked at most: `unpack` stops at the first byte more.
  if (uncompressedSize > mebibyte && uncompressedSize > compressedSize * limits.ratio)
    throw tooLarge('The XML in this zip is packed more tightly than any export: it looks like a zip bomb.')
}

/** The largest candidate whose root is HealthData; a Clinical Document has another. */
async function choose(zip: ZipFile, candidates: readonly Entry[]): Promise<Entry | null> {
  for (const entry of candidates) {
    if (entry.isEncrypted()) continue
    const prolog = createProlog()
    try {
      for await (const chunk of unpack(zip, entry)) if (prolog.push(chunk) !== null) return entry
    } catch {
      // Damaged, or no export: the next one may be it.
    }
  }
  return null
}

/**
 * Inflates an entry, checking method, size and checksum. What came before a fault is handed over before it is told,
 * which is why the library's own checks, that throw the rest of their buffers away, are not used.
 */
async function* unpack(zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
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

function invalid(message: string, cause?: unknown): AurenError {
  return new AurenError('AUREN_PAYLOAD_INVALID', message, { plugin: 'apple-health', cause })
}

function tooLarge(message: string): AurenError {
  return new AurenError('AUREN_PAYLOAD_TOO_LARGE', message, { plugin: 'apple-health' })
}
