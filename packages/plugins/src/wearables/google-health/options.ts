import { AurenError } from '@auren/core'

/** What a Google Cloud project with the Google Health API is registered with. */
export interface GoogleHealthOptions {
  clientId: string
  clientSecret: string
  /**
   * The `Authorization` header that Google sends with each notification, whole: the `secret` of the subscriber's
   * `endpointAuthorization`, with its scheme, such as `Bearer ` and a long random word.
   */
  webhookSecret: string
  /** Where the API answers. @default 'https://health.googleapis.com' */
  baseURL?: string
  /** Where persons sign in. @default 'https://accounts.google.com', or `baseURL` where that is set */
  signInURL?: string
  /** Where tokens are given. @default 'https://oauth2.googleapis.com', or `baseURL` where that is set */
  tokenURL?: string
  /** Where Google publishes the keys that it signs with. @default 'https://www.gstatic.com', or `baseURL` where that is set */
  keysURL?: string
}

/** Where Google is asked. */
export interface Places {
  api: string
  signIn: string
  tokens: string
  /** The key set itself. */
  keySet: string
}

/** Shorter secrets can be guessed. */
const LEAST_SECRET = 16
const KEY_SET = '/googlehealthapi/webhooks/webhooks_public_keyset.json'

/** @throws AurenError AUREN_CONFIG_INVALID where a secret is empty, or the webhook's is short */
export function placesOf(options: GoogleHealthOptions): Places {
  for (const name of ['clientId', 'clientSecret', 'webhookSecret'] as const) {
    if (!options[name])
      throw invalid(
        `${name} is empty. ${name === 'webhookSecret' ? 'Choose a long random one, with its scheme.' : 'Take it from your Google Cloud project.'}`,
      )
  }
  if (options.webhookSecret.length < LEAST_SECRET)
    throw invalid(`webhookSecret must have ${LEAST_SECRET} letters or more, its scheme included.`)
  const plain = (url: string): string => url.replace(/\/$/, '')
  const { baseURL } = options
  return {
    api: plain(baseURL ?? 'https://health.googleapis.com'),
    signIn: plain(options.signInURL ?? baseURL ?? 'https://accounts.google.com'),
    tokens: plain(options.tokenURL ?? baseURL ?? 'https://oauth2.googleapis.com'),
    keySet: `${plain(options.keysURL ?? baseURL ?? 'https://www.gstatic.com')}${KEY_SET}`,
  }
}

function invalid(message: string): AurenError {
  return new AurenError('AUREN_CONFIG_INVALID', `google-health: ${message}`, { plugin: 'google-health' })
}
