import { randomBytes, randomUUID } from 'node:crypto'
import { type AccessScope, AurenError, type IdentityStore, type UserId } from '@auren/core'
import type { Rates } from '../http/rate.js'
import type { Record as Note } from './audit.js'
import type { IdentityConfig } from './config.js'
import type { Passwords } from './passwords.js'
import { digest } from './sessions.js'

/** What a request says of where it comes from. */
export interface Origin {
  /** Address, for limits. */
  address: string
  /** True where it began at this very machine. */
  local: boolean
}

/** Built-in accounts: a name and a password. */
export interface Accounts {
  /** @throws AurenError AUREN_FORBIDDEN where sign-up is closed, AUREN_CONFLICT where the name is taken */
  signUp(given: { name: string; password: string; invitation: string | null }, origin: Origin): Promise<UserId>
  /** @throws AurenError AUREN_UNAUTHENTICATED, the same and as late for a wrong name as for a wrong password */
  signIn(given: { name: string; password: string }, origin: Origin): Promise<UserId>
  /** Ends every other sign-in. */
  changePassword(user: UserId, given: { current: string; next: string }, keep: string | undefined): Promise<void>
  /** Lets one more person in. Returns the token, once. */
  invite(by: UserId, scopes: readonly AccessScope[], days: number): Promise<{ invitation: string; expiresAt: number }>
  /** Finds or makes the person behind a provider's subject. */
  enter(issuer: string, subject: string, invitation: string | null): Promise<UserId>
}

const person: readonly AccessScope[] = ['read', 'write']
const operator: readonly AccessScope[] = ['read', 'write', 'operate']
const dayMs = 24 * 60 * 60_000

/** A sign-in name as it is compared. */
export function signInName(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase()
}

/** Accounts over the store. `local` is the person of this machine, whose account the first one is. */
export function createAccounts(
  config: Pick<IdentityConfig, 'signup' | 'oidc'>,
  store: IdentityStore,
  passwords: Passwords,
  rates: Rates,
  note: Note,
  local: UserId | null,
  now: () => number,
): Accounts {
  /** Under one lock with the count, so that two first sign-ups do not both become the first. */
  const admit = async (invitation: string | null, first: boolean, open: boolean): Promise<readonly AccessScope[]> => {
    if (invitation !== null) {
      const taken = await store.takeInvitation(digest(invitation), now())
      if (taken) return taken.scopes
      throw new AurenError('AUREN_FORBIDDEN', 'This invitation does not hold (any more): ask for another one.')
    }
    if (first) return operator
    if (open) return person
    throw new AurenError(
      'AUREN_FORBIDDEN',
      'Nobody can sign up here without an invitation: auren user create makes one.',
    )
  }
  const create = async (
    user: UserId,
    scopes: readonly AccessScope[],
    credentials: { name: string; password: string } | null,
  ): Promise<UserId> => {
    const { name = null, password = null } = credentials ?? {}
    await store.createAccount({ user, name, password, scopes, createdAt: now() })
    await note({ action: 'account.create', actor: user, subject: user, reason: 'signed up' })
    return user
  }
  const verify = async (
    name: string,
    password: string,
    limits: [name: 'login' | 'account' | 'name', key: string][],
  ) => {
    for (const [limit, key] of limits) await rates.take(limit, key)
    const account = await store.accountNamed(name)
    const right = await passwords.check(password, account?.password ?? null)
    if (account && right) {
      for (const [limit, key] of limits) await rates.give(limit, key)
      return account.user
    }
    await note({ action: 'signin.failure', actor: null, subject: account?.user ?? null, reason: 'password' })
    throw new AurenError('AUREN_UNAUTHENTICATED', 'The name or the password is not right.')
  }

  return {
    async signUp({ name: given, password, invitation }, { address, local: here }) {
      await rates.take('login', address)
      const name = signInName(given)
      const hash = await passwords.hash(password, name)
      const made = await store.transaction(async () => {
        const first = here && (await store.countAccounts()) === 0
        const scopes = await admit(invitation, first, config.signup === 'open')
        // The first account of a machine is that of its person: their data is there already.
        const user = first && local !== null ? local : `u_${randomUUID()}`
        return create(user, scopes, { name, password: hash })
      })
      await rates.give('login', address)
      return made
    },

    async signIn({ name: given, password }, { address }) {
      const name = signInName(given)
      const user = await verify(name, password, [
        ['login', address],
        ['account', `${name} ${address}`],
        ['name', name],
      ])
      await note({ action: 'signin.success', actor: user, subject: user, reason: 'password' })
      return user
    },

    async changePassword(user, { current, next }, keep) {
      await rates.take('account', `change ${user}`)
      if (!(await passwords.check(current, await store.passwordOf(user)))) {
        await note({ action: 'signin.failure', actor: user, subject: user, reason: 'change of password' })
        throw new AurenError('AUREN_FORBIDDEN', 'The current password is not right.')
      }
      await store.setPassword(user, await passwords.hash(next, ''))
      await store.endSignIns(user, keep === undefined ? {} : { except: keep })
      await note({ action: 'password.change', actor: user, subject: user, reason: 'own request' })
    },

    async invite(by, scopes, days) {
      const invitation = `auren_inv_${randomBytes(32).toString('base64url')}`
      const expiresAt = now() + days * dayMs
      await note({ action: 'invitation.create', actor: by, subject: null, reason: scopes.join(' ') })
      await store.addInvitation({ hash: digest(invitation), by, scopes, expiresAt })
      return { invitation, expiresAt }
    },

    enter: (issuer, subject, invitation) =>
      store.transaction(async () => {
        const known = await store.linked(issuer, subject)
        if (known !== null) return known
        // Counting takes the lock that makes two first requests of one subject wait for each other.
        await store.countAccounts()
        const meanwhile = await store.linked(issuer, subject)
        if (meanwhile !== null) return meanwhile
        const scopes = await admit(invitation, false, config.oidc?.signup === 'open')
        const user = await create(`u_${randomUUID()}`, scopes, null)
        await store.link(issuer, subject, user)
        return user
      }),
  }
}
