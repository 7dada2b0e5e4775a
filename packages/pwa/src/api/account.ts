import { address, NEUROS } from './address'
import { getJson, request, sendJson } from './http'
import type { ApiTokenView, ConsentView, SignInView, TokenScope } from './wire'

const at = (...parts: string[]) => address(NEUROS, parts)

/** Changes the password; every other sign-in ends. */
export const changePassword = (current: string, next: string) =>
  sendJson<void>('PUT', at('auth', 'password'), { current, next })
/** Where the person is signed in. */
export const readSignIns = (signal?: AbortSignal) => getJson<SignInView[]>(at('auth', 'sessions'), signal)
/** Ends every sign-in, this one too. */
export const endSignIns = () => sendJson<{ ended: number }>('DELETE', at('auth', 'sessions'))

/** Tokens of programs, never the tokens themselves. */
export const readTokens = (signal?: AbortSignal) => getJson<ApiTokenView[]>(at('tokens'), signal)
/** Makes a token; it is in this answer only. */
export const createToken = (name: string, scopes: readonly TokenScope[], days: number) =>
  sendJson<{ id: string; token: string; expiresAt: number }>('POST', at('tokens'), { name, scopes, days })
export const revokeToken = (id: string) => sendJson<void>('DELETE', at('tokens', id))

/** What the person agreed to, or no longer does, oldest first. */
export const readConsents = (signal?: AbortSignal) => getJson<ConsentView[]>(at('consents'), signal)
export const writeConsent = (consent: Omit<ConsentView, 'at'>) => sendJson<void>('PUT', at('consents'), consent)

/** Lets one more person in. */
export const createInvitation = () => sendJson<{ invitation: string; expiresAt: number }>('POST', at('invitations'), {})

/** Everything of the person as a file. The browser keeps it on the disk while it comes. */
export const readExport = async (): Promise<Blob> => (await request(at('export'))).blob()
