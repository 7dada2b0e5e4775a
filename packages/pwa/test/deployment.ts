import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { readRewrites } from '../../server/src/pwa/rewrites.js'
import { createPwaServer } from '../../server/src/pwa/server.js'
import { type Installation, install } from '../../server/test/harness.js'
import { type Provider, startProvider } from '../../server/test/servers/oidc.js'

/** The app over the real services, to which everybody has to sign in. */
export interface Deployment {
  address: string
  here: Installation
  provider: Provider
  /** What arrived, whatever the browser let its page see of the answer. */
  arrived: { method: string; path: string; origin: string | null; cookie: boolean; status: number }[]
  /** Moves the clock of the services on, in ms: tokens end by it. */
  pass(ms: number): void
  /** Breaks every event stream that pages have open. Returns how many there were. */
  cut(): number
  /** An invitation for one more person. */
  invite(): Promise<string>
  close(): Promise<void>
}

/** Who runs the installation. */
export const operator = { name: 'ada', password: 'a brass difference engine' }

const root = join(import.meta.dirname, '..', '..', '..')

/** Starts the services with built-in accounts and a provider, and the app before them. */
export async function startDeployment(folder: string, env: Record<string, string> = {}): Promise<Deployment> {
  const clock = shiftClock()
  const pwa = createServer()
  const address = `http://localhost:${await listen(pwa)}`
  const publicUrl = `${address}/api/neuros`
  const client = { id: 'auren', secret: 'a secret of two', audience: address }
  const provider = await startProvider({ ...client, redirect: `${publicUrl}/v1/auth/callback` })
  const here = await install({
    AUREN_LOCAL_PERSON: 'false',
    AUREN_PUBLIC_URL: publicUrl,
    AUREN_OIDC_ISSUER: provider.issuer,
    AUREN_OIDC_AUDIENCE: address,
    AUREN_OIDC_CLIENT_ID: client.id,
    AUREN_OIDC_CLIENT_SECRET: client.secret,
    AUREN_OIDC_SIGNUP: 'invited',
    ...env,
  })
  const port = (url = '') => Number(new URL(url).port)
  const { neuros = '', biometric = '' } = here.services.addresses
  const ports = new Map([
    [8000, port(neuros)],
    [8888, port(biometric)],
  ])
  const app = createPwaServer(folder, await readRewrites(join(root, 'vercel.json')), ports)
  const open = new Set<{ getHeader(name: string): unknown; destroy(): void }>()
  const arrived: Deployment['arrived'] = []
  pwa.on('request', (request, response) => {
    const { url: path = '', method = '', headers } = request
    const known = { method, path, origin: headers.origin ?? null, cookie: headers.cookie !== undefined }
    response.on('finish', () => arrived.push({ ...known, status: response.statusCode }))
    const one = { getHeader: (name: string) => response.getHeader(name), destroy: () => response.socket?.destroy() }
    open.add(one)
    response.on('close', () => open.delete(one))
    app(request, response)
  })
  const post = async (path: string, body: unknown, token?: string): Promise<Record<string, string>> => {
    const answer = await fetch(`${neuros}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Record<string, string>
  }
  await post('/v1/auth/signup', operator)
  return {
    address,
    here,
    provider,
    arrived,
    pass: clock.pass,
    cut() {
      const streams = [...open].filter((one) => String(one.getHeader('content-type')).includes('event-stream'))
      for (const one of streams) one.destroy()
      return streams.length
    },
    async invite() {
      const { accessToken } = await post('/v1/auth/login', operator)
      return (await post('/v1/invitations', {}, accessToken)).invitation as string
    },
    async close() {
      pwa.closeAllConnections()
      await new Promise((resolve) => pwa.close(resolve))
      await here.close()
      await here.remove()
      await provider.close()
      clock.restore()
    },
  }
}

/** The services read `Date.now` when they start: from then on their time is ours to move. */
function shiftClock(): { pass(ms: number): void; restore(): void } {
  const real = Date.now
  let ahead = 0
  Date.now = () => real() + ahead
  return {
    pass(ms) {
      ahead += ms
    },
    restore() {
      Date.now = real
    },
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
