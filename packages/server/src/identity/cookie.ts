import { AurenError } from '@auren/core'
import type { Request, Response } from 'express'
import { SIGN_IN_MS } from './sessions.js'

/** Cookies of the PWA's own origin: sent to the one route that reads them, and never to a page's script. */
export interface Cookies {
  /** Sets the refresh token. */
  grant(response: Response, refreshToken: string): void
  clear(response: Response): void
  /** The refresh token of a request, or null. */
  refreshToken(request: Request): string | null
  /** The browser that began a sign-in at a provider. */
  bind(response: Response, secret: string): void
  unbind(response: Response): void
  bound(request: Request): string | null
  /**
   * A request that a cookie speaks for must come from a page that may: with an Origin, and one that is listed.
   * @throws AurenError AUREN_FORBIDDEN
   */
  checkOrigin(request: Request): void
}

const FLOW_SECONDS = 600

/**
 * Cookies below the address by which pages reach NEUROS.
 * @param publicUrl without a slash at the end; its path is the prefix that a proxy takes off
 * @param mayUse whether a page of another origin than `publicUrl`’s may use the cookie routes
 */
export function createCookies(publicUrl: string, mayUse: (origin: string) => boolean): Cookies {
  const { protocol, pathname, origin } = new URL(publicUrl)
  const secure = protocol === 'https:'
  const base = pathname.replace(/\/+$/, '')
  const refresh = { name: `${secure ? '__Secure-' : ''}auren_refresh`, path: `${base}/v1/auth/refresh` }
  const flow = { name: `${secure ? '__Secure-' : ''}auren_flow`, path: `${base}/v1/auth/callback` }

  const set = (
    response: Response,
    { name, path }: typeof refresh,
    value: string,
    seconds: number,
    sameSite: 'Strict' | 'Lax',
  ): void => {
    const parts = [`${name}=${value}`, `Path=${path}`, `Max-Age=${seconds}`, 'HttpOnly', `SameSite=${sameSite}`]
    response.append('set-cookie', [...parts, ...(secure ? ['Secure'] : [])].join('; '))
  }
  const read = (request: Request, { name }: typeof refresh): string | null => {
    const found = (request.headers.cookie ?? '')
      .split(';')
      .map((part) => part.trim())
      .filter((part) => part.startsWith(`${name}=`))
    // Two of one name: one of them was planted by a neighbouring site. Neither is believed.
    return found.length === 1 ? (found[0] as string).slice(name.length + 1) : null
  }

  return {
    grant: (response, token) => set(response, refresh, token, SIGN_IN_MS / 1000, 'Strict'),
    clear: (response) => set(response, refresh, '', 0, 'Strict'),
    refreshToken: (request) => read(request, refresh),
    // Lax: the provider's redirect comes from another site.
    bind: (response, secret) => set(response, flow, secret, FLOW_SECONDS, 'Lax'),
    unbind: (response) => set(response, flow, '', 0, 'Lax'),
    bound: (request) => read(request, flow),
    checkOrigin(request) {
      const from = request.headers.origin
      if (from === undefined || (from !== origin && !mayUse(from)))
        throw new AurenError('AUREN_FORBIDDEN', 'Only the pages of this installation may do this.')
    },
  }
}
