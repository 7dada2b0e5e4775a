import { AurenError } from '@auren/core'

/** What a Junction (formerly Vital) team is registered with. */
export interface JunctionOptions {
  /** Of the webhook endpoint, from the dashboard: `whsec_…`; it signs what arrives. */
  webhookSecret: string
  /** Of the team, for asking Junction; without it nothing is asked, only received. */
  apiKey?: string
  /** Where the API answers; regions and sandboxes differ. @default 'https://api.us.junction.com' */
  baseURL?: string
  /**
   * Whether models may be told of what Junction has from Strava, whose terms forbid it (docs/plugins/strava.md); what other
   * vendors measured is open. @default 'closed'
   */
  models?: 'open' | 'closed'
}

/** What the plugin needs of its options. */
export interface Settings {
  /** Key of the HMAC, decoded. */
  key: Buffer
  api: { base: string; apiKey: string } | null
  host: string
}

/** Checks the options. @throws AurenError AUREN_CONFIG_INVALID */
export function settingsOf({ webhookSecret, apiKey, baseURL }: JunctionOptions): Settings {
  const [, base64] = /^(?:whsec_)?([A-Za-z0-9+/]{22,}={0,2})$/.exec(webhookSecret) ?? []
  if (base64 === undefined)
    throw invalid(
      'webhookSecret is not whsec_ and base64. Take it from the endpoint of your webhooks in the dashboard.',
    )
  const base = (baseURL || 'https://api.us.junction.com').replace(/\/+$/, '')
  if (!URL.canParse(base)) throw invalid('baseURL is no address. Write it as https://api.eu.junction.com.')
  return {
    key: Buffer.from(base64, 'base64'),
    api: apiKey ? { base, apiKey } : null,
    host: new URL(base).host,
  }
}

function invalid(what: string): AurenError {
  return new AurenError('AUREN_CONFIG_INVALID', `junction: ${what}`, { plugin: 'junction' })
}
