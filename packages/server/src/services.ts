import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Auren, AurenError, asAurenError } from '@auren/core'
import type { Express } from 'express'
import { generateKeyPair } from 'jose'
import { connectionRoutes, importRoutes, quarantineRoutes, webhookRoutes } from './biometric/routes.js'
import type { Config } from './config.js'
import { createService } from './http/app.js'
import { healthRoutes } from './http/health.js'
import { ALGORITHM, type Identity } from './http/identity.js'
import type { Logger } from './log.js'
import { createMetrics } from './metrics.js'
import { memoryRoutes, readRoutes, threadRoutes } from './neuros/routes.js'
import { upkeepRoutes } from './neuros/upkeep.js'

/** Version that the services report. */
export const VERSION = '0.1.0'

/** Running services. */
export interface Services {
  addresses: { neuros: string; biometric: string }
  close(): Promise<void>
}

/** Starts NEUROS and Biometric over one AUREN. Port 0 takes any free one. */
export async function startServices(
  auren: Auren,
  config: Config,
  log: Logger,
  ports = config.ports,
): Promise<Services> {
  // Tokens of an embedded installation are for its own processes; a fresh key each start needs no file.
  const { publicKey } = await generateKeyPair(ALGORITHM)
  const identity: Identity = {
    local: config.user,
    key: publicKey,
    origins: [`http://localhost:${config.ports.pwa}`, `http://127.0.0.1:${config.ports.pwa}`, 'http://localhost:3000'],
  }
  const shared = { version: VERSION, identity, corsOrigins: config.corsOrigins, log }
  const state = { draining: false }
  const servers: Server[] = []
  try {
    const biometricServer = createServer()
    servers.push(biometricServer)
    const biometric = await listen(biometricServer, config.host, ports.biometric)
    const callback = (provider: string): string => `${biometric}/v1/connections/${provider}/callback`
    biometricServer.on(
      'request',
      createService({
        ...shared,
        title: 'AUREN Biometric',
        metrics: createMetrics('biometric', auren),
        routes: [
          ...healthRoutes('biometric', auren, state),
          ...webhookRoutes(auren, Date.now),
          ...importRoutes(auren),
          ...connectionRoutes(auren, callback),
          ...quarantineRoutes(auren),
        ],
      }) satisfies Express,
    )
    const neurosServer = createServer(
      createService({
        ...shared,
        title: 'AUREN NEUROS',
        metrics: createMetrics('neuros', auren),
        routes: [
          ...healthRoutes('neuros', auren, state),
          ...readRoutes(auren),
          ...threadRoutes(auren),
          ...memoryRoutes(auren),
          ...upkeepRoutes(config.dataDir),
        ],
      }),
    )
    servers.push(neurosServer)
    const neuros = await listen(neurosServer, config.host, ports.neuros)
    return {
      addresses: { neuros, biometric },
      async close() {
        state.draining = true
        await Promise.all(servers.map(stop))
      },
    }
  } catch (error) {
    await Promise.all(servers.map(stop))
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
