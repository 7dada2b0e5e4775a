/**
 * Every error that AUREN throws on purpose, in one table: what it means, whether trying again can help,
 * and the HTTP status that a service answers it with. Its page is docs/errors.md#<code>.
 */
export const errorCodes = {
  AUREN_CONFIG_INVALID: { retryable: false, status: 500, title: 'The configuration is not valid' },
  AUREN_PLUGIN_INVALID: { retryable: false, status: 500, title: 'A plugin does not fit the contract' },
  AUREN_PLUGIN_DUPLICATE: { retryable: false, status: 500, title: 'Two plugins have one name' },
  AUREN_PLUGIN_UNKNOWN: { retryable: false, status: 404, title: 'No such plugin is installed' },
  AUREN_CAPABILITY_MISSING: { retryable: false, status: 500, title: 'Something a plugin needs is not provided' },
  AUREN_PEER_MISSING: { retryable: false, status: 500, title: 'A package that a plugin needs is not installed' },
  AUREN_INPUT_INVALID: { retryable: false, status: 400, title: 'The input is not valid' },
  AUREN_PAYLOAD_INVALID: { retryable: false, status: 400, title: 'The payload is not what the vendor documents' },
  AUREN_PAYLOAD_TOO_LARGE: { retryable: false, status: 413, title: 'The payload is larger than allowed' },
  AUREN_SIGNATURE_INVALID: { retryable: false, status: 401, title: 'The signature does not match' },
  AUREN_UNAUTHENTICATED: { retryable: false, status: 401, title: 'Sign in first' },
  AUREN_FORBIDDEN: { retryable: false, status: 403, title: 'Not allowed' },
  AUREN_NOT_FOUND: { retryable: false, status: 404, title: 'Not found' },
  AUREN_CONFLICT: { retryable: false, status: 409, title: 'It conflicts with what is there' },
  AUREN_KEY_REUSED: { retryable: false, status: 422, title: 'The idempotency key belongs to another request' },
  AUREN_UNIT_UNKNOWN: { retryable: false, status: 400, title: 'The unit cannot be converted' },
  AUREN_METRIC_UNKNOWN: { retryable: false, status: 400, title: 'The metric is not in the catalogue' },
  AUREN_QUERY_INVALID: { retryable: false, status: 400, title: 'The query is not valid' },
  AUREN_QUESTION_NOT_UNDERSTOOD: { retryable: false, status: 422, title: 'The question was not understood' },
  AUREN_STORE_BUSY: { retryable: true, status: 503, title: 'The store is busy' },
  AUREN_STORE_UNAVAILABLE: { retryable: true, status: 503, title: 'The store cannot be reached' },
  AUREN_STORE_LOCKED: { retryable: false, status: 409, title: 'Another process has the data folder open' },
  AUREN_STORE_VERSION: { retryable: false, status: 500, title: 'The stored data is of another version' },
  AUREN_ZOMBIE: { retryable: true, status: 500, title: 'Another consumer has taken the partition over' },
  AUREN_LOG_GAP: { retryable: false, status: 500, title: 'The log has a gap' },
  AUREN_LOG_UNAVAILABLE: { retryable: true, status: 503, title: 'The log cannot be reached' },
  AUREN_ENVELOPE_VERSION: { retryable: false, status: 500, title: 'The envelope is of an unknown version' },
  AUREN_KEY_INVALID: { retryable: false, status: 500, title: 'The key does not open what is stored' },
  AUREN_VENDOR_FAILED: { retryable: true, status: 502, title: 'The vendor did not answer as documented' },
  // Not 401: that says of a request to us that its own sign-in does not hold, and clients end theirs.
  AUREN_VENDOR_UNAUTHORIZED: { retryable: false, status: 422, title: 'The vendor no longer accepts the connection' },
  AUREN_VENDOR_LIMIT: { retryable: true, status: 429, title: 'The vendor asks to slow down' },
  AUREN_RATE_LIMITED: { retryable: true, status: 429, title: 'Too many requests' },
  AUREN_MODEL_FAILED: { retryable: true, status: 502, title: 'The model did not answer as expected' },
  AUREN_TIMEOUT: { retryable: true, status: 504, title: 'It took too long' },
  AUREN_ABORTED: { retryable: false, status: 499, title: 'It was stopped' },
  AUREN_CLOSED: { retryable: false, status: 503, title: 'It has been closed' },
  AUREN_INTERNAL: { retryable: false, status: 500, title: 'Something that should not happen happened' },
} as const satisfies Record<`AUREN_${string}`, { retryable: boolean; status: number; title: string }>

/** A code of the error table. */
export type AurenErrorCode = keyof typeof errorCodes

const brand = Symbol.for('auren.error')

/** What an {@link AurenError} carries besides its message. */
export interface AurenErrorOptions {
  cause?: unknown
  /** The plugin that failed. */
  plugin?: string
  /** Overrides the table where this very failure is (or is not) worth another try. */
  retryable?: boolean
  /** Seconds after which another try makes sense. */
  retryAfter?: number
  /** What was wrong where, e.g. from zod; never a health value. */
  issues?: readonly { path: string; message: string }[]
}

/** An error with a code from the one table. Never holds a health value in its message. */
export class AurenError extends Error {
  override readonly name = 'AurenError'
  readonly code: AurenErrorCode
  readonly retryable: boolean
  readonly plugin: string | undefined
  readonly retryAfter: number | undefined
  readonly issues: readonly { path: string; message: string }[]
  /** @internal */
  readonly [brand] = true

  constructor(code: AurenErrorCode, message: string, options: AurenErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retryable = options.retryable ?? errorCodes[code].retryable
    this.plugin = options.plugin
    this.retryAfter = options.retryAfter
    this.issues = options.issues ?? []
  }

  /** HTTP status that a service answers this error with. */
  get status(): number {
    return errorCodes[this.code].status
  }

  /** The page that explains the code. */
  get docs(): string {
    return `docs/errors.md#${this.code.toLowerCase()}`
  }
}

/** True for an AurenError, also one from another copy of this package. */
export function isAurenError(value: unknown): value is AurenError {
  return typeof value === 'object' && value !== null && (value as { [brand]?: unknown })[brand] === true
}

/** The error itself when it is ours, else an AurenError with `code` around it. */
export function asAurenError(value: unknown, code: AurenErrorCode = 'AUREN_INTERNAL'): AurenError {
  if (isAurenError(value)) return value
  const message = value instanceof Error ? value.message : String(value)
  return new AurenError(code, message, { cause: value })
}
