const ascii = /^[\0-\x7f]*$/
const strict = new TextDecoder('utf-8', { fatal: true })
const lenient = new TextDecoder('utf-8')

/**
 * The text of an attribute. The parser is fed one character per byte (half again as fast, and positions are byte
 * offsets), so what is beyond ASCII is decoded here, where it is needed. Characters above U+00FF came from character
 * references and stand as they are; bytes that are no UTF-8 are taken as Latin-1 where the whole run is none (`&#233;`
 * is one), else they become U+FFFD.
 */
export function textOf(bytes: string): string {
  if (ascii.test(bytes)) return bytes
  return bytes.replace(/[\0-\xff]+/g, (run) => {
    const raw = Buffer.from(run, 'latin1')
    try {
      return strict.decode(raw)
    } catch {
      return /[\x80-\xbf]/.test(run) ? lenient.decode(raw) : run
    }
  })
}
