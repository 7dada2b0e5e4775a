/** What is used of a client of `pg`, so that its types stay out of ours. */
export interface PgClient {
  query(batch: Submittable): void
  on(event: 'error', listener: (error: Error) => void): unknown
  /** `I` where no transaction is open. */
  getTransactionStatus(): string | null
  readonly connection: { readonly stream: { destroy(): void } }
  /** Gives it back to its pool; true closes it. */
  release(broken?: boolean): void
}

/** What is used of a pool of `pg`. */
export interface PgPool {
  connect(): Promise<PgClient>
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'connect', listener: (client: PgClient) => void): unknown
  end(): Promise<void>
}

/** Messages that a client of `pg` can send (https://www.postgresql.org/docs/current/protocol-flow.html). */
export interface PgWire {
  readonly stream: { cork?(): void; uncork?(): void }
  query(text: string): void
  parse(message: { name: string; text: string }): void
  bind(message: { statement: string; values: (string | Buffer | null)[] }): void
  describe(message: { type: 'P' }): void
  execute(message: null): void
  close(message: { type: 'S'; name: string }): void
  sync(): void
}

/** A column as `pg` describes it. */
export interface PgField {
  name: string
  dataTypeID: number
}

/** What `pg` tells of an error that the server sent; of one of the connection, `message` alone is sure to be there. */
export interface PgFailure {
  message: string
  code?: string
  severity?: string
  constraint?: string
  table?: string
  column?: string
}

/**
 * Something of one's own that `pg` sends and hands the answers to, as pg-cursor does. `pg` calls `handleError` or
 * `handleReadyForQuery`, once, and nothing after it.
 */
export interface Submittable {
  submit(wire: PgWire): Error | null
  handleRowDescription(message: { fields: PgField[] }): void
  handleDataRow(message: { fields: (string | null)[] }): void
  handleCommandComplete(message: { text: string }): void
  handleParseComplete?(): void
  handleEmptyQuery(): void
  handleError(failure: PgFailure): void
  handleReadyForQuery(): void
  callback?: unknown
}
