/**
 * Pages in which an import counts siblings over its steps, so that memory stays constant: one for each metric, source
 * and day, holding 16 bytes per value in order of arrival: 53 bits of hash of its identity and 53 of what it says.
 */
export type OrdinalPages = Map<string, Uint8Array>

/** Pages opened for one step. */
export interface Book {
  /** Ordinal of a value that is new to its identity; null where it has been stated before. */
  add(page: string, key: string, value: string): number | null
  /** Writes what was added back into the pages. */
  save(): void
}

interface Page {
  bytes: Uint8Array
  /** First value of each identity; further ones are rare. */
  first: Map<number, number>
  further: Map<number, number[]>
  fresh: number[]
}

const ENTRY_BYTES = 16

/** Opens pages on demand. */
export function openBook(pages: OrdinalPages): Book {
  const opened = new Map<string, Page>()
  const open = (name: string): Page => {
    const known = opened.get(name)
    if (known) return known
    const bytes = pages.get(name) ?? new Uint8Array()
    const page: Page = { bytes, first: new Map(), further: new Map(), fresh: [] }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at < bytes.length; at += ENTRY_BYTES) put(page, view.getFloat64(at), view.getFloat64(at + 8))
    opened.set(name, page)
    return page
  }
  return {
    add(name, key, value) {
      const page = open(name)
      const [keyHash, valueHash] = [hash53(key), hash53(value)]
      const ordinal = put(page, keyHash, valueHash)
      if (ordinal !== null) page.fresh.push(keyHash, valueHash)
      return ordinal
    },
    save() {
      for (const [name, { bytes, fresh }] of opened) {
        if (fresh.length === 0) continue
        const grown = new Uint8Array(bytes.length + fresh.length * 8)
        grown.set(bytes)
        const view = new DataView(grown.buffer, bytes.length)
        for (const [i, hash] of fresh.entries()) view.setFloat64(i * 8, hash)
        pages.set(name, grown)
      }
    },
  }
}

function put(page: Page, key: number, value: number): number | null {
  const first = page.first.get(key)
  if (first === undefined) {
    page.first.set(key, value)
    return 0
  }
  if (first === value) return null
  const further = page.further.get(key)
  if (!further) {
    page.further.set(key, [value])
    return 1
  }
  return further.includes(value) ? null : further.push(value)
}

/**
 * 53 bits of a text: two multiplicative hashes with the finalizer of MurmurHash3. Within a page of a day's values a
 * collision is out of the question by chance, and a file made to collide hurts nobody but its own person.
 */
function hash53(text: string): number {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    high = Math.imul(high ^ code, 0x9e3779b1)
    low = Math.imul(low ^ code, 0x5f356495)
  }
  high = mix(high) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35)
  low = mix(low) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35)
  return (low & 0x1fffff) * 0x1_0000_0000 + (high >>> 0)
}

function mix(hash: number): number {
  return Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
}
