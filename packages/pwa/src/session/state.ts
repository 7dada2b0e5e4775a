import { useSyncExternalStore } from 'react'

/**
 * Whether somebody is signed in here. `open`: not asked so far (the person of this machine never is); `in`; `out`:
 * nothing is shown but the sign-in; `leaving`: nothing at all.
 */
export type SessionState = 'open' | 'in' | 'out' | 'leaving'

/**
 * What this browser notes for its next page and its other tabs: no token, no name. `in` and `provider`: there may be a
 * refresh cookie (of a password, of a provider); `out`: there is none; `ending`: signed out, but the service could not
 * be told yet.
 */
export type Mark = 'in' | 'provider' | 'out' | 'ending'

/** Why the sign-in is shown: said by the page before, or by the service where a provider refused. */
export type Note = 'out' | 'ended' | 'erased' | 'other' | `AUREN_${string}`

const MARK = 'auren.session'
const NOTE = 'auren.note'
/** The browser was sent to the provider from this tab. */
const ENTERING = 'auren.entering'

const listeners = new Set<() => void>()
let state: SessionState = 'open'
let note: Note | null = null
let invitation: string | null = null

/** What is noted; null where nobody ever signed in. */
export function readMark(): Mark | null {
  const kept = localStorage.getItem(MARK)
  return kept === 'in' || kept === 'provider' || kept === 'out' || kept === 'ending' ? kept : null
}

/** Notes it; other tabs hear of it. */
export function writeMark(mark: Mark | null): void {
  if (mark === null) localStorage.removeItem(MARK)
  else if (readMark() !== mark) localStorage.setItem(MARK, mark)
}

/** Whether this tab went to the provider, and may have come back with a cookie. */
export const isEntering = (): boolean => sessionStorage.getItem(ENTERING) !== null

export function setEntering(yes: boolean): void {
  if (yes) sessionStorage.setItem(ENTERING, '1')
  else sessionStorage.removeItem(ENTERING)
}

/** Tells the next page of this tab why it shows the sign-in. */
export const leaveNote = (why: Note): void => sessionStorage.setItem(NOTE, why)

export const sessionState = (): SessionState => state

export function setState(next: SessionState): void {
  if (next === state) return
  // A page that leaves does not come back.
  if (state === 'leaving') return
  state = next
  tell()
}

/** Calls back whenever the state changes. */
export function onSession(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The state; the component is drawn again when it changes. */
export const useSession = (): SessionState => useSyncExternalStore(onSession, sessionState)

/** Why the sign-in is shown. */
export const useNote = (): Note | null => useSyncExternalStore(onSession, () => note)

/** The invitation that the address brought. */
export const useInvitation = (): string | null => useSyncExternalStore(onSession, () => invitation)

export function dropInvitation(): void {
  invitation = null
  tell()
}

/**
 * Takes what the address brings to the sign-in (`#invite=…`, `#signin=…`) into memory and out of the address, and finds
 * out where this page begins.
 */
export function beginSession(): void {
  const { hash } = window.location
  const invited = /^#invite=([\w-]{8,200})$/.exec(hash)?.[1]
  const refused = /^#signin=(AUREN_[A-Z_]{1,40})$/.exec(hash)?.[1] as Note | undefined
  if (invited !== undefined || refused !== undefined) {
    history.replaceState(null, '', window.location.pathname)
    window.dispatchEvent(new HashChangeEvent('hashchange'))
  }
  if (invited !== undefined) invitation = invited
  note = refused ?? note ?? (sessionStorage.getItem(NOTE) as Note | null)
  sessionStorage.removeItem(NOTE)
  if (refused !== undefined) setEntering(false)
  const mark = readMark()
  if (state === 'open' && !isEntering() && (mark === 'out' || mark === 'ending' || (refused && mark === null)))
    state = 'out'
  tell()
}

function tell(): void {
  for (const listener of listeners) listener()
}
