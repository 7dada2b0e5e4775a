import { AurenError } from '@auren/core'

/** What a Fitbit application was registered with. */
export interface FitbitOptions {
  clientId: string
  clientSecret: string
  /** The subscriber's verification code, which Fitbit asks our webhook for. */
  verifyCode: string
  /** Where the API answers. @default 'https://api.fitbit.com' */
  baseURL?: string
  /** Where persons sign in. @default 'https://www.fitbit.com', or `baseURL` where that is set */
  signInURL?: string
}

/** @throws AurenError AUREN_CONFIG_INVALID where a secret is empty */
export function placesOf(options: FitbitOptions): { base: string; signIn: string } {
  for (const name of ['clientId', 'clientSecret', 'verifyCode'] as const) {
    if (!options[name])
      throw new AurenError('AUREN_CONFIG_INVALID', `fitbit: ${name} is empty. Take it from your Fitbit application.`, {
        plugin: 'fitbit',
      })
  }
  const plain = (url: string): string => url.replace(/\/$/, '')
  return {
    base: plain(options.baseURL ?? 'https://api.fitbit.com'),
    signIn: plain(options.signInURL ?? options.baseURL ?? 'https://www.fitbit.com'),
  }
}
