import type { Lane, Tx, UserId } from '@auren/core'

/**
 * The one small port to a PostgreSQL dialect (DESIGN §6). PGlite and pg supply drivers for it; everything else in this
 * folder is written once against it.
 *
 * Parameters: string, number, boolean, null, Uint8Array (bytea), and arrays of them as `int[]`-like literals made by
 * {@link arrayLiteral}. Results: int8 and numeric as number where safe, timestamptz never used (instants are int8 ms),
 * date as 'YYYY-MM-DD' string, bytea as Uint8Array, int4[]/int8[]/float8[] as number[], text[] as string[], jsonb parsed.
 *
 * A `transaction` or `as` that is called inside a running one (of the same async context) joins it: it commits with
 * it, and undoes only itself when it throws. An engine with one session would otherwise wait for itself.
 */
export interface Sql {
  /** A transaction as the owner of the schema: migrations, journal, and `SqlTx.as`. Retried whole on serialization failures and deadlocks, unless `retry` is false. */
  transaction<T>(fn: (tx: SqlTx) => Promise<T>, options?: SqlOptions): Promise<T>
  /** A transaction that can see and write one person's rows and nothing else. */
  as<T>(user: UserId, fn: (tx: SqlTx) => Promise<T>, options?: SqlOptions): Promise<T>
  /**
   * An object that stands for what the transaction that the caller is inside of has done so far (another one once part
   * of it was undone); null outside of any.
   */
  running(): object | null
  /** Version string of the engine. */
  readonly engine: string
  close(): Promise<void>
}

/** How a transaction runs. */
export interface SqlOptions {
  /** Default `interactive`. */
  lane?: Lane
  readOnly?: boolean
  /** Default true. */
  retry?: boolean
}

/** A running transaction. */
export interface SqlTx extends Tx {
  query<R = Record<string, unknown>>(text: string, params?: readonly SqlValue[]): Promise<R[]>
  /** Several statements that do not wait for each other's answers: one round trip. What each gave, in order. */
  queryAll(statements: readonly Query[]): Promise<Record<string, unknown>[][]>
  /**
   * A statement whose rows nobody wants. It is sent with whatever comes next, at the latest with the commit, and where it
   * fails, that fails: nothing is committed without it.
   */
  later(text: string, params?: readonly SqlValue[]): void
  /** Several statements, no parameters; migrations only. */
  script(text: string): Promise<void>
  /**
   * Runs `fn` with a handle whose statements run as the person role of `user` inside this same transaction (SET LOCAL
   * ROLE + the person setting). `role` names another restricted role, without a person. Handles do not get into each
   * other's way: every statement carries its role. A restricted handle cannot become somebody else (AUREN_FORBIDDEN).
   */
  as<T>(who: { user: UserId } | { role: 'auren_relay' | 'auren_consumer' }, fn: (tx: SqlTx) => Promise<T>): Promise<T>
}

/** A statement with its parameters. */
export interface Query {
  text: string
  params?: readonly SqlValue[]
}

export type SqlValue = string | number | bigint | boolean | null | Uint8Array

/** `{1,2,NULL}` for int/float arrays. */
export function arrayLiteral(values: ArrayLike<number | null>): string {
  const parts = new Array<string>(values.length)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    parts[i] = value === null || value === undefined ? 'NULL' : String(value)
  }
  return `{${parts.join(',')}}`
}

/** `{"a","b"}` for text arrays. */
export function textArrayLiteral(values: readonly (string | null)[]): string {
  return `{${values.map((v) => (v === null ? 'NULL' : `"${v.replace(/[\\"]/g, '\\$&')}"`)).join(',')}}`
}

/** `($1::uuid, $2::text), ($3::uuid, $4::text)`: the rows of a `values` list. */
export function placeholders(rows: number, types: readonly string[]): string {
  const row = (at: number): string => `(${types.map((type, i) => `$${at * types.length + i + 1}::${type}`).join(', ')})`
  return Array.from({ length: rows }, (_, at) => row(at)).join(', ')
}
