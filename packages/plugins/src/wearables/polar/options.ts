import { AurenError } from '@auren/core'

/** What a Polar AccessLink client is registered with. */
export interface PolarOptions {
  clientId: string
  clientSecret: string
  /** `signature_secret_key`, which Polar shows once, when the webhook is made. */
  webhookSecret: string
  /** Where the API answers. @default 'https://www.polaraccesslink.com' */
  baseURL?: string
  /** Where persons sign in. @default 'https://flow.polar.com', or `baseURL` where that is set */
  signInURL?: string
  /** Where tokens are given. @default 'https://polarremote.com', or `baseURL` where that is set */
  tokenURL?: string
}

/** Where Polar is asked. */
export interface Places {
  base: string
  signIn: string
  tokens: string
}

/** Checks the options. @throws AurenError AUREN_CONFIG_INVALID */
export function placesOf(options: PolarOptions): Places {
  for (const name of ['clientId', 'clientSecret', 'webhookSecret'] as const)
    if (!options[name])
      throw new AurenError(
        'AUREN_CONFIG_INVALID',
        `polar: ${name} is empty. ${name === 'webhookSecret' ? 'Polar shows it once, in the answer that made the webhook.' : 'Take it from your client at admin.polaraccesslink.com.'}`,
        { plugin: 'polar' },
      )
  const plain = (url: string): string => url.replace(/\/$/, '')
  return {
    base: plain(options.baseURL ?? 'https://www.polaraccesslink.com'),
    signIn: plain(options.signInURL ?? options.baseURL ?? 'https://flow.polar.com'),
    tokens: plain(options.tokenURL ?? options.baseURL ?? 'https://polarremote.com'),
  }
}
