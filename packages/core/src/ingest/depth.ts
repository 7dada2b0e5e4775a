/** Deepest nesting of a JSON body. */
const MOST_DEPTH = 64

/**
 * Whether JSON is nested more deeply than anything that is meant: whoever walks it later, parser, schema or serializer,
 * would run out of stack. Looks at bytes, before anything is parsed.
 */
export function isTooDeep(body: Uint8Array, most: number = MOST_DEPTH): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]
    if (inString) {
      if (byte === 0x5c) i++
      else if (byte === 0x22) inString = false
    } else if (byte === 0x22) inString = true
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > most) return true
    } else if (byte === 0x7d || byte === 0x5d) depth--
  }
  return false
}
