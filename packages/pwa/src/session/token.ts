import { address, NEUROS } from '../api/address'
import { Problem, problemOf, unreachable } from '../api/problem'
import { forget } from './forget'
import { leave } from './leave'
import { isEntering, readMark, sessionState, setEntering, setState, writeMark } from './state'

/** What the service gives for a sign-in. */
export interface Grant {
  accessToken: string
  /** Seconds. */
  expiresIn: number
}

interface Held {
  token: string
  /** Whose it is, as the token says: for noticing that it is somebody else’s, nothing more. */
  subject: string
  scopes: readonly string[]
  /** On this device’s clock, ms. */
  endsAt: number
}

/** A token is not used any more when so little of its life is left, in ms. */
const MARGIN = 60_000

/** In memory of this page, and nowhere else. */
let held: Held | null = null
let renewing: Promise<string> | null = null

/** Whether whoever is signed in may run the installation. */
export const mayOperate = (): boolean => held?.scopes.includes('operate') ?? false

/**
 * The token to send; null where nobody is signed in, and none may be needed. Renewed shortly before its end, and at the
 * first request of a page.
 *
 * @throws Problem where the sign-in has ended, or nothing answers
 */
export async function accessToken(): Promise<string | null> {
  if (held && Date.now() < held.endsAt - MARGIN) return held.token
  const mark = readMark()
  if (!held && mark !== 'in' && mark !== 'provider' && !isEntering()) return null
  try {
    return await renew(held?.token ?? null)
  } catch (error) {
    if (held && Date.now() < held.endsAt && error instanceof Problem && error.temporary) return held.token
    throw error
  }
}

/**
 * A token in the place of one that is not taken any more. However many requests ask, and from however many tabs, the
 * cookie is used by one at a time: the service takes one that comes twice for a copy.
 */
export function renew(stale: string | null): Promise<string> {
  if (held && held.token !== stale) return Promise.resolve(held.token)
  renewing ??= alone(refresh).finally(() => {
    renewing = null
  })
  return renewing
}

/** Runs what uses or changes the refresh cookie: one at a time in all tabs. */
export function alone<T>(work: () => Promise<T>): Promise<T> {
  // Pages that did not come by https (or from this machine) have no locks.
  return 'locks' in navigator ? navigator.locks.request('auren.session', work) : work()
}

async function refresh(): Promise<string> {
  const mark = readMark()
  // Another tab signed out while this one waited.
  if ((mark === 'out' || mark === 'ending') && !isEntering()) throw await ended()
  const response = await callSession('POST')
  if (response.ok) return take((await response.json()) as Grant, isEntering() ? 'provider' : (mark ?? 'in'))
  const problem = await problemOf(response)
  if (response.status !== 401 && response.status !== 403) throw problem
  await ended()
  throw problem
}

/** The one route that the cookie goes to. `keepalive`: the answer, with the next cookie, must not be lost with the page. */
export async function callSession(method: 'POST' | 'DELETE'): Promise<Response> {
  try {
    return await fetch(address(NEUROS, ['auth', 'refresh']), {
      method,
      credentials: 'include',
      cache: 'no-store',
      keepalive: true,
    })
  } catch {
    throw unreachable()
  }
}

/** Takes a token into memory. @throws Problem where it is somebody else’s than this page’s: the page then begins anew */
export function take(grant: Grant, mark: 'in' | 'provider' | 'out' | 'ending'): string {
  const { sub, scope } = claimsOf(grant.accessToken)
  if (held && held.subject !== sub) {
    held = null
    void leave(null, 'other')
    throw new Problem(401, '', 'Somebody else has signed in here.')
  }
  held = {
    token: grant.accessToken,
    subject: sub,
    scopes: scope.split(' '),
    endsAt: Date.now() + grant.expiresIn * 1000,
  }
  setEntering(false)
  writeMark(mark === 'provider' ? 'provider' : 'in')
  setState('in')
  return held.token
}

/** Forgets the token. Its sign-in is for the service to end. */
export function dropToken(): void {
  held = null
}

function claimsOf(token: string): { sub: string; scope: string } {
  const part = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
  return JSON.parse(atob(part)) as { sub: string; scope: string }
}

/** The sign-in does not hold any more. */
async function ended(): Promise<Problem> {
  const known = held !== null || sessionState() === 'in'
  // What the service could not be told of yet stays noted.
  const mark = readMark() === 'ending' ? 'ending' : 'out'
  held = null
  setEntering(false)
  if (known) await leave(mark, 'ended')
  else if (sessionState() !== 'leaving') {
    // Nothing was shown yet; an earlier page may have left something.
    await forget()
    writeMark(mark)
    setState('out')
  }
  return new Problem(401, 'AUREN_UNAUTHENTICATED', 'This sign-in has ended: sign in again.')
}
