import { z } from 'zod'
import { AurenError } from '../errors.js'
import type { Connection } from '../events/ports.js'
import type { Instant } from '../observation/schema.js'
import type { Fetch } from '../plugin/fetch.js'
import type { OAuthSpec } from '../plugin/types.js'

/** RFC 6749 §5.1; what is not there may be null or empty, and numbers text. */
const TokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().nullish(),
  expires_in: z.coerce.number().positive().optional().catch(undefined),
  scope: z.string().optional().catch(undefined),
})

/** Reads a token endpoint's answer. @throws AurenError AUREN_VENDOR_FAILED */
export function tokensOf(answer: unknown, now: Instant, provider: string): NonNullable<Connection['tokens']> {
  const parsed = TokenAnswer.safeParse(answer)
  if (!parsed.success)
    throw new AurenError(
      'AUREN_VENDOR_FAILED',
      `${provider} answered the token request with something else than a token.`,
      { plugin: provider },
    )
  const { access_token, refresh_token, expires_in, scope } = parsed.data
  return {
    accessToken: access_token,
    ...(refresh_token ? { refreshToken: refresh_token } : {}),
    ...(expires_in === undefined ? {} : { expiresAt: now + expires_in * 1000 }),
    ...(scope === undefined ? {} : { scope }),
  }
}

/** Posts a form to the vendor's token endpoint, in the vendor's dialect; `answer` is what it said, unwrapped. */
export async function requestTokens(
  fetch: Fetch,
  oauth: OAuthSpec,
  provider: string,
  form: Record<string, string>,
  now: Instant,
): Promise<{ tokens: NonNullable<Connection['tokens']>; answer: unknown }> {
  const { clientId, clientSecret, clientAuth = 'body', tokenParams = {} } = oauth
  const named = clientAuth === 'body' ? { client_id: clientId, client_secret: clientSecret } : {}
  const answer = await fetch(oauth.tokenUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      ...(clientAuth === 'basic' ? { authorization: basicAuth(clientId, clientSecret) } : {}),
    },
    body: new URLSearchParams({ ...form, ...named, ...tokenParams }).toString(),
  })
  if (answer.status === 400 || answer.status === 401 || answer.status === 403) {
    throw new AurenError('AUREN_VENDOR_UNAUTHORIZED', `${provider} refused the token request. Connect again.`, {
      plugin: provider,
    })
  }
  if (answer.status === 429) {
    const wait = Number(answer.headers['retry-after'])
    throw new AurenError('AUREN_VENDOR_LIMIT', `${provider} asks to slow down.`, {
      plugin: provider,
      ...(wait > 0 ? { retryAfter: wait } : {}),
    })
  }
  if (answer.status !== 200)
    throw new AurenError(
      'AUREN_VENDOR_FAILED',
      `${provider} answered the token request with status ${answer.status}.`,
      { plugin: provider },
    )
  const said = await answer.json()
  const unwrapped = oauth.unwrap ? oauth.unwrap(said) : said
  return { tokens: tokensOf(unwrapped, now, provider), answer: unwrapped }
}

/** RFC 6749 §2.3.1: both parts form-encoded, then RFC 7617. */
function basicAuth(clientId: string, clientSecret: string): string {
  const encode = (text: string): string => new URLSearchParams({ v: text }).toString().slice(2)
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')}`
}
