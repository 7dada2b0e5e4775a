/** Limits within which one element must keep; what exceeds them is set aside, and reading goes on behind it. */
export const maxAttribute = 64 * 1024
const maxTag = 256 * 1024
const maxDepth = 32

/** Why an element cannot be read. */
export type Damage = 'attribute_too_long' | 'tag_too_long' | 'too_deep' | 'tag_malformed'

/** Takes the children of the root. */
export interface FrameSink {
  /** Bytes [from, to) of the child that is being read, in pieces, without comments, CDATA, instructions and entities. */
  feed(bytes: Buffer, from: number, to: number): void
  /**
   * Reads the child that begins at `at` of a chunk (as text, a character per byte), where it is one that needs no
   * guarding and ends in this chunk. Returns the place behind it; −1 where the frame is to feed it.
   */
  whole?(text: string, at: number): number
  /** The child ended; `end` is the byte offset just behind it. */
  end(start: number, end: number, damage: Damage | null): void
}

/** Finds the children of the root in a stream of bytes. */
export interface Frame {
  /** Reads on; the bytes are changed in place, so they must be the caller's own. */
  push(bytes: Buffer): void
  /** Byte offset just behind the last complete child: where reading can begin again. */
  boundary(): number
  /** True when the root has ended. */
  closed(): boolean
}

const [lt, gt, quote, apostrophe, slash, amp, bang, question, dash, bracketIn, bracketOut, space] = [
  60, 62, 34, 39, 47, 38, 33, 63, 45, 91, 93, 32,
]
const State = {
  text: 0,
  open: 1,
  tag: 2,
  double: 3,
  single: 4,
  close: 5,
  bang: 6,
  dash: 7,
  comment: 8,
  cdata: 9,
  instruction: 10,
  declaration: 11,
  done: 12,
} as const
const lone = Buffer.from('<')

/**
 * A guard in front of the XML parser: looks at each byte once and lets only tags of the root's children pass, each child
 * by itself, so that whatever a file holds, the parser's memory is bounded, a damaged element costs only itself, and the
 * byte offset behind each element is exact. It blanks out control characters (which iOS writes and XML forbids), entity
 * references outside of attributes, and `<` within attributes, and skips comments, CDATA, processing instructions and
 * declarations. UTF-8 needs no decoding here: its bytes beyond ASCII mean nothing to XML's syntax.
 * @param at byte offset of the first byte that will be pushed: just behind the root's start tag, or a boundary
 */
