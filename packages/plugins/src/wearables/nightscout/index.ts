import { defineWearable, type WearablePlugin } from '@auren/core'
import { openSite, readable, refused } from './api.js'
import { payloadsOf, saved } from './documents.js'
import { normalize } from './normalize.js'
import { accountOf, Given, hostOf, type NightscoutOptions, privateSitesOf, settingsOf } from './options.js'
import { Payload } from './payload.js'
import { pullAll } from './pull.js'

export type { NightscoutOptions } from './options.js'

/**
 * Nightscout: readings of sensors and meters, insulin, carbohydrates, exercise and notes, pulled from each person's own site,
 * and lists that were saved from one.
 *
 * @throws AurenError AUREN_CONFIG_INVALID where a private site is no address
 */
export function nightscout(options: NightscoutOptions = {}): WearablePlugin<'nightscout', Payload, never> {
  const privateSites = privateSitesOf(options)
  return defineWearable({
    kind: 'wearable',
    id: 'nightscout',
    title: 'Nightscout',
    version: '0.1.0',
    payload: Payload,
    normalize,
    documents: (document) => payloadsOf(document),
    site: {
      given: Given,
      accountOf,
      hostOf,
      privateHosts: [...privateSites.keys()],
      async open(fetch, given: Given) {
        const signal = new AbortController().signal
        await readable(await openSite(settingsOf(accountOf(given), given.token, privateSites), { fetch, signal }))
        return given.token
      },
    },
    pull: {
      all(ctx) {
        if (ctx.secret === undefined) throw refused()
        return pullAll(settingsOf(ctx.account, ctx.secret, privateSites), ctx)
      },
      everyMs: 3_600_000,
    },
    file: saved,
  })
}
