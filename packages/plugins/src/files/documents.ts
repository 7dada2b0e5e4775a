import { AurenError, type FileSource } from '@auren/core'
import type { Document } from './types.js'
import { isZip, openZip, type Zip, type ZipEntry } from './zip.js'

/** Largest document that is read at once, in bytes. */
const mostBytes = 128 * 1024 * 1024
/** How much of a document is looked at to know its kind, in bytes. */
export const headBytes = 64 * 1024

/** The documents of a file: itself, or what is in it where it is a zip. */
export interface Documents {
  list: readonly Listed[]
  close(): void
}

/** A document with its place, which is the same each time that the file is opened. */
export interface Listed extends Document {
  /** Its first {@link headBytes} as text; empty where it cannot be read. */
  head(): Promise<string>
}

/** Opens a file as documents, in the order of their paths. @throws AurenError AUREN_PAYLOAD_INVALID, AUREN_PAYLOAD_TOO_LARGE */
export async function openDocuments(file: FileSource, plugin: string): Promise<Documents> {
  const first = await file.read(0, Math.min(4, file.size))
  if (!isZip(first)) return { list: [single(file, plugin)], close: () => {} }
  const zip = await openZip(file, plugin)
  const list = [...zip.entries]
    // What Macs and Windows leave behind is nobody's data.
    .filter(({ path }) => !/(^|\/)(__MACOSX\/|\.DS_Store$|Thumbs\.db$)/.test(path))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.at - b.at))
    .map((entry) => packed(zip, entry, plugin))
  return { list, close: () => zip.close() }
}

function single(file: FileSource, plugin: string): Listed {
  const bytes = async (): Promise<Buffer> => {
    if (file.size > mostBytes) throw tooLarge(file.name, plugin)
    return Buffer.from(await file.read(0, file.size))
  }
  const head = async (): Promise<string> => textOf(Buffer.from(await file.read(0, Math.min(headBytes, file.size))))
  return { path: file.name, size: file.size, bytes, head }
}

function packed(zip: Zip, entry: ZipEntry, plugin: string): Listed {
  const take = async (most: number): Promise<Buffer> => {
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of zip.read(entry)) {
      chunks.push(Buffer.from(chunk))
      size += chunk.length
      if (size >= most) break
    }
    return Buffer.concat(chunks).subarray(0, most)
  }
  return {
    path: entry.path,
    size: entry.size,
    async bytes() {
      if (entry.size > mostBytes) throw tooLarge(entry.path, plugin)
      return take(Math.max(1, entry.size))
    },
    head: () => take(headBytes).then(textOf, () => ''),
  }
}

function tooLarge(path: string, plugin: string): AurenError {
  return new AurenError(
    'AUREN_PAYLOAD_TOO_LARGE',
    `${path.slice(0, 100)} is larger than ${mostBytes / 1024 / 1024} MiB, which no such export has.`,
    { plugin },
  )
}

/** Text of bytes whose encoding is told by a byte order mark, else UTF-8, else Windows-1252, as old programs write it. */
export function textOf(bytes: Buffer): string {
  // The decoders take the mark off.
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  const cut = bytes.length === headBytes ? 4 : 0
  try {
    // A head may end within a letter.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, bytes.length - cut), { stream: cut > 0 })
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}
