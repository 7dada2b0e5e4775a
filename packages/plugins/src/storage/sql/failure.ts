import { AurenError, type AurenErrorCode } from '@auren/core'

/** What PostgreSQL says of an error; the letters of its protocol in words. */
export interface SqlFailure {
  /** SQLSTATE, e.g. `23505`. */
  state: string
  message: string
  constraint?: string | undefined
  table?: string | undefined
  column?: string | undefined
}

/** Thrown by the engine itself; `code` is the SQLSTATE, as `pg` has it. */
export interface SqlStateError extends Error {
  code: string
  constraint?: string
  table?: string
  column?: string
}

const codes: readonly [RegExp, AurenErrorCode, string][] = [
  [/^23505$/, 'AUREN_CONFLICT', 'A row with this key is there already'],
  [/^(40001|40P01|55P03|57014)$/, 'AUREN_STORE_BUSY', 'The database was too busy with others: try again'],
  [
    /^08007$/,
    'AUREN_STORE_UNAVAILABLE',
    'The connection was lost while committing, so it is not known whether it was kept: send the same again, with the same identity',
  ],
  [/^(08|25P03|57P)/, 'AUREN_STORE_UNAVAILABLE', 'The connection to the database was lost: try again'],
  [/^(53|58)/, 'AUREN_STORE_UNAVAILABLE', 'The database cannot serve: see its log, then try again'],
  [
    /^(28|3D000)/,
    'AUREN_STORE_UNAVAILABLE',
    'The database does not let this role in: see user, password and database name',
  ],
  [/^(22021|22P05)$/, 'AUREN_INPUT_INVALID', 'A text holds a character that no text may have, such as U+0000'],
  [/^42501$/, 'AUREN_FORBIDDEN', 'The database role may not see or write this'],
]

/**
 * PostgreSQL's error as an AurenError whose `cause.code` is the SQLSTATE. Values never get into the message: the
 * detail is left out, and so is what data exceptions (class 22) quote.
 */
export function sqlError(failure: SqlFailure): AurenError {
  const message = /^22/.test(failure.state) ? failure.message.replace(/"[^"]*"/g, '"…"') : failure.message
  const cause = Object.assign(new Error(message), {
    name: 'SqlStateError',
    code: failure.state,
    ...(failure.constraint === undefined ? {} : { constraint: failure.constraint }),
    ...(failure.table === undefined ? {} : { table: failure.table }),
    ...(failure.column === undefined ? {} : { column: failure.column }),
  }) satisfies SqlStateError
  const [, code, what] = codes.find(([states]) => states.test(failure.state)) ?? [
    null,
    'AUREN_INTERNAL' as const,
    'The database refused a statement',
  ]
  const where = [failure.table, failure.column, failure.constraint].filter(Boolean).join(', ')
  return new AurenError(code, `${what} (SQLSTATE ${failure.state}${where ? `: ${where}` : ''})`, { cause })
}

/** A connection that was lost, or never made (`before` true: nothing had been sent), without a word of the server's. */
export function connectionLost(message: string, before = false): AurenError {
  return sqlError({ state: before ? '08001' : '08006', message })
}

/** The outcome of a commit whose answer did not come: the caller finds out by identity. */
export function outcomeUnknown(cause: unknown): AurenError {
  return sqlError({ state: '08007', message: cause instanceof Error ? cause.message : 'no answer' })
}

/** True where the session is over: the connection broke, or the server ended it. */
export function isLost(error: unknown): boolean {
  return /^(08|25P03|57P)/.test(sqlState(error) ?? '')
}

/**
 * True where nothing was kept and the same may well succeed now: serialization failures, deadlocks, sessions that were
 * lost on the way (not those that were never let in or got no answer in time), and statements that were prepared
 * before another process changed a table.
 */
export function isTransient(error: unknown): boolean {
  return /^(40001|40P01|08003|08006|25P03|57P0[125]|0A000)$/.test(sqlState(error) ?? '')
}

/** SQLSTATE of an error of ours or of the engine's, else null. */
export function sqlState(error: unknown): string | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown }
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return code
  }
  return null
}
