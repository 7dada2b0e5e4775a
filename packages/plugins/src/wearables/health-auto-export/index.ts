import { AurenError, defineWearable, type RawRequest, type WearablePlugin, type WebhookPlan } from '@auren/core'
import { archive } from './archive.js'
import { payloadsOf } from './documents.js'
import { metrics } from './metrics.js'
import { normalize } from './normalize.js'
import { checkOptions, type HealthAutoExportOptions } from './options.js'
import { Payload } from './payload.js'
import { keyOf, verify } from './verify.js'

export type { HealthAutoExportOptions } from './options.js'

/**
 * Health Auto Export, the iOS app that sends what Apple Health has: its REST API automation to an address with the
 * person's key, and the JSON and tables that it exports.
 *
 * @throws AurenError AUREN_CONFIG_INVALID where the secret is short; without one there is no webhook
 */
export function healthAutoExport(
  options: HealthAutoExportOptions = {},
): WearablePlugin<'health-auto-export', Payload, never> {
  checkOptions(options)
  const { secret } = options
  return defineWearable({
    kind: 'wearable',
    id: 'health-auto-export',
    title: 'Health Auto Export',
    version: '0.1.0',
    payload: Payload,
    normalize,
    documents: payloadsOf,
    metrics,
    posted: true,
    ...(secret === undefined
      ? {}
      : {
          webhook: {
            verify: (request: RawRequest) => verify(request, secret),
            keyOf: (account: string) => keyOf(secret, account),
            plan: planOf,
          },
        }),
    file: archive,
  })
}

function planOf(body: unknown, { account }: { account?: string }): WebhookPlan<Payload>[] {
  const payload = Payload.parse(body)
  if (account === undefined)
    throw new AurenError('AUREN_PAYLOAD_INVALID', 'The app does not say whose data these are: its key does.', {
      plugin: 'health-auto-export',
    })
  return [{ account, payload }]
}
