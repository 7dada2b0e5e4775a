import { defineWearable, type WearablePlugin } from '@auren/core'
import { payloadsOf, saved } from './documents.js'
import { normalize } from './normalize.js'
import { type NightscoutOptions, settingsOf } from './options.js'
import { Payload } from './payload.js'
import { pullAll } from './pull.js'

export type { NightscoutOptions } from './options.js'

/**
 * Nightscout: readings of sensors and meters, insulin, carbohydrates, exercise and notes, pulled from a person's own site,
 * and lists that were saved from one.
 *
 * @throws AurenError AUREN_CONFIG_INVALID where the address is none, or the token is empty
 */
export function nightscout(options: NightscoutOptions): WearablePlugin<'nightscout', Payload, never> {
  const settings = settingsOf(options)
  return defineWearable({
    kind: 'wearable',
    id: 'nightscout',
    version: '0.1.0',
    payload: Payload,
    normalize,
    documents: (document) => payloadsOf(document),
    hosts: [settings.host],
    pull: { all: (ctx) => pullAll(settings, ctx), everyMs: 3_600_000 },
    file: saved,
  })
}
