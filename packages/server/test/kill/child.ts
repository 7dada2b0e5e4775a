// A server to be killed. It says what it finds unfinished in its folder before anything goes on with it, then where it
// answers; AUREN_FAILPOINT kills it at a named place. SIGTERM ends it in order.
import { type AnyPlugin, createAuren, type Journal } from '@auren/core'
import { appleHealth } from '@auren/plugins/apple-health'
import { neuros } from '@auren/plugins/neuros'
import { oura } from '@auren/plugins/oura'
import { pglite } from '@auren/plugins/pglite'
import { readConfig } from '../../src/config.js'
import { createLog } from '../../src/log.js'
import { startServices } from '../../src/services.js'
import type { Found } from './server.js'

const say = (line: unknown): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

async function unfinished(journal: Journal): Promise<Found> {
  const jobs = await journal.transaction((tx) => journal.listJobs(tx, { limit: 1000 }))
  const { waiting } = await journal.lag()
  return {
    waiting,
    imports: jobs
      .filter(({ kind }) => kind === 'import')
      .map(({ id, state, progress }) => ({ id, state, step: Number(progress.step ?? 0) })),
    fetches: jobs.filter(({ kind, state }) => kind === 'fetch' && (state === 'waiting' || state === 'running')).length,
  }
}

const config = readConfig(process.env)
const log = createLog(config.logLevel)
const inner = pglite({ dataDir: config.dataDir })
const plugins: readonly AnyPlugin[] = [
  {
    ...inner,
    async open(ctx) {
      const storage = await inner.open(ctx)
      say({ found: await unfinished(storage.journal) })
      return storage
    },
  },
  appleHealth(),
  ...(config.oura ? [oura(config.oura)] : []),
  ...neuros(),
]
const auren = await createAuren({
  plugins,
  zone: config.zone,
  log: (level, message, fields) => log[level](fields ?? {}, message),
})
const services = await startServices(auren, config, log, { neuros: 0, biometric: 0, pwa: 0 })
say({ addresses: services.addresses })
process.once('SIGTERM', () => {
  services
    .close()
    .then(() => auren.ingest.settled())
    .then(() => auren.close())
    .then(() => process.exit(0))
})
