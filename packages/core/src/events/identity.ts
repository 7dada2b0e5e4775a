import type { Purpose } from '../memory/ports.js'
import type { Instant, UserId } from '../observation/schema.js'

/** What somebody may do: see their own data, change it, or run the installation. */
export type AccessScope = 'read' | 'write' | 'operate'

/** A person who can sign in. */
export interface Account {
  user: UserId
  scopes: readonly AccessScope[]
  createdAt: Instant
}

/** A signed-in device: a family of refresh tokens of which one is current. */
export interface SignIn {
  id: string
  user: UserId
  createdAt: Instant
  usedAt: Instant
  expiresAt: Instant
}

/** A personal API token as it may be shown: never the token. */
export interface ApiToken {
  id: string
  user: UserId
  name: string
  scopes: readonly AccessScope[]
  createdAt: Instant
  expiresAt: Instant
  usedAt: Instant | null
  revokedAt: Instant | null
}

/** What a person agreed to, or no longer does. Only ever added to: the newest of a (purpose, kind) holds. */
export interface Consent {
  purpose: Purpose
  /** `*` for everything, or a metric id. */
  kind: string
  granted: boolean
  /** Version of the text that was shown. */
  version: string
  at: Instant
}

/** What is written into the audit log. */
export type AuditAction =
  | 'account.create'
  | 'account.erase'
  | 'audit.read'
  | 'consent.change'
  | 'data.export'
  | 'data.forget'
  | 'data.read'
  | 'data.replay'
  | 'data.restore'
  | 'data.withdraw'
  | 'invitation.create'
  | 'key.rotate'
  | 'password.change'
  | 'quarantine.read'
  | 'quarantine.replay'
  | 'session.end'
  | 'session.reuse'
  | 'signin.failure'
  | 'signin.success'
  | 'token.create'
  | 'token.revoke'

/** An act, before it is in the log. Persons become keyed hashes there. */
export interface AuditEntry {
  action: AuditAction
  /** Who acted; null where nobody is known (a failed sign-in). */
  actor: UserId | null
  /** Whom it concerns; null where nobody. */
  subject: UserId | null
  /** Fixed words that say what class of data and why, e.g. `export`; never a person's own words. */
  reason: string
}

/** A row of the audit log. `actor` and `subject` are keyed hashes: they name nobody, also after an erasure. */
export interface AuditRow {
  seq: number
  at: Instant
  action: AuditAction
  actor: string | null
  subject: string | null
  reason: string
  hash: string
}

/** What a check of the audit log found. */
export interface AuditReport {
  rows: number
  /** Hash of the newest row: note it elsewhere, and a log that was cut off shows. */
  head: string | null
  /** Position of the first row that is not as it was written; null where all are. */
  brokenAt: number | null
}

/** Who may sign in, as what, and what was done. Secrets come in hashed. */
export interface IdentityStore {
  /** Everything that is awaited inside is one transaction. */
  transaction<T>(fn: () => Promise<T>): Promise<T>

  countAccounts(): Promise<number>
  /** @throws AurenError AUREN_CONFLICT when the name, or the person's account, is there already */
  createAccount(account: Account & { name: string | null; password: string | null }): Promise<void>
  account(user: UserId): Promise<Account | null>
  /** By sign-in name, with the hash of the password. */
  accountNamed(name: string): Promise<(Account & { password: string | null }) | null>
  passwordOf(user: UserId): Promise<string | null>
  setPassword(user: UserId, password: string): Promise<void>
  /** The person behind the subject of an OpenID provider. */
  linked(issuer: string, subject: string): Promise<UserId | null>
  link(issuer: string, subject: string, user: UserId): Promise<void>

  addInvitation(invitation: {
    hash: string
    by: UserId
    scopes: readonly AccessScope[]
    expiresAt: Instant
  }): Promise<void>
  /** Uses an invitation up; null where there is none that still holds. */
  takeInvitation(hash: string, now: Instant): Promise<{ scopes: readonly AccessScope[] } | null>

  addSignIn(signIn: SignIn & { hash: string }): Promise<void>
  /**
   * Puts `next` in the place of `hash`. `reused`: the hash is not the current one of the family, which is therefore
   * ended. Null: no such family, or it has ended or expired.
   */
  rotateSignIn(
    id: string,
    hash: string,
    next: string,
    now: Instant,
  ): Promise<(SignIn & { reused: false }) | { user: UserId; reused: true } | null>
  /** The sign-in while it holds. */
  signIn(id: string, now: Instant): Promise<SignIn | null>
  signIns(user: UserId, now: Instant): Promise<SignIn[]>
  /** Ends one, or all but one, or all. Returns how many. */
  endSignIns(user: UserId, which?: { only?: string; except?: string }): Promise<number>

  addToken(token: Omit<ApiToken, 'usedAt' | 'revokedAt'> & { hash: string }): Promise<void>
  /** The token of this hash while it holds; notes (to the minute) that it was used. */
  useToken(hash: string, now: Instant): Promise<ApiToken | null>
  tokens(user: UserId): Promise<ApiToken[]>
  /** False where the person has no such token that holds. */
  revokeToken(user: UserId, id: string, now: Instant): Promise<boolean>

  addConsent(user: UserId, consent: Consent): Promise<void>
  /** Every record, oldest first. */
  consents(user: UserId): Promise<Consent[]>

  /** A value that can be taken once, until it expires: the state of a sign-in that is under way. */
  keepOnce(key: string, value: unknown, expiresAt: Instant): Promise<void>
  takeOnce(key: string, now: Instant): Promise<unknown>

  /** Private signing keys, newest first, opened. */
  signingKeys(): Promise<{ id: string; jwk: Record<string, unknown>; createdAt: Instant }[]>
  addSigningKey(key: { id: string; jwk: Record<string, unknown>; createdAt: Instant }): Promise<void>

  /** The keyed hash of a person that stands in the log. */
  hashOf(user: UserId): Promise<string>
  /** Adds to the log; it cannot be changed, nor taken back. */
  audit(entry: AuditEntry, at: Instant): Promise<void>
  /** Newest first; of one person where `about` names one. */
  auditRows(filter: { about?: UserId; limit: number }): Promise<AuditRow[]>
  verifyAudit(): Promise<AuditReport>
}

/**
 * Whether the records allow a purpose: the newest record of each kind counts, and none may be a withdrawal. Without
 * records it is the person's own use of their own data, which is allowed.
 */
export function consentAllows(consents: readonly Consent[], purpose: Purpose): boolean {
  const newest = new Map<string, boolean>()
  for (const consent of consents) if (consent.purpose === purpose) newest.set(consent.kind, consent.granted)
  return ![...newest.values()].includes(false)
}
