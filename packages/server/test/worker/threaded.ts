// A server whose work is done in a thread: imports a file, takes a batch, loses its thread, and says what came of it.
import { subscribe } from 'node:diagnostics_channel'
import type { Worker } from 'node:worker_threads'
import { channels, createAuren } from '@auren/core'
import { appleHealth } from '@auren/plugins/apple-health'
import { neuros } from '@auren/plugins/neuros'
import { pglite } from '@auren/plugins/pglite'
import { readConfig } from '../../src/config.js'
import { createLog } from '../../src/log.js'
import { startWork, type WorkThread } from '../../src/worker/start.js'

const config = readConfig(process.env)
const storage = pglite({ dataDir: config.dataDir })
let thread: WorkThread | null = null
const auren = await createAuren({
  plugins: [storage, appleHealth(), ...neuros()],
  zone: config.zone,
  work: 'none',
  onWork: () => thread?.wake(),
})
let storedTold = 0
subscribe(channels.stored, () => {
  storedTold++
})
const { userId, today } = { userId: config.user, today: '2025-07-02' }

const pulse = (minute: number, value: number): string =>
  `<Record type="HKQuantityTypeIdentifierHeartRate" sourceName="Watch" unit="count/min" creationDate="2025-07-01 09:00:00 +0200" startDate="2025-07-01 08:0${minute}:00 +0200" endDate="2025-07-01 08:0${minute}:00 +0200" value="${value}"/>`
const xml = `<?xml version="1.0"?><HealthData locale="en">${[60, 62, 64].map((value, at) => pulse(at, value)).join('')}</HealthData>`
const steps = (value: number, day: string) => ({
  shape: 'daily_total' as const,
  metric: 'steps',
  date: day,
  value,
  unit: '{steps}',
  source: { name: 'App', type: 'app' as const },
  offset: 120,
  zoneBasis: 'carried' as const,
})
const ask = (metric: string, aggregate: 'mean' | 'sum', day: string) =>
  auren.query(
    userId,
    { measure: { of: 'metric', metric }, aggregate, period: { kind: 'between', from: day, to: day } },
    { today },
  )

/** Until the work thread is up again it is nobody's: what comes in waits. */
const settled = async (receipt: string): Promise<boolean> => {
  await auren.ingest.processed(userId, receipt, { timeoutMs: 60_000 })
  return true
}

const workers: Worker[] = []
process.on('worker', (worker) => workers.push(worker))
thread = await startWork(config, createLog(config.logLevel), () => storage.share())
const file = (async function* () {
  yield Buffer.from(xml)
})()
const imported = await auren.ingest.file('apple-health', file, { userId, name: 'export.xml' })
const mean = await ask('heart_rate', 'mean', '2025-07-01')

const first = await auren.ingest.observations({ userId, provider: 'app', observations: [steps(5000, '2025-06-30')] })
const processed = await settled(first.id)

const before = workers.length
await workers.at(-1)?.terminate()
const second = await auren.ingest.observations({ userId, provider: 'app', observations: [steps(7000, '2025-07-01')] })
await settled(second.id)
const afterDeath = await ask('steps', 'sum', '2025-07-01')
console.log(
  JSON.stringify({ imported, mean, processed, storedTold, afterDeath, startedAgain: workers.length - before }),
)
await thread.close()
await auren.close()
