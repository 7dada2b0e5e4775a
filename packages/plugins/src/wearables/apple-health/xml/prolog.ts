import { AurenError } from '@auren/core'

/** More than this before the root is no export of Apple's (whose DTD has 10 KiB) but an attempt to fill the memory. */
export const maxProlog = 16 * 1024 * 1024

const root = Buffer.from('<HealthData')
const commentStart = Buffer.from('<!--')
const commentEnd = Buffer.from('-->')

/** What comes before the first child of the root. */
export interface Prolog {
  /**
   * Takes the next bytes of the file, from its first on.
   * @returns null while the root's start tag is not complete, then the bytes behind it and their offset
   * @throws AurenError AUREN_PAYLOAD_INVALID where this is no export, AUREN_PAYLOAD_TOO_LARGE over {@link maxProlog}
   */
  push(bytes: Buffer): { rest: Buffer; offset: number } | null
}

/**
 * Skips the XML declaration and the DTD without reading them: whatever they define is never known, let alone expanded,
 * and the malformed DTDs of iOS 16 cannot disturb. The root is the first `<HealthData` that is not in a comment and that
 * follows a `>` (so not one inside of an entity's value).
 */
export function createProlog(): Prolog {
  let held: Buffer = Buffer.alloc(0)
  let from = 0
  return {
    push(bytes) {
      const first = held.length === 0
      held = first ? bytes : Buffer.concat([held, bytes])
      if (held.length >= 4 && from === 0) checkEncoding(held)
      const at = findRoot()
      if (at === null) {
        if (held.length > maxProlog)
          throw new AurenError(
            'AUREN_PAYLOAD_TOO_LARGE',
            'No <HealthData> within the first 16 MiB. Export again on the phone: Health, your picture, Export All Health Data.',
            { plugin: 'apple-health' },
          )
        return null
      }
      const rest = held.subarray(at)
      held = Buffer.alloc(0)
      return { rest, offset: at }
    },
  }

  /** Offset behind the root's start tag; null where more bytes are needed. */
  function findRoot(): number | null {
    for (;;) {
      const at = held.indexOf(60, from)
      if (at < 0) {
        from = held.length
        return null
      }
      from = at
      if (held.length - at <= root.length) return null
      if (held.subarray(at, at + 4).equals(commentStart)) {
        const end = held.indexOf(commentEnd, at + 4)
        if (end < 0) return null
        from = end + 3
      } else if (isRoot(at)) return endOfTag(at)
      else from = at + 1
    }
  }

  function isRoot(at: number): boolean {
    if (!held.subarray(at, at + root.length).equals(root)) return false
    const next = held[at + root.length] as number
    if (next > 32 && next !== 62 && next !== 47) return false
    let before = at - 1
    while (before >= 0 && (held[before] as number) <= 32) before--
    // Nothing, a byte order mark, or the end of what came before.
    return before < 0 || held[before] === 62 || (before === 2 && held[2] === 0xbf)
  }

  function endOfTag(at: number): number | null {
    let within = 0
    for (let i = at; i < held.length; i++) {
      const c = held[i] as number
      if (within !== 0) within = c === within ? 0 : within
      else if (c === 34 || c === 39) within = c
      else if (c === 62) return held[i - 1] === 47 ? held.length : i + 1
    }
    return null
  }
}

function checkEncoding(head: Buffer): void {
  const [a, b] = [head[0], head[1]]
  const wide =
    (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff) || (a === 0 && b === 60) || (a === 60 && b === 0)
  if (wide)
    throw new AurenError(
      'AUREN_PAYLOAD_INVALID',
      'This XML is in UTF-16. Apple writes UTF-8: save it again as UTF-8, or import the export.zip of the phone.',
      { plugin: 'apple-health' },
    )
}

/** The error for a file that has no root `<HealthData>`. */
export function notAnExport(): AurenError {
  return new AurenError(
    'AUREN_PAYLOAD_INVALID',
    'This is no export of Apple Health: it has no <HealthData>. On the phone: Health, your picture, Export All Health Data.',
    { plugin: 'apple-health' },
  )
}
