import { createHash } from 'node:crypto'
import { AurenError } from '@auren/core'
import { z } from 'zod'

/** How an installation has Nightscout. Sites are the persons': each connects with the address of their own. */
export interface NightscoutOptions {
  /**
   * Sites that may stand on this machine or in its network, and answer over http, as their owners write their addresses,
   * separated by commas: `http://192.168.1.5:1337`. @default none: a site is reached over https on the open Internet
   */
  privateSites?: string
}

/** What a person connects with. */
export const Given = z.strictObject({
  /** Where the site is: `https://my-site.example.org`. */
  url: z
    .string()
    .max(500)
    .refine(isSite, 'is no address of a site: write it as https://my-site.example.org, without a token in it')
    .meta({ title: 'Address of your site', description: 'https://my-site.example.org' }),
  /** An access token of the site with the role `readable` (Admin Tools → Subjects); or its API secret, which may do everything. */
  token: z.string().trim().min(1).max(500).meta({
    title: 'Access token',
    description: 'One with the role readable: on your site, in Admin Tools, under Subjects.',
    writeOnly: true,
  }),
})
export type Given = z.infer<typeof Given>

/** A site as a pull asks it: where it is, and what opens it. */
export interface Settings {
  base: string
  /** An access token is exchanged for a short one; a secret goes with each request as its hash. */
  access: { token: string } | { secret: string }
}

/** The subject's name, a dash, and 16 hex digits. */
const accessToken = /^[^\s/]{0,80}-[0-9a-f]{16}$/

function isSite(text: string): boolean {
  const site = URL.canParse(text) ? new URL(text) : null
  return (
    site !== null &&
    /^https?:$/.test(site.protocol) &&
    !(site.search || site.hash || site.username || site.password) &&
    site.host !== ''
  )
}

/** The account's name: the host, and the folder where the site has one; `https` and its owner's spelling aside. */
export function accountOf({ url }: Pick<Given, 'url'>): string {
  const { host, pathname } = new URL(url)
  return `${host}${pathname.replace(/\/+$/, '')}`
}

/** The host of an account. */
export function hostOf(account: string): string {
  return new URL(`https://${account}`).host
}

/**
 * Origins of private sites by host.
 * @throws AurenError AUREN_CONFIG_INVALID where one is no address
 */
export function privateSitesOf({ privateSites = '' }: NightscoutOptions): ReadonlyMap<string, string> {
  return new Map(
    privateSites.split(',').flatMap((given): [string, string][] => {
      const text = given.trim()
      if (text === '') return []
      if (!isSite(text))
        throw new AurenError(
          'AUREN_CONFIG_INVALID',
          'nightscout: privateSites has something that is no address of a site. Write them as http://192.168.1.5:1337, separated by commas.',
          { plugin: 'nightscout' },
        )
      const { host, origin } = new URL(text)
      return [[host, origin]]
    }),
  )
}

/** What a site is asked with: over https, unless the operator has named it otherwise. */
export function settingsOf(account: string, token: string, privateSites: ReadonlyMap<string, string>): Settings {
  const host = hostOf(account)
  return {
    base: `${privateSites.get(host) ?? `https://${host}`}${account.slice(host.length)}`,
    access: accessToken.test(token)
      ? { token }
      : {
          secret: /^[0-9a-f]{40}$/i.test(token) ? token.toLowerCase() : createHash('sha1').update(token).digest('hex'),
        },
  }
}
