import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { AurenError } from '../errors.js'
import type { Connection, Journal } from '../events/ports.js'
import type { Instant, UserId } from '../observation/schema.js'
import type { Fetch } from '../plugin/fetch.js'
import type { OAuthSpec, WearablePlugin } from '../plugin/types.js'
import type { Farewell } from './farewell.js'
import { openSite } from './site.js'
import type { Subscriptions } from './subscriptions.js'
import { requestTokens } from './token-request.js'

/** Minutes within which the person must come back from the vendor. */
const PENDING_MS = 15 * 60_000

const Held = z.object({ verifier: z.string(), redirect: z.string() })

/** A connection as it may be shown: no token, no cursor. */
export interface ConnectionView {
  provider: string
  account: string
  status: Connection['status']
  lastSyncAt: Instant | null
  error: string | null
  /** What the person lets the vendor send, in the vendor's words; null where the vendor has not said. */
  permissions: readonly string[] | null
}

/** What connecting has begun with. */
export interface BegunConnection {
  /** Where the person goes; empty where there is nowhere to go. */
  url: string
  /** One-time state; empty where nobody has to come back. */
  state: string
  /** Where it is connected at once. */
  connection?: ConnectionView
}

/** Connecting a person to a vendor's account by OAuth 2 with a one-time state and, where the vendor has it, PKCE. */
export interface Connections {
  list(user: UserId): Promise<ConnectionView[]>
  /**
   * Address to send the person to. Of an app that they set up by hand: connected at once, and the address to enter
   * there, with the key that stands for them. Of a site of their own: connected at once with what is `given`.
   */
  begin(user: UserId, provider: string, redirect: string, given?: unknown): Promise<BegunConnection>
  /**
   * The vendor sent the person back. The state names who it was; it works once. By OAuth it is one account, on a page of
   * the vendor's the person may have connected several.
   */
  finish(provider: string, answer: { code?: string | undefined; state: string }): Promise<ConnectionView[]>
  /** Connects an account with a token obtained elsewhere (personal tokens, tests). */
  adopt(
    user: UserId,
    provider: string,
    account: string,
    tokens: NonNullable<Connection['tokens']>,
  ): Promise<ConnectionView>
  /** Queues a fetch of everything new. */
  sync(user: UserId, provider: string): Promise<{ jobs: string[] }>
  /** Destroys the tokens, and tells the vendor; data stays. */
  remove(user: UserId, provider: string): Promise<void>
}

/** Kind of the job that fetches everything new of a connection. */
export const PULL_JOB = 'pull'

/** What {@link createConnections} stands on. */
export interface ConnectionPorts {
  journal: Journal
  wearable(provider: string): WearablePlugin
  /** Bounded fetch for the plugin's own hosts. */
  fetchFor(plugin: WearablePlugin, account?: string): Fetch
  subscriptions: Pick<Subscriptions, 'ask'>
  farewell: Farewell
  /** Where Biometric is reached from outside, without a slash at the end. */
  publicUrl?: string | undefined
  now(): Instant
  /** Called when a job was added. */
  wake(): void
}

