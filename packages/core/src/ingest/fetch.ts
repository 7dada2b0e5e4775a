import { AurenError, isAurenError } from '../errors.js'
import type { Fetch } from '../plugin/fetch.js'
import type { WearablePlugin } from '../plugin/types.js'
import { timeLimit } from '../time-limit.js'
import { createGuardedFetch, type Resolve } from './guarded-fetch.js'

/** Bounds of a vendor's answers. */
export interface FetchBounds {
  /** Longest answer, in bytes. */
  mostBytes?: number
  /** Longest wait for all of an answer, in ms. */
  timeoutMs?: number
  /** How names are resolved; default `dns.lookup`. */
  resolve?: Resolve
  /**
   * Hosts that may be on this machine or in its network, and answer over plain http. @default those of the plugin that are
   * loopback themselves: for local servers of tests
   */
  privateHosts?: readonly string[]
}

/**
 * HTTP for a plugin, or for one of its accounts: where each person has a site of their own, only the host of that account
 * may be called, which is what a person said, and so never one of this network unless the operator has named it.
 */
export function fetchOf(plugin: WearablePlugin, account?: string): Fetch {
  const { id, site } = plugin
  if (!site || account === undefined) return boundedFetch(plugin)
  return boundedFetch({ id, hosts: [site.hostOf(account)] }, { privateHosts: site.privateHosts ?? [] })
}

/**
 * HTTP as a plugin may use it: only to the hosts that it names, without redirects, bounded in time and size, and only
 * to public addresses, whatever a name resolves to. Plain http, and loopback, only where the named host is loopback
 * itself: for local servers of tests.
 */
export function boundedFetch(
  plugin: Pick<WearablePlugin, 'id' | 'hosts'>,
  { mostBytes = 32 * 1024 * 1024, timeoutMs = 30_000, resolve, privateHosts }: FetchBounds = {},
): Fetch {
  const isPrivate = (url: URL): boolean => privateHosts?.includes(url.host) ?? isLoopback(url)
  const guarded = createGuardedFetch({
    // The host is one that the plugin names, see below.
    allows: (url, reach) => (reach === 'loopback' || privateHosts !== undefined) && isPrivate(url),
    ...(resolve ? { resolve } : {}),
  })
  return async (address, init = {}) => {
    const url = new URL(address)
    if (
      !(plugin.hosts ?? []).includes(url.host) ||
      url.username !== '' ||
      url.password !== '' ||
      (url.protocol !== 'https:' && !(url.protocol === 'http:' && isPrivate(url)))
    ) {
      throw new AurenError('AUREN_FORBIDDEN', `${plugin.id} may not call ${url.host}.`, { plugin: plugin.id })
    }
    const timeout = timeLimit(timeoutMs)
    try {
      const response = await guarded(url, {
        method: init.method ?? 'GET',
        signal: init.signal ? AbortSignal.any([init.signal, timeout]) : timeout,
        ...(init.headers ? { headers: init.headers } : {}),
        ...(init.body === undefined ? {} : { body: init.body }),
      })
      if (response.status >= 300 && response.status < 400) {
        await response.body?.cancel()
        throw new AurenError('AUREN_VENDOR_FAILED', `${url.host} sends elsewhere, which is not followed.`, {
          plugin: plugin.id,
        })
      }
      const body = await readBounded(response, plugin.id, mostBytes)
      const text = (): string => body.toString('utf8')
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        text: async () => text(),
        json: async () => parse(text(), plugin.id),
        bytes: async () => body,
      }
    } catch (cause) {
      if (isAurenError(cause)) throw cause
      if (init.signal?.aborted)
        throw new AurenError('AUREN_ABORTED', 'The request was stopped.', { cause, plugin: plugin.id })
      throw new AurenError('AUREN_VENDOR_FAILED', `${url.host} could not be reached.`, { cause, plugin: plugin.id })
    }
  }
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === '127.0.0.1' || hostname === 'localhost' || hostname === '[::1]'
}

async function readBounded(response: Response, plugin: string, mostBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length
    if (size > mostBytes)
      throw new AurenError('AUREN_VENDOR_FAILED', `${plugin} answered with more than ${mostBytes} bytes.`, {
        plugin,
        retryable: false,
      })
    chunks.push(chunk as Uint8Array)
  }
  return Buffer.concat(chunks, size)
}

function parse(text: string, plugin: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AurenError('AUREN_VENDOR_FAILED', `${plugin} answered with something that is no JSON.`, { cause, plugin })
  }
}
