import assert from 'node:assert/strict'
import type { Instant } from '../observation/schema.js'
import type { RawRequest, WearablePlugin } from '../plugin/types.js'

/** A request that is right at a given time, and what of it vouches for it. */
export interface SignatureVector {
  name: string
  /** Whose: published or computed from the vendor's own description, or made by the author. @default 'made' */
  from?: 'vendor' | 'made'
  body: string | Uint8Array
  headers?: Readonly<Record<string, string>>
  query?: Readonly<Record<string, string>>
  /** Clock of the receiver. */
  now: Instant
  /** Names of the headers that must be right to the bit; every one that is given, where absent. */
  signed?: readonly string[]
  /** False where the body is not signed: then what is in the address must vouch for it. @default true */
  signsBody?: boolean
  /** Headers of hex, whose case says nothing. */
  hex?: readonly string[]
  /** Headers that carry a list of signatures, or a tag of which a part says nothing; their bits are not turned one by one. */
  loose?: readonly string[]
  /** True where the vendor signs JSON written again without blanks, so that blanks say nothing. */
  blanksFree?: boolean
  /** How far the clock may be off, in ms; null where the scheme carries no time. @default 300_000 */
  toleranceMs?: number | null
}

/** What was shown. */
export interface SignatureProof {
  vectors: number
  fromVendor: number
  mutations: number
}

/** Holds a webhook to one vector: accepted as it is, and refused with any bit of what vouches for it changed. */
export function proveSignature(plugin: WearablePlugin, vector: SignatureVector): SignatureProof {
  const { webhook } = plugin
  assert.ok(webhook, `${plugin.id} has no webhook`)
  const { name, now, signsBody = true, toleranceMs = 300_000 } = vector
  const body = typeof vector.body === 'string' ? new TextEncoder().encode(vector.body) : vector.body
  const headers = Object.fromEntries(
    Object.entries(vector.headers ?? {}).map(([key, value]) => [key.toLowerCase(), value]),
  )
  const request: RawRequest = { method: 'POST', headers, query: vector.query ?? {}, body, now }
  let mutations = 0
  const verify = (change: Partial<RawRequest>) => webhook.verify({ ...request, ...change })
  const refuses = (change: Partial<RawRequest>, what: string): void => {
    const verdict = verify(change)
    mutations++
    assert.equal(verdict.ok, false, `${name}: accepted with ${what}`)
    if (!verdict.ok) assert.ok(verdict.reason.length > 0 && verdict.reason.length < 200, `${name}: ${what}: no reason`)
  }

  const first = verify({})
  assert.deepEqual(first.ok, true, `${name}: refused as it is: ${first.ok ? '' : first.reason}`)
  assert.deepEqual(verify({}), first, `${name}: said twice, it must be the same delivery`)

  if (signsBody) {
    for (let bit = 0; bit < body.length * 8; bit++)
      refuses({ body: flipped(body, bit) }, `bit ${bit} of the body turned`)
    refuses({ body: new Uint8Array() }, 'an empty body')
    refuses({ body: body.subarray(0, -1) }, 'a body cut short')
    const more = vector.blanksFree ? 0x30 : 0x20
    refuses({ body: new Uint8Array([...body, more]) }, 'a letter more in the body')
  }
  const signed = (vector.signed ?? Object.keys(headers)).map((header) => header.toLowerCase())
  const parts = [
    ...signed.map((header) => ['headers', header, headers[header] ?? ''] as const),
    ...Object.entries(vector.query ?? {}).map(([key, value]) => ['query', key, value] as const),
  ]
  assert.ok(parts.length > 0, `${name}: nothing vouches for it`)
  for (const [where, key, value] of parts) {
    const put = (other: string): Partial<RawRequest> => ({ [where]: { ...request[where], [key]: other } })
    const { [key]: _, ...rest } = request[where]
    refuses({ [where]: rest }, `${key} missing`)
    refuses(put(''), `${key} empty`)
    refuses(put(`${value}${value.at(-1)}`), `${key} with one letter more`)
    if (vector.loose?.includes(key)) continue
    refuses(put(value.slice(0, -1)), `${key} cut short`)
    for (let bit = 0; bit < value.length * 8; bit++) {
      const other = flippedText(value, bit)
      if (vector.hex?.includes(key) && other.toLowerCase() === value.toLowerCase()) continue
      // Base64 says nothing in the last bits of its last letter.
      if (isSameBase64(other, value)) continue
      refuses(put(other), `bit ${bit} of ${key} turned`)
    }
  }
  refuses({ headers: {}, query: {} }, 'nothing that vouches for it')
  if (toleranceMs !== null)
    for (const late of [toleranceMs + 1000, -toleranceMs - 1000, 365 * 86_400_000])
      refuses({ now: now + late }, `a clock that is ${late} ms off`)
  return { vectors: 1, fromVendor: vector.from === 'vendor' ? 1 : 0, mutations }
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7))
  return copy
}

function flippedText(text: string, bit: number): string {
  return Buffer.from(flipped(Buffer.from(text, 'latin1'), bit)).toString('latin1')
}

function isSameBase64(a: string, b: string): boolean {
  const plain = /^[A-Za-z0-9+/_-]+={1,2}$/
  return plain.test(a) && plain.test(b) && Buffer.from(a, 'base64').equals(Buffer.from(b, 'base64'))
}
