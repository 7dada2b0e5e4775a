import { AurenError } from '@auren/core'

/** What a Dexcom application is registered with. */
export interface DexcomOptions {
  clientId: string
  clientSecret: string
  /**
   * Where the accounts are: `https://api.dexcom.com` in the United States, `https://api.dexcom.eu` elsewhere,
   * `https://api.dexcom.jp` in Japan, `https://sandbox-api.dexcom.com` to try it. @default 'https://api.dexcom.com'
   */
  baseURL?: string
}

/** The address of the region. @throws AurenError AUREN_CONFIG_INVALID where a secret is empty, or the address is none */
export function baseOf(options: DexcomOptions): string {
  for (const name of ['clientId', 'clientSecret'] as const) {
    if (!options[name]) throw invalid(`${name} is empty. Take it from your Dexcom application.`)
  }
  const base = options.baseURL ?? 'https://api.dexcom.com'
  if (!URL.canParse(base))
    throw invalid('baseURL is no address. Leave it out, or name the region: https://api.dexcom.eu.')
  return base.replace(/\/$/, '')
}

function invalid(message: string): AurenError {
  return new AurenError('AUREN_CONFIG_INVALID', `dexcom: ${message}`, { plugin: 'dexcom' })
}
