import type { FileSource } from '../plugin/types.js'

/** What is read of a file at once: the length of a stored frame, which opens as a whole or not at all. */
export const PAGE_BYTES = 1024 * 1024

/**
 * Reads a file in whole pages and keeps two of them, the next one being fetched while this one is read: a plugin that
 * goes through a file in small pieces would otherwise have each frame opened once per piece.
 */
export function readPages(size: number, fetch: FileSource['read']): FileSource['read'] {
  let pages: { at: number; bytes: Promise<Uint8Array> }[] = []

  const page = (at: number): Promise<Uint8Array> => {
    const held = pages.find((one) => one.at === at)
    if (held) return held.bytes
    const bytes = fetch(at, Math.min(PAGE_BYTES, size - at))
    pages = [...pages.slice(-1), { at, bytes }]
    // What could not be read is asked for again; whoever waits for it is told.
    bytes.catch(() => {
      pages = pages.filter((one) => one.bytes !== bytes)
    })
    return bytes
  }

  return async (offset, length) => {
    const from = Math.floor(offset / PAGE_BYTES) * PAGE_BYTES
    const end = Math.min(offset + length, size)
    if (end > from + PAGE_BYTES || end <= offset) return fetch(offset, length)
    const bytes = await page(from)
    if (from + PAGE_BYTES < size) page(from + PAGE_BYTES)
    return bytes.subarray(offset - from, end - from)
  }
}

/** Makes the next item while the last one is being used; what fails is told when it is its turn. */
export async function* readAhead<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]()
  const advance = (): Promise<IteratorResult<T>> => {
    const next = iterator.next()
    next.catch(() => undefined)
    return next
  }
  let next = advance()
  try {
    for (;;) {
      const { done, value } = await next
      if (done) return
      next = advance()
      yield value
    }
  } finally {
    await next.catch(() => undefined)
    await iterator.return?.()
  }
}
