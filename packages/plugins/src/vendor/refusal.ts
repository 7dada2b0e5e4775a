import { AurenError } from '@auren/core'

/** An answer, as far as it says why nothing was given. */
export interface Refused {
  status: number
  headers: Readonly<Record<string, string>>
}

/** Who refused what. */
export interface RefusedBy {
  /** The plugin's id, and the vendor's name in words. */
  plugin: string
  name: string
  /** What was asked for. */
  what?: string
  /** Seconds to wait after a 429, as the vendor says it. @default the header `Retry-After` */
  told?: number
  /** Seconds to wait where the vendor says nothing. @default 60 */
  wait?: number
}

/** The error that an answer stands for: 401 the token is no longer taken, 429 too often, 5xx try again, else it has failed. */
export function refusalOf({ status, headers }: Refused, by: RefusedBy): AurenError {
  const { plugin, name, what, told = Number(headers['retry-after']), wait = 60 } = by
  if (status === 401)
    return new AurenError('AUREN_VENDOR_UNAUTHORIZED', `${name} no longer accepts the token. Connect again.`, {
      plugin,
    })
  if (status === 429)
    return new AurenError('AUREN_VENDOR_LIMIT', `${name} asks to slow down.`, {
      plugin,
      retryAfter: Number.isFinite(told) && told > 0 ? told : wait,
    })
  return new AurenError(
    'AUREN_VENDOR_FAILED',
    `${name} answered${what === undefined ? '' : ` ${what}`} with status ${status}.`,
    { plugin, retryable: status >= 500 },
  )
}
