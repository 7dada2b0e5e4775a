// An export goes into an embedded AUREN that serves meanwhile: how fast, in how much memory, and how late its event
// loop gets. Baselines: a bare saxes pass over the same file, and healthkit-to-sqlite where AUREN_HEALTHKIT_TO_SQLITE
// says where it is.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { readConfig } from '../packages/server/src/config.js'
import { createLog } from '../packages/server/src/log.js'
import { startServices } from '../packages/server/src/services.js'
import { composeServer } from '../packages/server/src/worker/start.js'
import { parseOnly } from './import-baseline.js'
import { healthkitToSqlite, importIntoSqlite, type Took } from './import-healthkit.js'
import { quantile, type Ratio, type Report, residentMegabytes } from './report.js'

const poller = resolve(import.meta.dirname, 'poll-health.mjs')
const folderMaker = resolve(import.meta.dirname, 'import-folder.ts')
const fileMaker = resolve(import.meta.dirname, 'import-file.ts')

/** Runs a script in a process of its own: what it leaves on a heap is not taken for the server's. */
async function aside(script: string, args: string[], env: Record<string, string> = {}): Promise<void> {
  const [code] = await once(fork(script, args, { env: { ...process.env, ...env } }), 'exit')
  if (code !== 0) throw new Error(`${basename(script)} ended with ${code}`)
}

/** What the process that polls tells: how long answers took, and how late its own event loop was, in ms. */
interface Polled {
  took: number[]
  latest: number
  p99: number
}

/** Asks /healthz from another process until the returned function is called. */
async function pollHealth(address: string): Promise<() => Promise<Polled>> {
  const child = fork(poller, [address], { execArgv: [] })
  await once(child, 'message')
  return async () => {
    const told = once(child, 'message') as Promise<[Polled]>
    child.send('stop')
    return (await told)[0]
  }
}

/** Imports a generated export of `bytes` (default 10⁹), or the `file` that is named. */
export async function measureImport(options: Record<string, string | undefined>): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'auren-bench-'))
  try {
    const path = options.file ?? join(folder, 'export.xml')
    const bytes = Number(options.bytes ?? 1e9)
    if (options.file === undefined) await aside(fileMaker, [path, String(bytes)])
    return await importFile(path, join(folder, 'data'), folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Processor time of all threads since `before`, in seconds: says more than the clock on a machine with other work. */
function cpuSeconds(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

/** Ratios to the other importer; none, and a loud word, where it is not there. */
async function againstOther(path: string, folder: string, ours: Took): Promise<Ratio[]> {
  const command = healthkitToSqlite()
  if (command === null) {
    console.warn(
      'SKIPPED: no ratio to healthkit-to-sqlite. Name it: AUREN_HEALTHKIT_TO_SQLITE=/path (see docs/benchmarks.md).',
    )
    return []
  }
  const other = await importIntoSqlite(command, path, folder)
  const of = 'healthkit-to-sqlite on the same file'
  return [
    { name: 'time, other importer', ours: ours.seconds, baseline: other.seconds, unit: 's', of },
    { name: 'processor time, other importer', ours: ours.cpu, baseline: other.cpu, unit: 's', of },
  ]
}

async function importFile(path: string, dataDir: string, folder: string): Promise<Report> {
  const env = { AUREN_DATA: dataDir, AUREN_ZONE: 'Europe/Berlin', AUREN_LOG_LEVEL: 'error' }
  await aside(folderMaker, [], env)
  const atRest = residentMegabytes()
  const config = readConfig(env)
  const log = createLog(config.logLevel)
  const auren = await composeServer(config, log)
  const services = await startServices(auren, config, log, { neuros: 0, biometric: 0, pwa: 0 })
  const opened = residentMegabytes()
  let peak = opened
  const watch = setInterval(() => {
    peak = Math.max(peak, residentMegabytes())
  }, 50)
  const stopPolling = await pollHealth(services.addresses.neuros ?? '')
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const cpuBefore = process.cpuUsage()
  const from = performance.now()
  let uploaded = from
  const view = await auren.ingest.file('apple-health', createReadStream(path, { highWaterMark: 1 << 20 }), {
    userId: config.user,
    name: 'export.xml',
    onProgress: ({ state }) => {
      if (state === 'uploading' || state === 'waiting') uploaded = performance.now()
    },
  })
  const stored = performance.now()
  const cpu = cpuSeconds(cpuBefore)
  delay.disable()
  clearInterval(watch)
  const { took: health, latest, p99 } = await stopPolling()
  await services.close()
  await auren.close()

  // Last, so that what it leaves on the heap is not taken for the import's.
  const cpuOfBare = process.cpuUsage()
  const bare = await parseOnly(path)
  const bareCpu = cpuSeconds(cpuOfBare)
  const seconds = (stored - from) / 1000
  const others = await againstOther(path, folder, { seconds, cpu })
  const bytes = view.progress.total ?? 0
  const perSecond = { records: bare.records / seconds, observations: view.progress.observations / seconds }
  return {
    bench: 'import',
    options: { bytes, records: bare.records, observations: view.progress.observations, aside: view.progress.rejected },
    figures: [
      { name: 'whole', value: seconds, unit: 's' },
      { name: 'processor time, all threads', value: cpu, unit: 's' },
      { name: 'upload, of it', value: (uploaded - from) / 1000, unit: 's' },
      { name: 'records', value: perSecond.records, unit: '/s' },
      { name: 'observations', value: perSecond.observations, unit: '/s' },
      { name: 'file', value: bytes / 1e6 / seconds, unit: 'MB/s' },
      { name: 'memory before opening', value: atRest, unit: 'MB' },
      { name: 'memory opened, idle', value: opened, unit: 'MB' },
      { name: 'memory, peak', value: peak, unit: 'MB' },
      { name: 'memory, peak above idle', value: peak - opened, unit: 'MB' },
      { name: 'event loop delay p50', value: delay.percentile(50) / 1e6, unit: 'ms' },
      { name: 'event loop delay p99', value: delay.percentile(99) / 1e6, unit: 'ms' },
      { name: 'event loop delay p99.9', value: delay.percentile(99.9) / 1e6, unit: 'ms' },
      { name: 'event loop delay max', value: delay.max / 1e6, unit: 'ms' },
      { name: '/healthz answers', value: health.length, unit: '' },
      { name: '/healthz p50', value: quantile(health, 0.5), unit: 'ms' },
      { name: '/healthz p99', value: quantile(health, 0.99), unit: 'ms' },
      { name: '/healthz max', value: Math.max(...health), unit: 'ms' },
    ],
    ratios: [
      {
        name: 'time',
        ours: seconds,
        baseline: bare.seconds,
        unit: 's',
        of: 'a bare saxes pass over the file, storing nothing',
      },
      {
        name: 'event loop delay max',
        ours: delay.max / 1e6,
        baseline: latest,
        unit: 'ms',
        of: 'a process that only waits, at the same time',
      },
      {
        name: 'event loop delay p99',
        ours: delay.percentile(99) / 1e6,
        baseline: p99,
        unit: 'ms',
        of: 'the same',
      },
      { name: 'processor time', ours: cpu, baseline: bareCpu, unit: 's', of: 'the saxes pass' },
      ...others,
    ],
  }
}
