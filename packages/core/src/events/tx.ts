/**
 * A unit of work of a journal: everything done with it commits or rolls back as one.
 * Only the storage that made it can look inside.
 */
export interface Tx {
  readonly kind: 'tx'
}

/** `interactive` work is served before `bulk` work. */
export type Lane = 'interactive' | 'bulk'
