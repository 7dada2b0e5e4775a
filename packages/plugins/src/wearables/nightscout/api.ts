import { AurenError, type PullContext } from '@auren/core'
import { z } from 'zod'
import { refusalOf } from '../../vendor/refusal.js'
import type { Settings } from './options.js'

/** Seconds to wait where the site does not say. */
const WAIT_SECONDS = 300

const Exchanged = z.object({ token: z.string().min(1).max(20_000) })
const Wrapped = z.object({ result: z.array(z.unknown()) })

/** A site as one pull asks it. */
export interface Site {
  /** Null where the site has no such thing, or does not show it with this token. */
  get(path: string, query: Record<string, string>): Promise<unknown>
  /** A list; within `result` where the API v3 wraps it. Null as above. */
  list(path: string, query: Record<string, string>): Promise<unknown[] | null>
  /** The API v3 takes no secret. */
  readonly v3: boolean
}

/** Opens a site with what its owner gave. @throws AurenError AUREN_VENDOR_UNAUTHORIZED where it does not take the token */
export async function openSite({ base, access }: Settings, ctx: Pick<PullContext, 'fetch' | 'signal'>): Promise<Site> {
  const ask = async (
    path: string,
    query: Record<string, string>,
    headers: Record<string, string>,
  ): Promise<unknown> => {
    const search = new URLSearchParams(query).toString()
    const answer = await ctx.fetch(`${base}${path}${search === '' ? '' : `?${search}`}`, {
      headers: { accept: 'application/json', ...headers },
      signal: ctx.signal,
      // What opens the site goes as the site wants it, and not as a bearer token.
      credentials: 'omit',
    })
    if (answer.status === 200) return answer.json()
    if ([401, 403, 404].includes(answer.status)) return null
    throw refusalOf(answer, { plugin: 'nightscout', name: 'Nightscout', wait: WAIT_SECONDS })
  }
  const headers = 'token' in access ? await exchange(access.token) : { 'api-secret': access.secret }
  const get = (path: string, query: Record<string, string>): Promise<unknown> => ask(path, query, headers)
  return {
    v3: 'token' in access,
    get,
    async list(path, query) {
      const answer = await get(path, query)
      if (answer === null) return null
      const wrapped = Wrapped.safeParse(answer)
      const list = wrapped.success ? wrapped.data.result : answer
      if (!Array.isArray(list)) throw failed('Nightscout answered without a list.')
      return list
    },
  }

  /** The token stands in one address only: of the request that exchanges it. */
  async function exchange(token: string): Promise<Record<string, string>> {
    const answer = Exchanged.safeParse(await ask(`/api/v2/authorization/request/${encodeURIComponent(token)}`, {}, {}))
    if (!answer.success) throw refused()
    return { authorization: `Bearer ${answer.data.token}` }
  }
}

/** Looks whether the site shows its readings. @throws AurenError AUREN_VENDOR_UNAUTHORIZED */
export async function readable(site: Site): Promise<void> {
  if ((await site.list('/api/v1/entries.json', { count: '1' })) === null) throw refused()
}

/** The site does not show what it must. */
export function refused(): AurenError {
  return new AurenError(
    'AUREN_VENDOR_UNAUTHORIZED',
    'Nightscout does not accept the token. Take one with the role readable from Admin Tools of the site, look at its address, and connect it again.',
    { plugin: 'nightscout' },
  )
}

/** The site answered otherwise than it should. */
export function failed(message: string, retryable = false): AurenError {
  return new AurenError('AUREN_VENDOR_FAILED', message, { plugin: 'nightscout', retryable })
}
