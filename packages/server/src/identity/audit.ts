import type { AuditEntry, IdentityStore } from '@auren/core'

/** Writes an act into the audit log before it is done. */
export type Record = (entry: AuditEntry) => Promise<void>

/** The audit log of a store, with the clock of the service. Where it cannot be written, the act must not happen. */
export function createRecord(store: IdentityStore, now: () => number): Record {
  return (entry) => store.audit(entry, now())
}
