import type { FileSource } from '../plugin/types.js'

const PAGE = 256 * 1024
const NEWLINE = 0x0a

/** A line of a file. */
export interface FileLine {
  /** Counted from 1. */
  n: number
  /** Null: longer than what is read of a line. */
  text: string | null
  /** Where the next line begins. */
  next: number
}

/**
 * Lines of a file from an offset on; never more than one line and a page of it are in memory.
 * @param n number of the first line that is read
 * @param most longest line in bytes; what is longer is told of, without its text
 */
export async function* readFileLines(
  file: Pick<FileSource, 'size' | 'read'>,
  { offset, n, most, signal }: { offset: number; n: number; most: number; signal: AbortSignal },
): AsyncGenerator<FileLine> {
  let held: Uint8Array[] = []
  let bytes = 0
  const line = (next: number): FileLine => {
    const text = bytes > most ? null : Buffer.concat(held, bytes).toString('utf8').replace(/\r$/, '')
    held = []
    bytes = 0
    return { n: n++, text, next }
  }
  const keep = (part: Uint8Array): void => {
    bytes += part.length
    if (bytes > most) held = []
    else held.push(part)
  }
  let at = offset
  while (at < file.size) {
    signal.throwIfAborted()
    const page = await file.read(at, Math.min(PAGE, file.size - at))
    let from = 0
    for (let end = page.indexOf(NEWLINE); end >= 0; end = page.indexOf(NEWLINE, from)) {
      keep(page.subarray(from, end))
      from = end + 1
      yield line(at + from)
    }
    keep(page.subarray(from))
    at += page.length
  }
  if (bytes > 0) yield line(at)
}
