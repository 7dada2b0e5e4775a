import { AurenError } from '../errors.js'
import type { Fetch, WearablePlugin } from '../plugin/types.js'

/** Longest answer in bytes, and longest wait in ms. */
const MOST_BYTES = 32 * 1024 * 1024
const TIMEOUT_MS = 30_000

/**
 * HTTP as a plugin may use it: only to the hosts that it names, without redirects, bounded in time and size. Plain
 * http goes to loopback only, for local servers of tests.
 */
export function boundedFetch(plugin: Pick<WearablePlugin, 'id' | 'hosts'>): Fetch {
  return async (address, init = {}) => {
    const url = new URL(address)
    const loopback = url.hostname === '127.0.0.1' || url.hostname === 'localhost' || url.hostname === '[::1]'
    if (
      !(plugin.hosts ?? []).includes(url.host) ||
      (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback))
    ) {
      throw new AurenError('AUREN_FORBIDDEN', `${plugin.id} may not call ${url.host}.`, { plugin: plugin.id })
    }
    const timeout = AbortSignal.timeout(TIMEOUT_MS)
    try {
      const response = await fetch(url, {
        method: init.method ?? 'GET',
        redirect: 'error',
        signal: init.signal ? AbortSignal.any([init.signal, timeout]) : timeout,
        ...(init.headers ? { headers: init.headers } : {}),
        ...(init.body === undefined ? {} : { body: init.body }),
      })
      const text = await readBounded(response, plugin.id)
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        text: async () => text,
        json: async () => parse(text, plugin.id),
      }
    } catch (cause) {
      if (cause instanceof AurenError) throw cause
      if (init.signal?.aborted)
        throw new AurenError('AUREN_ABORTED', 'The request was stopped.', { cause, plugin: plugin.id })
      throw new AurenError('AUREN_VENDOR_FAILED', `${url.host} could not be reached.`, { cause, plugin: plugin.id })
    }
  }
}

async function readBounded(response: Response, plugin: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length
    if (size > MOST_BYTES)
      throw new AurenError('AUREN_VENDOR_FAILED', `${plugin} answered with more than ${MOST_BYTES} bytes.`, {
        plugin,
        retryable: false,
      })
    chunks.push(chunk as Uint8Array)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string, plugin: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AurenError('AUREN_VENDOR_FAILED', `${plugin} answered with something that is no JSON.`, { cause, plugin })
  }
}
