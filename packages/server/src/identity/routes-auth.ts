import { AurenError, asAurenError } from '@auren/core'
import type { Response } from 'express'
import { z } from 'zod'
import { isLocalRequest } from '../http/identity.js'
import { addressOf } from '../http/rate.js'
import { answered, type Call, type Route, route } from '../http/route.js'
import type { Accounts, Origin } from './accounts.js'
import type { Record as Note } from './audit.js'
import type { Cookies } from './cookie.js'
import { type OidcLogin, safePath } from './oidc-login.js'
import type { Grant, Sessions } from './sessions.js'

/** What signing in stands on. */
export interface AuthParts {
  accounts: Accounts
  sessions: Sessions
  cookies: Cookies
  /** Null: no provider to sign in at. */
  login: OidcLogin | null
  note: Note
  /** Address of the PWA's start. */
  home: string
}

const Name = z.string().trim().min(3).max(254)
const Password = z.string().min(1).max(1024)
const Token = z.object({ accessToken: z.string(), tokenType: z.literal('Bearer'), expiresIn: z.int() })

/** Signing up, in and out, and staying signed in. Only the refresh route reads a cookie. */
export function authRoutes({ accounts, sessions, cookies, login, note, home }: AuthParts): Route[] {
  const open = { auth: false, tag: 'identity' } as const
  const answer = (response: Response, grant: Grant): z.infer<typeof Token> => {
    cookies.grant(response, grant.refreshToken)
    response.setHeader('cache-control', 'no-store')
    return { accessToken: grant.accessToken, tokenType: 'Bearer', expiresIn: grant.expiresIn }
  }
  const originOf = ({ request }: Pick<Call<unknown, unknown, unknown>, 'request'>): Origin => {
    // A form of another site could sign its visitor in as somebody else. Programs send no Origin.
    if (request.headers.origin !== undefined) cookies.checkOrigin(request)
    return { address: addressOf(request), local: isLocalRequest(request) }
  }
  const requireLogin = (): OidcLogin => {
    if (login) return login
    throw new AurenError('AUREN_NOT_FOUND', 'Nobody signs in at a provider here: AUREN_OIDC_CLIENT_ID is not set.')
  }

  return [
    route({
      ...open,
      method: 'post',
      path: '/v1/auth/signup',
      summary: 'Make an account: by an invitation, or the first one at this machine',
      status: 201,
      body: z.strictObject({ name: Name, password: Password, invitation: z.string().max(200).optional() }),
      response: Token,
      async handle(call) {
        const { name, password, invitation = null } = call.body
        const user = await accounts.signUp({ name, password, invitation }, originOf(call))
        return answer(call.response, await sessions.begin(user))
      },
    }),
    route({
      ...open,
      method: 'post',
      path: '/v1/auth/login',
      summary: 'Sign in with a name and a password',
      body: z.strictObject({ name: Name, password: Password }),
      response: Token,
      async handle(call) {
        const user = await accounts.signIn(call.body, originOf(call))
        return answer(call.response, await sessions.begin(user))
      },
    }),
    route({
      ...open,
      method: 'get',
      path: '/v1/auth/login',
      summary: 'Sign in at the OpenID provider: sends the browser there',
      status: 302,
      query: z.object({ back: z.string().max(500).optional(), invitation: z.string().max(200).optional() }),
      async handle({ query, response }) {
        const { url, binding } = await requireLogin().begin({
          back: safePath(query.back),
          invitation: query.invitation ?? null,
        })
        cookies.bind(response, binding)
        response.setHeader('cache-control', 'no-store')
        response.redirect(302, url)
        return answered
      },
    }),
    route({
      ...open,
      method: 'get',
      path: '/v1/auth/callback',
      summary: 'Where the OpenID provider sends the browser back to',
      status: 302,
      query: z.object({ state: z.string().max(500), code: z.string().max(4096).optional() }),
      async handle({ request, response }) {
        const binding = cookies.bound(request)
        cookies.unbind(response)
        const query = new URL(request.url, 'http://localhost').searchParams
        const entered = await requireLogin()
          .finish(query, binding)
          .catch(async (error: unknown) => {
            await note({ action: 'signin.failure', actor: null, subject: null, reason: 'provider' })
            // A person must not be left with a page of JSON: the PWA says it in words.
            if (!request.headers.accept?.includes('text/html')) throw error
            response.redirect(302, new URL(`#signin=${asAurenError(error).code}`, home).href)
            return null
          })
        if (entered === null) return answered
        const { user, back } = entered
        await note({ action: 'signin.success', actor: user, subject: user, reason: 'provider' })
        answer(response, await sessions.begin(user))
        response.redirect(302, new URL(back, home).href)
        return answered
      },
    }),
    route({
      ...open,
      method: 'post',
      path: '/v1/auth/refresh',
      summary: 'A new access token for the refresh token in the cookie, which is replaced',
      response: Token,
      async handle({ request, response }) {
        cookies.checkOrigin(request)
        try {
          return answer(response, await sessions.refresh(cookies.refreshToken(request) ?? ''))
        } catch (error) {
          cookies.clear(response)
          throw error
        }
      },
    }),
    route({
      ...open,
      method: 'delete',
      path: '/v1/auth/refresh',
      summary: 'Sign out: ends the sign-in of the cookie',
      status: 204,
      async handle({ request, response }) {
        cookies.checkOrigin(request)
        await sessions.end(cookies.refreshToken(request) ?? '')
        cookies.clear(response)
        return undefined
      },
    }),
  ]
}