/** Connections over the journal. */
export function createConnections(ports: ConnectionPorts): Connections {
  const { journal } = ports
  const oauthOf = (provider: string): { plugin: WearablePlugin; oauth: OAuthSpec } => {
    const plugin = ports.wearable(provider)
    if (!plugin.oauth)
      throw new AurenError(
        'AUREN_INPUT_INVALID',
        `${provider} cannot be connected here: it is no vendor to sign in to, or whoever runs this AUREN has not set its secrets. What it exports can be imported.`,
        { plugin: provider },
      )
    return { plugin, oauth: plugin.oauth }
  }

  const connect = async (
    user: UserId,
    provider: string,
    account: string,
    tokens: Connection['tokens'],
    pending?: string,
  ): Promise<ConnectionView> => {
    const saved = await journal.transaction(async (tx) => {
      await journal.person(tx, user)
      if (pending !== undefined) await journal.connections.remove(tx, pending)
      const all = await journal.connections.list(tx, { provider, account })
      const known = all.find((held) => held.user === user)
      // One vendor account feeds one person: a webhook names only the account.
      if (all.some((held) => held.user !== user && held.status !== 'revoked'))
        throw new AurenError('AUREN_CONFLICT', 'This account is connected to somebody else already.', {
          plugin: provider,
        })
      const connection = await journal.connections.save(tx, {
        ...(known ? { id: known.id } : {}),
        user,
        provider,
        account,
        status: 'active',
        tokens,
        state: known?.state ?? {},
        lastSyncAt: known?.lastSyncAt ?? null,
        error: null,
      })
      const plugin = ports.wearable(provider)
      await ports.subscriptions.ask(tx, plugin, connection)
      if (plugin.pull) await journal.addJob(tx, { kind: PULL_JOB, user, payload: { connection: connection.id } })
      return connection
    })
    ports.wake()
    return view(saved)
  }

  /** Keeps who is expected back, by the hash of the state that they will bring. */
  const expect = (user: UserId, provider: string, state: string, held: Record<string, unknown>): Promise<void> =>
    journal.transaction(async (tx) => {
      await journal.person(tx, user)
      await journal.connections.save(tx, {
        user,
        provider,
        account: pendingAccount(state),
        status: 'pending',
        tokens: null,
        state: { ...held, expiresAt: ports.now() + PENDING_MS },
        lastSyncAt: null,
        error: null,
      })
    })

  /** Who has come back. Taken out before it is used, so that a replayed code or state finds nothing. */
  const arrived = async (provider: string, state: string): Promise<Connection> => {
    const pending = await journal.transaction(async (tx) => {
      const [found] = await journal.connections.list(tx, { provider, account: pendingAccount(state) })
      if (found) await journal.connections.remove(tx, found.id)
      return found
    })
    const held = z.object({ expiresAt: z.number() }).safeParse(pending?.state)
    if (!pending || !held.success || held.data.expiresAt < ports.now())
      throw new AurenError('AUREN_VENDOR_UNAUTHORIZED', 'This sign-in has expired or was used already. Begin again.', {
        plugin: provider,
      })
    return pending
  }

  return {
    async list(user) {
      const all = await journal.transaction((tx) => journal.connections.list(tx, { user }))
      return all.filter((connection) => connection.status !== 'pending').map(view)
    },

    async begin(user, provider, redirect, given) {
      const plugin = ports.wearable(provider)
      const { keyOf } = plugin.webhook ?? {}
      if (keyOf) {
        // The account is the person, as for their files: what comes both ways is one.
        const connection = await connect(user, provider, user, null)
        const base = ports.publicUrl ?? redirect.replace(/\/v1\/connections\/.*$/, '')
        return { url: `${base}/webhooks/${provider}?key=${keyOf(user)}`, state: '', connection }
      }
      if (plugin.site) {
        const { account, secret } = await openSite(plugin, plugin.site, given, ports.fetchFor)
        return { url: '', state: '', connection: await connect(user, provider, account, { accessToken: secret }) }
      }
      const state = randomBytes(32).toString('base64url')
      if (plugin.page) {
        const returnTo = new URL(redirect)
        returnTo.searchParams.set('state', state)
        const failedTo = new URL(returnTo)
        failedTo.searchParams.set('error', 'not_connected')
        const ctx = { reference: state, returnTo: returnTo.href, failedTo: failedTo.href }
        const url = await plugin.page.open(ports.fetchFor(plugin), ctx)
        await expect(user, provider, state, {})
        return { url, state }
      }
      const { oauth } = oauthOf(provider)
      const verifier = randomBytes(48).toString('base64url')
      await expect(user, provider, state, { verifier, redirect })
      const url = new URL(oauth.authorizeUrl)
      const query: Record<string, string> = {
        response_type: 'code',
        client_id: oauth.clientId,
        redirect_uri: redirect,
        scope: oauth.scopes.join(oauth.scopeSeparator ?? ' '),
        state,
        ...(oauth.pkce
          ? { code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256' }
          : {}),
        ...oauth.authorizeParams,
      }
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
      return { url: url.href, state }
    },

    async finish(provider, { code, state }) {
      const { page } = ports.wearable(provider)
      if (page) {
        const { user } = await arrived(provider, state)
        const accounts = await page.accounts(ports.fetchFor(ports.wearable(provider)), state)
        if (accounts.length === 0)
          throw new AurenError('AUREN_VENDOR_UNAUTHORIZED', 'Nothing was connected there. Begin again.', {
            plugin: provider,
          })
        const views: ConnectionView[] = []
        for (const account of accounts) views.push(await connect(user, provider, account, null))
        return views
      }
      const { plugin, oauth } = oauthOf(provider)
      if (code === undefined)
        throw new AurenError('AUREN_VENDOR_UNAUTHORIZED', 'The vendor did not grant access. Begin again.', {
          plugin: provider,
        })
      const pending = await arrived(provider, state)
      const held = Held.parse(pending.state)
      const fetch = ports.fetchFor(plugin)
      const form = {
        grant_type: 'authorization_code',
        code,
        redirect_uri: held.redirect,
        ...(oauth.pkce ? { code_verifier: held.verifier } : {}),
      }
      const { tokens, answer } = await requestTokens(fetch, oauth, provider, form, ports.now())
      const account = await oauth.account(fetch, tokens.accessToken, answer)
      await oauth.connected?.(fetch, tokens.accessToken, account)
      return [await connect(pending.user, provider, account, tokens)]
    },

    adopt: (user, provider, account, tokens) => connect(user, provider, account, tokens),

    async sync(user, provider) {
      const jobs = await journal.transaction(async (tx) => {
        const found = (await journal.connections.list(tx, { user, provider })).filter(
          (connection) => connection.status === 'active',
        )
        if (found.length === 0)
          throw new AurenError('AUREN_NOT_FOUND', `There is no active connection to ${provider}.`, { plugin: provider })
        return Promise.all(
          found.map((connection) =>
            journal.addJob(tx, { kind: PULL_JOB, user, payload: { connection: connection.id } }),
          ),
        )
      })
      ports.wake()
      return { jobs }
    },

    async remove(user, provider) {
      const ended = await journal.transaction(async (tx) => {
        const found = await journal.connections.list(tx, { user, provider })
        if (found.length === 0)
          throw new AurenError('AUREN_NOT_FOUND', `There is no connection to ${provider}.`, { plugin: provider })
        const ended = await ports.farewell.prepare(tx, found)
        for (const connection of found) await journal.connections.remove(tx, connection.id)
        return ended
      })
      await ports.farewell.say(ended)
    },
  }
}

function view(connection: Connection): ConnectionView {
  const { provider, account, status, lastSyncAt, error, permissions = null } = connection
  return { provider, account, status, lastSyncAt, error, permissions }
}

function pendingAccount(state: string): string {
  return `pending:${createHash('sha256').update(state).digest('hex')}`
}
