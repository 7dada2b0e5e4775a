// A server to be killed. It says what it finds unfinished in its folder before anything goes on with it, then where it
// answers; AUREN_FAILPOINT kills it at a named place, AUREN_FAULT_CLOCK_MS sets its clock wrong. SIGTERM ends it in order.
import { type AnyPlugin, type Auren, createAuren, type Journal } from '@auren/core'
import { neuros } from '@auren/plugins/neuros'
import { pglite } from '@auren/plugins/pglite'
import { compose } from '../../src/compose.js'
import { type Config, readConfig } from '../../src/config.js'
import { createLog, type Logger } from '../../src/log.js'
import { startServices } from '../../src/services.js'
import { wearablesOf } from '../../src/wearables.js'
import { startWork, type WorkThread } from '../../src/worker/start.js'
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

/**
 * On a folder: says what is unfinished there before anything goes on with it. The work is done in a thread, as `auren
 * start` has it, unless the clock is set wrong, which a thread would not know of.
 */
async function openFolder(config: Config, log: Logger): Promise<Auren> {
  const inner = pglite({ dataDir: config.dataDir })
  const plugins: readonly AnyPlugin[] = [
    {
      ...inner,
      async open(ctx) {
        const storage = await inner.open(ctx)
        say({ found: { unfinished: await unfinished(storage.journal) } })
        return storage
      },
    },
    ...wearablesOf(config),
    ...neuros(),
  ]
  const threaded = skew === 0
  let thread: WorkThread | null = null
  const auren = await createAuren({
    plugins,
    zone: config.zone,
    now,
    work: threaded ? 'none' : 'all',
    onWork: () => thread?.wake(),
    log: (level, message, fields) => log[level](fields ?? {}, message),
  })
  if (!threaded) return auren
  const started = await startWork(config, log, () => inner.share())
  thread = started
  return {
    ...auren,
    async close() {
      await started.close()
      await auren.close()
    },
  }
}

/** On servers: as an operator starts it, with sessions that a test can wait for. */
async function openServers(config: Config, log: Logger): Promise<Auren> {
  const kafka = config.kafka && { ...config.kafka, sessionTimeoutMs: SESSION_MS }
  const auren = await compose({ ...config, kafka }, log, { now })
  say({ found: { unfinished: null } })
  return auren
}

const SESSION_MS = 1500
const skew = Number(process.env.AUREN_FAULT_CLOCK_MS ?? 0)
const now = (): number => Date.now() + skew

const config = readConfig(process.env)
const log = createLog(config.logLevel)
const auren = await (config.postgres ? openServers(config, log) : openFolder(config, log))
const services = await startServices(auren, config, log, { neuros: 0, biometric: 0, pwa: 0, worker: 0 })
say({ addresses: services.addresses })
process.once('SIGTERM', () => {
  services
    .close()
    // A process of a deployment leaves what waits to the others; nobody else has the folder.
    .then(() => (config.postgres ? undefined : auren.ingest.settled()))
    .then(() => auren.close())
    .then(() => process.exit(0))
})
