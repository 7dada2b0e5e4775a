import { promisify } from 'node:util'
import { deflateRaw, deflateRawSync, inflateRaw } from 'node:zlib'
import type { UserId } from '@auren/core'
import type { Soon, SqlVault } from './vault.js'

/** Seals bytes and JSON, deflated where that makes them smaller; for a person, or (null) with the system's key. */
export interface Box {
  seal(user: UserId | null, plain: Uint8Array): Soon<Uint8Array>
  open(user: UserId | null, sealed: Uint8Array): Promise<Uint8Array>
  sealJson(user: UserId | null, value: unknown): Soon<Uint8Array>
  openJson<T>(user: UserId | null, sealed: Uint8Array): Promise<T>
}

const deflate = promisify<Uint8Array, { level: number; chunkSize: number }, Buffer>(deflateRaw)
const inflate = promisify<Uint8Array, { chunkSize: number }, Buffer>(inflateRaw)
const utf8 = new TextDecoder()
/** First byte of what is sealed. */
const form = { plain: 0, deflated: 1 } as const
/** Speed counts: rows of the outbox live for seconds. */
const level = 1
/** Below this, deflating gains nothing worth having. */
const worthTrying = 256
const sampleBytes = 64 * 1024
/** How much smaller JSON and XML become. */
const usualRatio = 8
/** zlib's own, and the most that is made room for at once. */
const [leastRoom, mostRoom] = [16 * 1024, 1024 * 1024 + 64]

/** Room for what comes out: zlib goes to another thread and back for each piece, which are of 16 KiB by default. */
function roomFor(bytes: number): number {
  return Math.min(mostRoom, Math.max(leastRoom, Math.ceil(bytes)))
}

/** A box over a vault. */
export function createBox(vault: SqlVault): Box {
  const box: Box = {
    seal(user, plain) {
      const sealPacked = (packed: Uint8Array): Soon<Uint8Array> =>
        user === null ? vault.system.seal(packed) : vault.sealSoon(user, packed)
      const packed = pack(plain)
      return packed instanceof Promise ? packed.then(sealPacked) : sealPacked(packed)
    },
    async open(user, sealed) {
      const packed = await (user === null ? vault.system.open(sealed) : vault.open(user, sealed))
      const body = packed.subarray(1)
      if (packed[0] !== form.deflated) return body
      const whole = await inflate(body, { chunkSize: roomFor(body.length * usualRatio) })
      return new Uint8Array(whole.buffer, whole.byteOffset, whole.length)
    },
    sealJson: (user, value) => box.seal(user, Buffer.from(JSON.stringify(value) ?? 'null')),
    openJson: async (user, sealed) => JSON.parse(utf8.decode(await box.open(user, sealed))),
  }
  return box
}

function pack(plain: Uint8Array): Soon<Uint8Array> {
  const asItIs = (): Uint8Array => Buffer.concat([Uint8Array.of(form.plain), plain])
  if (plain.length < worthTrying || !isCompressible(plain)) return asItIs()
  return deflate(plain, { level, chunkSize: roomFor(plain.length / usualRatio) }).then((small) =>
    small.length < plain.length ? Buffer.concat([Uint8Array.of(form.deflated), small]) : asItIs(),
  )
}

/** A large input is judged by a sample: exports come zipped, and trying to deflate all of a zip is wasted. */
function isCompressible(plain: Uint8Array): boolean {
  if (plain.length <= sampleBytes * 2) return true
  return deflateRawSync(plain.subarray(0, sampleBytes), { level }).length < sampleBytes * 0.95
}
