import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AurenError } from '../../../core/src/errors.js'
import type { Auren } from '../../../core/src/plugin/auren.js'
import { nightscout } from '../../../plugins/src/wearables/nightscout/index.js'
import { oura } from '../../../plugins/src/wearables/oura/index.js'
import { connectionRoutes, importRoutes } from '../../../server/src/biometric/routes.js'
import { createService } from '../../../server/src/http/app.js'
import type { Identity } from '../../../server/src/http/identity.js'
import { createLog } from '../../../server/src/log.js'
import type { Metrics } from '../../../server/src/metrics.js'
import { memoryRoutes, readRoutes, threadRoutes } from '../../../server/src/neuros/routes.js'
import { saidRoutes } from '../../../server/src/neuros/said.js'
import { createPwaServer } from '../../../server/src/pwa/server.js'
import { createMemory } from './memory.js'
import { createConversations } from './neuros.js'
import { cardOf, DAYS, daysBefore, daysOf, deviationOf, habits, seriesOf, TODAY } from './person.js'
import { createUploads } from './uploads.js'

/**
 * The services over an invented person: the real routes, with their schemas, streams and problems, over an AUREN that
 * holds no store. So the app is tested against the very wire, and a test can hold an answer or cut a stream.
 */
export async function startFake(folder: string) {
  const conversations = createConversations()
  const uploads = createUploads()
  const memory = createMemory()
  const state = { empty: false }
  const auren = {
    series: async (_user, { metric, from, to, buckets }) => ({
      metric,
      unit: habits.find((one) => one.metric === metric)?.unit ?? '1',
      buckets: seriesOf(metric, from, to, buckets),
    }),
    explain: async (_user, { metric, date }) => ({
      metric,
      date,
      rows: daysOf(metric, date, date).map((row) => ({ ...row, source: 'invented/1a2b3c/Invented ring' })),
      samples: daysOf(metric, date, date).map(({ value }) => ({
        metric,
        source: 'invented/1a2b3c/Invented ring',
        start: Date.parse(`${date}T05:00:00Z`),
        end: null,
        value,
        offset: 60,
        zoneBasis: 'carried' as const,
        flags: 0,
        rawRef: 'delivery-1',
        recordId: null,
        version: null,
        receivedAt: Date.parse(`${date}T08:12:00Z`),
      })),
      more: 0,
      text: 'One measurement of the ring.',
    }),
    today: async () =>
      state.empty
        ? {
            date: TODAY,
            items: [],
            notes: ['There are no measurements yet. Import an export file, or connect a device.'],
          }
        : { date: TODAY, items: habits.map(({ metric }) => cardOf(metric)), notes: ['No glucose since 2026-10-02.'] },
    metrics: async () =>
      habits.map(({ metric, title, unit }) => ({
        metric,
        title,
        unit,
        from: daysBefore(DAYS - 1),
        to: TODAY,
        days: DAYS - 10,
        n: DAYS,
        sources: ['invented/1a2b3c/Invented ring'],
      })),
    query: async (_user, query) => {
      if (!('pattern' in query)) throw new AurenError('AUREN_QUERY_INVALID', 'The invented engine knows patterns only.')
      return deviationOf(query.metric, query.date ?? TODAY)
    },
    neuros: conversations.neuros,
    threads: conversations.threads as unknown as Auren['threads'],
    removeThread: conversations.removeThread,
    memory: { for: () => memory.memory },
    plugins: { list: () => [oura({ clientId: 'i', clientSecret: 's', verificationToken: 'v' }), nightscout()] },
    ingest: {
      ...uploads.door,
      connections: {
        list: async () => [
          {
            provider: 'oura',
            account: 'a1',
            status: 'revoked',
            lastSyncAt: Date.parse('2026-11-01T09:00:00Z'),
            error: null,
          },
        ],
      } as unknown as Auren['ingest']['connections'],
    } as Auren['ingest'],
  } satisfies Omit<Partial<Auren>, 'plugins'> & { plugins: { list(): unknown } } as unknown as Auren

  const servers = [createServer(), createServer(), createServer()] as const
  const [neuros, biometric, pwa] = await Promise.all([listen(servers[0]), listen(servers[1]), listen(servers[2])])
  const identity: Identity = {
    local: 'invented',
    origins: [`http://localhost:${pwa}`, `http://127.0.0.1:${pwa}`],
    bearer: async () => {
      throw new AurenError('AUREN_UNAUTHENTICATED', 'Nobody signs in here.')
    },
  }
  const metrics: Metrics = {
    scrape: async () => ({ type: 'text/plain', text: '' }),
    observe: (_q, _s, next) => next(),
    page: (_q, _s, next) => next(),
  }
  const shared = { version: '0', identity, corsOrigins: null, metrics, log: createLog('silent') }
  const read = createService({
    ...shared,
    title: 'fake',
    routes: [...readRoutes(auren), ...threadRoutes(auren), ...memoryRoutes(auren), ...saidRoutes(auren)],
  })
  servers[0].on('request', read)
  servers[1].on(
    'request',
    createService({
      ...shared,
      title: 'fake',
      routes: [...importRoutes(auren), ...connectionRoutes(auren, (name) => name)],
    }),
  )
  const rewrites = [
    { prefix: '/api/neuros/', port: 8000 },
    { prefix: '/api/biometric/', port: 8888 },
  ]
  const ports = new Map([
    [8000, neuros],
    [8888, biometric],
  ])
  const page = createPwaServer(folder, rewrites, ports)
  const streams = new Set<ServerResponse>()
  servers[2].on('request', (request, response) => {
    streams.add(response)
    response.on('close', () => streams.delete(response))
    page(request, response)
  })

  return {
    address: `http://localhost:${pwa}`,
    conversations,
    uploads,
    memory,
    /** The person has nothing yet. */
    empty(yes: boolean) {
      state.empty = yes
    },
    /** Breaks every stream that the page has open, as a lost network does. Returns how many there were. */
    cut(): number {
      const open = [...streams].filter((response) =>
        String(response.getHeader('content-type')).includes('event-stream'),
      )
      for (const response of open) response.socket?.destroy()
      return open.length
    },
    close: async () => {
      await Promise.all(
        servers.map((server) => {
          server.closeAllConnections()
          return new Promise((resolve) => server.close(resolve))
        }),
      )
    },
  }
}

/** The services and what a test can do with them. */
export type Fake = Awaited<ReturnType<typeof startFake>>

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
