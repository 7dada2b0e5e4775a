import { existsSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { type Auren, AurenError, asAurenError } from '@auren/core'
import type { Express } from 'express'
import { observationRoutes } from './biometric/observations.js'
import { operatorRoutes } from './biometric/quarantine.js'
import { replayRoutes } from './biometric/replays.js'
import { connectionRoutes, importRoutes, quarantineRoutes, webhookRoutes } from './biometric/routes.js'
import type { Config } from './config.js'
import type { Role } from './deployment.js'
import { createService } from './http/app.js'
import { healthRoutes } from './http/health.js'
import type { Route } from './http/route.js'
import { createBoundedServer } from './http/server.js'
import { openAccess } from './identity/serve.js'
import type { Logger } from './log.js'
import { createMetrics } from './metrics.js'
import { memoryRoutes, readRoutes, threadRoutes } from './neuros/routes.js'
import { saidRoutes } from './neuros/said.js'
import { upkeepRoutes } from './neuros/upkeep.js'
import { createMetricsServer, type Scrape } from './observe/page.js'
import { logWork } from './observe/work.js'

/** Version that the services report. */
export const VERSION = '0.1.0'

/** Running services, those of the process's roles. */
export interface Services {
  addresses: Partial<Record<Role, string>>
  /** Says that no more work is wanted (readiness turns to 503), then lets what runs end. */
  close(): Promise<void>
}

/** Starts what this process is for over one AUREN: NEUROS, Biometric, or the worker's health page. Port 0 takes any free one. */
export async function startServices(
  auren: Auren,
  config: Config,
  log: Logger,
  ports: Partial<Config['ports']> = config.ports,
): Promise<Services> {
  const access = await openAccess(auren, config, log)
  const unlisten = logWork(log)
  const state = { draining: false }
  const servers: Server[] = []
  const addresses: Services['addresses'] = {}
  let scrape: Scrape | null = null
  const serve = async (role: Role, title: string, routes: (address: string) => Route[]): Promise<void> => {
    const server = createBoundedServer()
    servers.push(server)
    const address = await listen(server, config.host, ports[role] ?? 0)
    const metrics = createMetrics(role, auren, {
      access: config.metrics,
      folder: existsSync(config.dataDir) ? config.dataDir : '/',
    })
    scrape ??= metrics.scrape
    server.on(
      'request',
      createService({
        title,
        service: role,
        version: VERSION,
        identity: access.identity,
        guard: access.guard,
        trustProxy: config.identity.trustProxy,
        corsOrigins: config.corsOrigins,
        log,
        metrics,
        routes: [...healthRoutes(role, auren, state), ...routes(address)],
      }) satisfies Express,
    )
    addresses[role] = address
  }
  try {
    if (config.roles.has('biometric'))
      await serve('biometric', 'AUREN Biometric', (address) => [
        ...webhookRoutes(auren, Date.now),
        ...observationRoutes(auren),
        ...importRoutes(auren),
        ...connectionRoutes(
          auren,
          (provider) => `${config.publicBiometricUrl ?? address}/v1/connections/${provider}/callback`,
        ),
        ...quarantineRoutes(auren),
        ...replayRoutes(auren),
        ...operatorRoutes(auren, access.guard.note),
      ])
    if (config.roles.has('neuros'))
      await serve('neuros', 'AUREN NEUROS', () => [
        ...readRoutes(auren),
        ...threadRoutes(auren),
        ...memoryRoutes(auren),
        ...saidRoutes(auren),
        ...access.routes,
        ...(config.postgres ? [] : upkeepRoutes(config.dataDir)),
      ])
    // A worker beside a service is seen through that service's own pages.
    if (config.roles.size === 1 && config.roles.has('worker')) await serve('worker', 'AUREN worker', () => [])
    if (config.metrics.port !== null && scrape) {
      const server = createMetricsServer(scrape, config.metrics)
      servers.push(server)
      await listen(server, config.host, config.metrics.port)
    }
    return {
      addresses,
      async close() {
        unlisten()
        state.draining = true
        await wait(config.drainSeconds * 1000)
        await Promise.all(servers.map(stop))
        await access.close()
      },
    }
  } catch (error) {
    unlisten()
    await Promise.all(servers.map(stop))
    await access.close()
    throw asAurenError(error)
  }
}

/** Listens, and returns the address as a URL. @throws AurenError AUREN_CONFIG_INVALID where the port is taken */
export function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const message =
        cause.code === 'EADDRINUSE'
          ? `Port ${port} is in use by another program. Stop it, or choose other ports with AUREN_NEUROS_PORT, AUREN_BIOMETRIC_PORT and AUREN_PWA_PORT.`
          : `Cannot listen on ${host}:${port}: ${cause.message}`
      reject(new AurenError('AUREN_CONFIG_INVALID', message, { cause }))
    })
    server.listen(port, host, () => {
      const address = server.address() as AddressInfo
      resolve(`http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`)
    })
  })
}

/** Lets running requests end, for at most 25 s. */
export function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), 25_000)
    server.close(() => {
      clearTimeout(force)
      resolve()
    })
    server.closeIdleConnections()
  })
}
