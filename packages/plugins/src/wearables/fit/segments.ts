/** What is wrong with a file: the reason, and words for the person. */
export type Report = (reason: string, detail: string) => void

/** One file of a chain: where its messages are. */
export interface Segment {
  start: number
  end: number
}

const HEADERS = new Set([12, 14])
const CRC = 2
/** A chain of more files than anybody has. */
const MOST_SEGMENTS = 10_000

/** True where a FIT header begins here, with its letters. */
export function isFit(bytes: Uint8Array, at = 0): boolean {
  return (
    HEADERS.has(bytes[at] ?? 0) &&
    bytes[at + 8] === 0x2e &&
    bytes[at + 9] === 0x46 &&
    bytes[at + 10] === 0x49 &&
    bytes[at + 11] === 0x54
  )
}

/**
 * The files in these bytes: FIT files may be chained. What a header says too much is cut, what it says too little (a watch that
 * died writes no length) goes on, and a header with wrong letters is taken where all else of it is right.
 */
export function segmentsOf(bytes: Uint8Array, report: Report): Segment[] {
  const found: Segment[] = []
  let at = isFit(bytes) ? 0 : next(bytes, 0)
  if (at > 0) report('fit_corrupt', 'The file does not begin with a FIT header.')
  while (at >= 0 && at + 12 < bytes.length && found.length < MOST_SEGMENTS) {
    const start = at + (bytes[at] as number)
    const length = lengthAt(bytes, at)
    let end = start + length
    if (length === 0) {
      const following = next(bytes, start)
      end = following < 0 ? bytes.length - CRC : following
      report('fit_truncated', 'A FIT header says no length: the device was cut off while writing.')
    } else if (end > bytes.length) {
      report('fit_truncated', `The file ends ${end - bytes.length} bytes before it says.`)
      end = bytes.length
    }
    const after = end + CRC
    let follows = -1
    if (after + 12 < bytes.length) {
      if (isFit(bytes, after)) follows = after
      else if (isDamagedHeader(bytes, after)) {
        report('fit_corrupt', 'The header of a file in the chain is damaged; its length is right, so it is read.')
        follows = after
      } else {
        follows = next(bytes, after)
        if (!hasRightSum(bytes, at, end)) {
          report('fit_corrupt', 'A FIT header says too short a length.')
          end = follows < 0 ? bytes.length - CRC : follows
        } else report('fit_corrupt', 'Bytes that are no FIT file stand behind one.')
      }
    } else if (end + CRC <= bytes.length && length > 0 && !hasRightSum(bytes, at, end))
      report('fit_checksum', 'The checksum of the file does not match; what decodes is kept.')
    found.push({ start, end: Math.max(start, end) })
    at = follows
  }
  return found
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at + 4, true)
}

function isDamagedHeader(bytes: Uint8Array, at: number): boolean {
  const size = bytes[at] ?? 0
  return HEADERS.has(size) && lengthAt(bytes, at) > 0 && at + size + lengthAt(bytes, at) + CRC <= bytes.length
}

/** Where the next header begins; below zero where none does. */
function next(bytes: Uint8Array, from: number): number {
  const within = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = within.indexOf('.FIT', from + 8, 'latin1'); at >= 0; at = within.indexOf('.FIT', at + 1, 'latin1'))
    if (at - 8 >= from && isFit(bytes, at - 8)) return at - 8
  return -1
}

const sums = [
  0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800, 0xe401, 0xa001, 0x6c00, 0x7800, 0xb401, 0x5000, 0x9c01,
  0x8801, 0x4400,
]

/** CRC-16 as FIT has it, half a byte at a time. */
function hasRightSum(bytes: Uint8Array, start: number, end: number): boolean {
  let sum = 0
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number
    sum = (sum >> 4) ^ (sums[sum & 15] as number) ^ (sums[byte & 15] as number)
    sum = (sum >> 4) ^ (sums[sum & 15] as number) ^ (sums[byte >> 4] as number)
  }
  return sum === (bytes[end] ?? -1) + ((bytes[end + 1] ?? -1) << 8)
}
