import type { Auren } from '@auren/core'
import type { Role } from '../deployment.js'
import { answered, type Route, route } from './route.js'

/** `/healthz`: the process lives. `/readyz`: it can keep its promise. `/health`: as the first AUREN answered. */
export function healthRoutes(service: Role, auren: Pick<Auren, 'health'>, state: { draining: boolean }): Route[] {
  const ready = async (): Promise<{ ok: boolean; reasons: string[]; degraded: string[] }> => {
    if (state.draining) return { ok: false, reasons: ['draining'], degraded: [] }
    const { store, degraded } = await auren.health()
    return {
      ok: store === null,
      reasons: store === null ? [] : [`store: ${store}`],
      degraded: degraded.map(({ name, code }) => (code === null ? name : `${name}: ${code}`)),
    }
  }
  const open = { auth: false, tag: 'health' } as const
  return [
    route({
      ...open,
      method: 'get',
      path: '/healthz',
      summary: 'The process lives',
      handle: async () => ({ status: 'ok' }),
    }),
    route({
      ...open,
      method: 'get',
      path: '/readyz',
      summary:
        'Whether the service can keep its promise: 200 (and what it does without meanwhile), or 503 with reasons',
      async handle({ response }) {
        const { ok, reasons, degraded } = await ready()
        response.status(ok ? 200 : 503).json({ status: ok ? 'ready' : 'not ready', reasons, degraded })
        return answered
      },
    }),
    route({
      ...open,
      method: 'get',
      path: '/health',
      summary: 'As the first AUREN answered, but true',
      async handle({ response }) {
        const { ok, reasons } = await ready()
        response.status(ok ? 200 : 503).json({ status: ok ? 'healthy' : 'unhealthy', service, reasons })
        return answered
      },
    }),
  ]
}
