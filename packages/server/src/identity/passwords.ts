import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { AurenError } from '@auren/core'

/** Shortest and longest password, in characters (NIST SP 800-63B: length counts, composition does not). */
export const PASSWORD_LENGTH = { min: 12, max: 256 } as const

/** scrypt as OWASP's password storage cheat sheet lists it: N = 2^15, r = 8, p = 3, 32 MiB. */
const cost = { logN: 15, r: 8, p: 3 }
const hashBytes = 32
/** At once, so that a flood of sign-ins takes neither all memory nor all threads of libuv. */
const mostAtOnce = 2
const mostWaiting = 50

/** Makes and checks password hashes. */
export interface Passwords {
  /** `scrypt$logN$r$p$salt$hash` @throws AurenError AUREN_INPUT_INVALID by the rules of length */
  hash(password: string, name: string): Promise<string>
  /** The same work whether there is a hash to compare with or not, so that time does not tell who has an account. */
  check(password: string, hash: string | null): Promise<boolean>
}

/** Password hashing with scrypt, bounded in memory. @throws AurenError AUREN_RATE_LIMITED where too many wait */
export function createPasswords(): Passwords {
  let running = 0
  const waiting: (() => void)[] = []
  const derive = async (password: string, salt: Uint8Array, { logN, r, p }: typeof cost): Promise<Buffer> => {
    if (running >= mostAtOnce) {
      if (waiting.length >= mostWaiting)
        throw new AurenError('AUREN_RATE_LIMITED', 'Too many people sign in at this moment: try again shortly.', {
          retryAfter: 5,
        })
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running++
    try {
      const options: ScryptOptions = { N: 2 ** logN, r, p, maxmem: 256 * 2 ** logN * r }
      return await new Promise((resolve, reject) => {
        scrypt(password.normalize('NFKC'), salt, hashBytes, options, (error, key) =>
          error ? reject(error) : resolve(key),
        )
      })
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
  const nobody = { salt: randomBytes(16), hash: randomBytes(hashBytes) }

  return {
    async hash(password, name) {
      const length = [...password].length
      if (length < PASSWORD_LENGTH.min || length > PASSWORD_LENGTH.max)
        throw new AurenError(
          'AUREN_INPUT_INVALID',
          `A password has ${PASSWORD_LENGTH.min} to ${PASSWORD_LENGTH.max} characters: a few words in a row do well.`,
        )
      if (password.toLowerCase() === name)
        throw new AurenError('AUREN_INPUT_INVALID', 'The password must not be the sign-in name.')
      const salt = randomBytes(16)
      const hash = await derive(password, salt, cost)
      return ['scrypt', cost.logN, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('$')
    },
    async check(password, stored) {
      const parts = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]+)\$([\w-]+)$/.exec(stored ?? '')
      const [, logN, r, p, salt, hash] = parts ?? []
      const used = parts ? { logN: Number(logN), r: Number(r), p: Number(p) } : cost
      const given = await derive(password, parts ? Buffer.from(salt as string, 'base64url') : nobody.salt, used)
      const equal = timingSafeEqual(given, parts ? Buffer.from(hash as string, 'base64url') : nobody.hash)
      return equal && parts !== null
    },
  }
}
