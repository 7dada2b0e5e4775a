import { address, NEUROS } from '../api/address'
import { problemOf, unreachable } from '../api/problem'
import { leave } from './leave'
import { type Note, readMark, sessionState, setEntering, setState, writeMark } from './state'
import { alone, callSession, dropToken, type Grant, take } from './token'

/** Signs in with a name and a password. @throws Problem 401 where they are not right, 429 after too many attempts */
export const signIn = (name: string, password: string): Promise<void> => enter('login', { name, password })

/** Makes an account, and signs in with it. @throws Problem */
export const signUp = (name: string, password: string, invitation: string | null): Promise<void> =>
  enter('signup', { name, password, ...(invitation === null ? {} : { invitation }) })

async function enter(route: 'login' | 'signup', body: Record<string, string>): Promise<void> {
  // What ends an earlier sign-in must not end this one.
  await finishEnding()
  await alone(async () => {
    let response: Response
    try {
      response = await fetch(address(NEUROS, ['auth', route]), {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
        credentials: 'include',
        cache: 'no-store',
      })
    } catch {
      throw unreachable()
    }
    if (!response.ok) throw await problemOf(response)
    take((await response.json()) as Grant, 'in')
  })
}

const providerAddress = (invitation: string | null): string =>
  address(NEUROS, ['auth', 'login'], { invitation: invitation ?? undefined })

/**
 * Whether one can sign in at a provider here. Asked of the route itself, which sends the browser there if so: the
 * answer is not followed, and brings no cookie, so that a sign-in that is under way elsewhere goes on.
 */
export async function offersProvider(): Promise<boolean> {
  try {
    const answer = await fetch(providerAddress(null), { redirect: 'manual', credentials: 'omit', cache: 'no-store' })
    return answer.type === 'opaqueredirect'
  } catch {
    return false
  }
}

/** Goes to the provider; it sends the browser back to the start of the app. */
export function goToProvider(invitation: string | null): void {
  setEntering(true)
  window.location.assign(providerAddress(invitation))
}

/**
 * Signs out on this device. Where the service does not answer, the page forgets everything all the same, and the
 * service is told as soon as it can be reached.
 */
export async function signOut(why: Extract<Note, 'out' | 'erased'> = 'out'): Promise<void> {
  setState('leaving')
  const told = await alone(() => callSession('DELETE')).then(
    ({ ok }) => ok,
    () => false,
  )
  dropToken()
  await leave(told ? 'out' : 'ending', why)
}

/** Tells the service of a sign-out that it could not be told of. */
export async function finishEnding(): Promise<void> {
  if (readMark() !== 'ending') return
  await alone(async () => {
    if (readMark() !== 'ending') return
    const { ok } = await callSession('DELETE')
    if (ok) writeMark('out')
  }).catch(() => undefined)
}

/**
 * Where the sign-in is shown because of what this browser noted: whether it is needed at all. The person of this
 * machine is let in without one.
 */
export async function checkNeed(): Promise<void> {
  if (sessionState() !== 'out') return
  try {
    const answer = await fetch(address(NEUROS, ['auth', 'me']), { credentials: 'omit', cache: 'no-store' })
    if (!answer.ok) return
    writeMark(null)
    setState('open')
  } catch {
    // Nothing answers: the sign-in stays, and says so when it is tried.
  }
}

/** Follows what other tabs do, and what the browser does with pages that were left. */
export function watchSession(): void {
  window.addEventListener('storage', ({ key, newValue }) => {
    if (key !== null && key !== 'auren.session') return
    const gone = newValue === null || newValue === 'out' || newValue === 'ending'
    if (gone && sessionState() === 'in') {
      dropToken()
      void leave(null, 'out')
    } else if (!gone && sessionState() === 'out') window.location.reload()
  })
  // A page that the browser kept for “back” would show what it showed.
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted && sessionState() !== 'open') window.location.reload()
  })
  window.addEventListener('online', () => void finishEnding())
  void finishEnding()
}