export function createFrame(sink: FrameSink, at: number): Frame {
  let state: number = State.text
  let depth = 0
  let inside = false
  let damage: Damage | null = null
  /** Offset of the first byte of the next chunk, of the child's start, of the tag's and of the attribute's. */
  let base = at
  let start = at
  let tagStart = at
  let valueStart = at
  let boundary = at
  /** How much of the end of a comment, CDATA section or instruction has been seen. */
  let seen = 0
  let previous = 0
  let closing = ''

  const harm = (reason: Damage): void => {
    damage ??= reason
  }

  const push = (bytes: Buffer): void => {
    const n = bytes.length
    let i = 0
    const text = sink.whole ? bytes.toString('latin1') : ''
    /** Begin of the stretch of this chunk that has to be fed; −1 where nothing is. */
    let run = inside && damage === null && state < State.bang ? 0 : -1
    /** A `<` at the end of the last chunk is fed late: only now it shows whether it begins a tag. */
    if (state === State.open) run = -1

    const feedTo = (to: number): void => {
      if (run >= 0 && damage === null && to > run) sink.feed(bytes, run, to)
      run = -1
    }
    const endChild = (to: number): void => {
      feedTo(to)
      boundary = base + to
      inside = false
      sink.end(start, boundary, damage)
      damage = null
    }

    while (i < n) {
      switch (state) {
        case State.text: {
          let c = 0
          for (; i < n; i++) {
            c = bytes[i] as number
            if (c === lt) break
            if (c < space || c === amp) bytes[i] = space
          }
          if (i < n) {
            const behind = inside || !sink.whole ? -1 : sink.whole(text, i)
            if (behind >= 0) {
              i = behind
              boundary = base + i
              break
            }
            tagStart = base + i
            if (!inside) run = i
            state = State.open
            i++
          }
          break
        }
        case State.open: {
          const c = bytes[i] as number
          if (c === bang || c === question) {
            feedTo(i - 1)
            state = c === bang ? State.bang : State.instruction
            seen = 0
            i++
            break
          }
          if (c === slash && depth === 0) {
            closing = ''
            run = -1
            state = State.close
            i++
            break
          }
          if (!inside) {
            inside = true
            start = tagStart
          }
          if (i === 0 && damage === null) {
            sink.feed(lone, 0, 1)
            run = 0
          }
          state = c === slash ? State.close : State.tag
          previous = 0
          if (c === slash) i++
          break
        }
        case State.tag: {
          let c = 0
          for (; i < n; i++) {
            c = bytes[i] as number
            if (c === quote || c === apostrophe || c === gt || c === lt) break
            if (c < space) bytes[i] = space
            previous = c
          }
          if (base + i - tagStart > maxTag) harm('tag_too_long')
          if (i === n) break
          i++
          if (c === quote || c === apostrophe) {
            valueStart = base + i
            previous = c
            state = c === quote ? State.double : State.single
          } else if (c === lt) {
            harm('tag_malformed')
            tagStart = base + i - 1
            state = State.open
            // A child of the root that is broken off ends here, so that the next one is sound.
            if (depth === 0) endChild(i - 1)
            run = depth === 0 ? i - 1 : -1
          } else {
            state = State.text
            if (previous !== slash && ++depth > maxDepth) harm('too_deep')
            if (depth === 0) endChild(i)
          }
          break
        }
        case State.double:
        case State.single: {
          const end = state === State.double ? quote : apostrophe
          let c = 0
          for (; i < n; i++) {
            c = bytes[i] as number
            if (c === end) break
            if (c < space || c === lt) bytes[i] = space
          }
          if (base + i - valueStart > maxAttribute) harm('attribute_too_long')
          if (i < n) {
            state = State.tag
            i++
          }
          break
        }
        case State.close: {
          let c = 0
          for (; i < n; i++) {
            c = bytes[i] as number
            if (c === gt) break
            if (depth === 0 && closing.length < 64 && c > space) closing += String.fromCharCode(c)
            if (c < space) bytes[i] = space
          }
          if (base + i - tagStart > maxTag) harm('tag_too_long')
          if (i === n) break
          i++
          state = State.text
          if (depth > 0) {
            depth--
            if (depth === 0) endChild(i)
          } else if (closing === 'HealthData') {
            // The boundary stays before it: whoever goes on from there has to see that the root ends.
            state = State.done
          }
          break
        }
        case State.bang: {
          const c = bytes[i] as number
          seen = 0
          state = c === dash ? State.dash : c === bracketIn ? State.cdata : State.declaration
          if (state !== State.declaration) i++
          break
        }
        case State.dash:
          state = State.comment
          i++
          break
        case State.comment:
        case State.cdata: {
          const mark = state === State.comment ? dash : bracketOut
          for (; i < n; i++) {
            const c = bytes[i] as number
            if (c === mark) seen++
            else if (c === gt && seen >= 2) break
            else seen = 0
          }
          if (i < n) {
            i++
            state = State.text
            run = inside && damage === null ? i : -1
          }
          break
        }
        case State.instruction: {
          for (; i < n; i++) {
            const c = bytes[i] as number
            if (c === gt && seen > 0) break
            seen = c === question ? 1 : 0
          }
          if (i < n) {
            i++
            state = State.text
            run = inside && damage === null ? i : -1
          }
          break
        }
        case State.declaration: {
          const found = bytes.indexOf(gt, i)
          i = found < 0 ? n : found + 1
          if (found >= 0) {
            state = State.text
            run = inside && damage === null ? i : -1
          }
          break
        }
        default:
          i = n
      }
    }
    if (inside && state < State.bang) feedTo(state === State.open ? n - 1 : n)
    base += n
  }

  return { push, boundary: () => boundary, closed: () => state === State.done }
}
