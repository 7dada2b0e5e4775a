/** Deepest nesting of a JSON body. */
const MOST_DEPTH = 64

/**
 * Refuses JSON that is nested more deeply than anything that is meant: whoever walks it later, parser, schema or
 * serializer, would run out of stack. Looks at bytes, before anything is parsed.
 *
 * @throws Error of type `entity.too.deep`
 */
export function refuseDeep(_request: unknown, _response: unknown, body: Uint8Array): void {
  let depth = 0
  let inString = false
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]
    if (inString) {
      if (byte === 0x5c) i++
      else if (byte === 0x22) inString = false
    } else if (byte === 0x22) inString = true
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > MOST_DEPTH)
        throw Object.assign(new Error('the body is nested too deeply'), { type: 'entity.too.deep' })
    } else if (byte === 0x7d || byte === 0x5d) depth--
  }
}
