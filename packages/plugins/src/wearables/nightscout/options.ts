import { createHash } from 'node:crypto'
import { AurenError } from '@auren/core'

/** A Nightscout site, and what opens it. */
export interface NightscoutOptions {
  /** Where the site is: `https://my-site.example.org`. */
  url: string
  /** An access token of the site with the role `readable` (Admin Tools → Subjects); or its API secret, which may do everything. */
  token: string
}

/** What the plugin needs of its options. */
export interface Settings {
  base: string
  host: string
  /** An access token is exchanged for a short one; a secret goes with each request as its hash. */
  access: { token: string } | { secret: string }
}

/** The subject's name, a dash, and 16 hex digits. */
const accessToken = /^[^\s/]{0,80}-[0-9a-f]{16}$/

/** Checks the options. @throws AurenError AUREN_CONFIG_INVALID */
export function settingsOf({ url, token }: NightscoutOptions): Settings {
  const site = url && URL.canParse(url) ? new URL(url) : null
  if (!site || !/^https?:$/.test(site.protocol) || site.search || site.hash || site.username || site.password)
    throw invalid('url is no address of a site. Write it as https://my-site.example.org, without a token in it.')
  if (!token) throw invalid('token is empty. Take an access token with the role readable from Admin Tools.')
  return {
    base: site.href.replace(/\/+$/, ''),
    host: site.host,
    access: accessToken.test(token)
      ? { token }
      : {
          secret: /^[0-9a-f]{40}$/i.test(token) ? token.toLowerCase() : createHash('sha1').update(token).digest('hex'),
        },
  }
}

function invalid(what: string): AurenError {
  return new AurenError('AUREN_CONFIG_INVALID', `nightscout: ${what}`, { plugin: 'nightscout' })
}
