/** A page of a collection, and what to ask for the next one with; null at the end. */
export interface VendorPage<T, Next> {
  items: T[]
  next: Next | null
}

/**
 * A page by an opaque cursor.
 * @param cursor what the page before said; null or empty for the first
 * @throws RangeError for a cursor that was never given out
 */
export function cursorPage<T>(all: readonly T[], cursor: string | null, size: number): VendorPage<T, string> {
  const from = cursor
    ? Number(
        Buffer.from(cursor, 'base64url')
          .toString()
          .replace(/^from /, ''),
      )
    : 0
  if (!Number.isInteger(from) || from < 0) throw new RangeError('This cursor was never given out.')
  const { items, next } = offsetPage(all, from, size)
  return { items, next: next === null ? null : Buffer.from(`from ${next}`).toString('base64url') }
}

/** A page by its number, the first being 1; a page after the last is empty. */
export function numberedPage<T>(all: readonly T[], page: number, size: number): VendorPage<T, number> {
  const from = (Math.max(1, Math.trunc(page) || 1) - 1) * size
  return { items: all.slice(from, from + size), next: from + size < all.length ? Math.trunc(page || 1) + 1 : null }
}

/** A page by how many come before it. */
export function offsetPage<T>(all: readonly T[], offset: number, size: number): VendorPage<T, number> {
  const from = Math.max(0, Math.trunc(offset) || 0)
  return { items: all.slice(from, from + size), next: from + size < all.length ? from + size : null }
}
