import { AurenError, type AurenErrorCode, errorCodes } from '@auren/core'
import { createParser } from 'eventsource-parser'
import { z } from 'zod'

/** Addresses of the two services. */
export interface Addresses {
  neuros: string
  biometric: string
}

/** How the command line speaks to AUREN: always over HTTP, whether the server was running or was just started. */
export interface Client {
  call<T = unknown>(service: keyof Addresses, method: string, path: string, body?: unknown): Promise<T>
  /** Sends raw bytes. */
  send(service: keyof Addresses, method: string, path: string, body: Uint8Array): Promise<unknown>
  /** Server-Sent Events of an answer. */
  events(
    service: keyof Addresses,
    method: string,
    path: string,
    body?: unknown,
  ): AsyncIterable<{ id?: string; event?: string; data: string }>
  /** Lines of a streamed answer. */
  raw(service: keyof Addresses, path: string): Promise<ReadableStream<Uint8Array>>
}

const Problem = z.object({
  code: z.string(),
  detail: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  retry_after_seconds: z.number().optional(),
})

/** What a request carries; headers as a plain object, so that the token can join them. */
interface Sent {
  body?: string | Uint8Array<ArrayBuffer>
  headers?: Record<string, string>
}

/**
 * A client of running services.
 * @param token personal API token; without one the services take who asks for the person of this machine, if it has one
 * @throws AurenError AUREN_CONFIG_INVALID where a service is asked that does not run
 */
export function createClient(addresses: Partial<Addresses>, token: string | null = null): Client {
  const request = async (service: keyof Addresses, method: string, path: string, init: Sent): Promise<Response> => {
    const address = addresses[service]
    if (address === undefined)
      throw new AurenError('AUREN_CONFIG_INVALID', `This AUREN runs without ${service}: add it to AUREN_ROLES.`)
    let response: Response
    try {
      const headers = { ...init.headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) }
      response = await fetch(`${address}${path}`, { ...init, headers, method, redirect: 'error' })
    } catch (cause) {
      throw new AurenError('AUREN_STORE_UNAVAILABLE', `AUREN does not answer at ${address}. Is it still running?`, {
        cause,
      })
    }
    if (!response.ok) throw await errorOf(response)
    return response
  }
  const json = (body: unknown): Sent =>
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }

  return {
    async call(service, method, path, body) {
      const response = await request(service, method, path, json(body))
      return (response.status === 204 ? undefined : await response.json()) as never
    },
    async send(service, method, path, body) {
      const response = await request(service, method, path, {
        body: new Uint8Array(body),
        headers: { 'content-type': 'application/octet-stream' },
      })
      return response.status === 204 ? undefined : response.json()
    },
    async *events(service, method, path, body) {
      const response = await request(service, method, path, json(body))
      const queue: { id?: string; event?: string; data: string }[] = []
      const parser = createParser({
        onEvent: ({ id, event, data }) =>
          queue.push({ data, ...(id === undefined ? {} : { id }), ...(event === undefined ? {} : { event }) }),
      })
      const decoder = new TextDecoder()
      for await (const chunk of response.body ?? []) {
        parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }))
        yield* queue.splice(0)
      }
    },
    async raw(service, path) {
      const response = await request(service, 'GET', path, {})
      if (!response.body) throw new AurenError('AUREN_INTERNAL', 'The answer has no body.')
      return response.body as ReadableStream<Uint8Array>
    },
  }
}

async function errorOf(response: Response): Promise<AurenError> {
  const parsed = Problem.safeParse(await response.json().catch(() => null))
  if (!parsed.success) return new AurenError('AUREN_INTERNAL', `AUREN answered with status ${response.status}.`)
  const { code, detail, errors, retry_after_seconds } = parsed.data
  return new AurenError(code in errorCodes ? (code as AurenErrorCode) : 'AUREN_INTERNAL', detail, {
    ...(errors ? { issues: errors } : {}),
    ...(retry_after_seconds === undefined ? {} : { retryAfter: retry_after_seconds }),
  })
}
