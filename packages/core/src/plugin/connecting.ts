import type { z } from 'zod'
import type { Fetch } from './fetch.js'

/**
 * A person's own site, which they connect by saying where it is and what opens it. What a person says is nothing to go by:
 * only the host of the account is called, over https, and only where it leads to the open Internet.
 */
export interface SiteSpec<Given = unknown> {
  /**
   * What the person gives: the address, and what opens it; texts only. A failure names the field and never its value. Each
   * field's `meta` is what a form shows of it: `title`, `description`, and `writeOnly` where it must not be seen.
   */
  readonly given: z.ZodType<Given>
  /** The account's name: which site it is, without what opens it. */
  accountOf(given: Given): string
  /** Host, with the port where it has one, of an account. */
  hostOf(account: string): string
  /**
   * Hosts that the operator has named, which may be on this machine or in its network, and answer over plain http.
   * @default none
   */
  readonly privateHosts?: readonly string[]
  /**
   * Tries it. What is returned is kept sealed, and handed to pulls as `secret`.
   * @throws AurenError AUREN_VENDOR_UNAUTHORIZED where the site does not open with it
   */
  open(fetch: Fetch, given: Given): Promise<string>
}

/** A page of the vendor's own on which a person connects, where there is no OAuth between it and us: of aggregators. */
export interface PageSpec {
  /**
   * Address of the page for one person. `reference` stands for them, cannot be guessed and is taken once; they come back
   * to `returnTo`, or to `failedTo`.
   */
  open(fetch: Fetch, ctx: { reference: string; returnTo: string; failedTo: string }): Promise<string>
  /** The accounts that were connected under a reference, as the vendor itself says when it is asked. */
  accounts(fetch: Fetch, reference: string): Promise<readonly string[]>
  /** Tells the vendor that the person has ended it here. */
  disconnected?(fetch: Fetch, account: string): Promise<void>
}
