/**
 * Bytes that come in pieces of any size, as parts of `size` bytes; the last one is what is left. All parts are one buffer,
 * which the next one overwrites: a new buffer for each would be tens of megabytes before they are collected.
 */
export async function* inParts(pieces: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  const part = new Uint8Array(size)
  let filled = 0
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const taken = piece.subarray(at, at + size - filled)
      part.set(taken, filled)
      at += taken.length
      filled += taken.length
      if (filled < size) continue
      yield part
      filled = 0
    }
  }
  if (filled > 0) yield part.subarray(0, filled)
}
