import { AurenError } from '@auren/core'

/** More than this before the root is no export of Apple's (whose DTD has 10 KiB) but an attempt to fill the memory. */
export const maxProlog = 16 * 1024 * 1024

const maxRootTag = 64 * 1024

const mark = Buffer.from([0xef, 0xbb, 0xbf])
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
 * follows a `>` (so not one inside of an entity's value). Holds no more than the last chunk and the root's start tag.
 */
export function createProlog(): Prolog {
  let held: Buffer = Buffer.alloc(0)
  let passed = 0
  /** The last byte passed that is no white space; 0 where there was none. */
  let last = 0
  let checked = false
  let inComment = false

  const pass = (bytes: number): void => {
    for (let i = bytes - 1; i >= 0; i--) {
      const c = held[i] as number
      if (c <= 32) continue
      last = c
      break
    }
    passed += bytes
    held = held.subarray(bytes)
  }

  /** True where the comment has ended, or there is none. */
  const leaveComment = (): boolean => {
    if (!inComment) return true
    const end = held.indexOf(commentEnd)
    inComment = end < 0
    pass(inComment ? Math.max(0, held.length - 2) : end + commentEnd.length)
    return !inComment
  }

  /** Bytes up to the end of the root's start tag; null where more are needed. */
  const findRoot = (): number | null => {
    while (leaveComment()) {
      const at = held.indexOf(60)
      pass(at < 0 ? held.length : at)
      if (held.length <= root.length) return null
      if (held.subarray(0, commentStart.length).equals(commentStart)) {
        inComment = true
        pass(commentStart.length)
      } else if (isRoot(held) && (last === 0 || last === 62)) return endOfTag(held)
      else pass(1)
    }
    return null
  }

  return {
    push(bytes) {
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes])
      if (!checked && held.length >= 4) {
        checked = true
        checkEncoding(held)
        if (held.subarray(0, 3).equals(mark)) {
          pass(3)
          last = 0
        }
      }
      const end = findRoot()
      if (end !== null) {
        // `<HealthData/>` is begun and ended at once.
        const rest = held[end - 2] === 47 ? Buffer.from('</HealthData>') : held.subarray(end)
        return { rest, offset: passed + end }
      }
      if (passed > maxProlog || held.length > 2 * maxRootTag) throw tooLong()
      return null
    },
  }
}

function isRoot(held: Buffer): boolean {
  const next = held[root.length] as number
  return held.subarray(0, root.length).equals(root) && (next <= 32 || next === 62 || next === 47)
}

function endOfTag(held: Buffer): number | null {
  let within = 0
  for (let i = 0; i < held.length; i++) {
    const c = held[i] as number
    if (within !== 0) within = c === within ? 0 : within
    else if (c === 34 || c === 39) within = c
    else if (c === 62) return i + 1
    if (i > maxRootTag) throw tooLong()
  }
  return null
}

function tooLong(): AurenError {
  return new AurenError(
    'AUREN_PAYLOAD_TOO_LARGE',
    'There is no <HealthData> where an export has one. Export again on the phone: Health, your picture, Export All Health Data.',
    { plugin: 'apple-health' },
  )
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
