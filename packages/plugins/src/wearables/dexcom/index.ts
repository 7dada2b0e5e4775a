import { defineWearable, type WearablePlugin } from '@auren/core'
import { get } from './api.js'
import { clarity } from './clarity.js'
import { payloadsOf } from './documents.js'
import { normalize } from './normalize.js'
import { baseOf, type DexcomOptions } from './options.js'
import { Payload } from './payload.js'
import { pullAll, rangeOf } from './pull.js'

export type { DexcomOptions } from './options.js'

/**
 * Dexcom: readings of the sensor, calibrations and entries by OAuth and pull (API v3; there are no webhooks), and the CSV
 * that Clarity exports.
 *
 * @throws AurenError AUREN_CONFIG_INVALID where a secret is empty
 */
export function dexcom(options: DexcomOptions): WearablePlugin<'dexcom', Payload, never> {
  const base = baseOf(options)
  return defineWearable({
    kind: 'wearable',
    id: 'dexcom',
    title: 'Dexcom',
    version: '0.1.0',
    payload: Payload,
    normalize,
    documents: payloadsOf,
    hosts: [new URL(base).host],
    oauth: {
      authorizeUrl: `${base}/v3/oauth2/login`,
      tokenUrl: `${base}/v3/oauth2/token`,
      scopes: ['offline_access'],
      clientId: options.clientId,
      clientSecret: options.clientSecret,
      pkce: false,
      async account(fetch, accessToken) {
        const headers = { authorization: `Bearer ${accessToken}` }
        return rangeOf(await get(fetch, `${base}/v3/users/self/dataRange`, 'the range of dates', { headers })).userId
      },
    },
    pull: { all: (ctx) => pullAll(base, ctx), everyMs: 3_600_000 },
    file: clarity,
  })
}
