import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { type MessagePort, Worker } from 'node:worker_threads'
import { type Auren, AurenError, type Messages, publish } from '@auren/core'
import { type ComposeOptions, compose } from '../compose.js'
import type { Config } from '../config.js'
import type { Logger } from '../log.js'
import type { WorkAsked, WorkOrder, WorkTold } from './work.js'

/** How long a thread that failed is left alone at first, and at most, in ms. */
const FIRST_PAUSE_MS = 500
const MOST_PAUSE_MS = 30_000
/** New objects of a large batch die young: with this much room they need not be copied until they do. In MB. */
const YOUNG_MB = 48
/**
 * How much the old generation may grow over what lived through the last collection, in per cent. V8 lets it grow
 * fourfold: what an import has done with then stood at 120 MB before it was given back, for no time that was gained.
 */
const GROWING_PERCENT = 60
/**
 * How much a function must have run before the V8 of Node 20 optimizes it, as its budget of bytecode (66 KB by default).
 * Four background threads spent a fifth of an import's processor time on optimizing functions that then ran for less
 * than that took; what is hot reaches this within a second.
 */
const OPTIMIZED_AFTER = 800_000

/** The thread that does the work. */
export interface WorkThread {
  wake(): void
  /** Lets what runs end. */
  close(): Promise<void>
}

/**
 * Composes an AUREN of which relay, consumer and jobs run in a thread of their own where it is embedded, so that an
 * import never makes a request wait; what is deployed has processes for that, and is composed as ever.
 */
export async function composeServer(config: Config, log: Logger, options: ComposeOptions = {}): Promise<Auren> {
  if (config.postgres || !config.roles.has('worker')) return compose(config, log, options)
  // Of the whole process, as V8's flags are; they are read at each collection, and whenever a function's budget is filled.
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`)
  // Later ones count calls instead, and write an error for a flag that they do not know.
  if (Number.parseInt(process.versions.v8, 10) < 12) setFlagsFromString(`--interrupt-budget=${OPTIMIZED_AFTER}`)
  let thread: WorkThread | null = null
  const auren = await compose(config, log, { ...options, work: 'none', onWork: () => thread?.wake() })
  try {
    const storage = auren.plugins.require('storage', 'pglite') as unknown as { share(): Promise<MessagePort> }
    thread = await startWork(config, log, () => storage.share())
  } catch (error) {
    await auren.close()
    throw error
  }
  const started = thread
  return {
    ...auren,
    async close() {
      await started.close()
      await auren.close()
    },
  }
}

/**
 * Starts the thread; one that fails later is started again, and goes on where its work stood.
 * @param share gives a port to the database, a new one each time
 * @throws AurenError where it does not come up
 */
export async function startWork(
  config: WorkOrder['config'],
  log: Logger,
  share: () => Promise<MessagePort>,
): Promise<WorkThread> {
  const { dataDir, masterKey, zone, wearables, publicBiometricUrl } = config
  const stop = new AbortController()
  let worker: Worker | null = null
  let failures = 0

  const begin = async (): Promise<void> => {
    const database = await share()
    const order: WorkOrder = { config: { dataDir, masterKey, zone, wearables, publicBiometricUrl }, database }
    const started = new Worker(entryFile(), {
      workerData: { ...order, source: import.meta.url.endsWith('.ts') },
      transferList: [database],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    })
    worker = started
    let cause: unknown
    const ready = new Promise<void>((resolve, reject) => {
      started.on('message', (told: WorkTold) => {
        if (told.kind === 'ready') resolve()
        else if (told.kind === 'failed') reject(new AurenError('AUREN_INTERNAL', `${told.code}: ${told.message}`))
        else if (told.kind === 'log') log[told.level](told.fields, told.message)
        else publish(told.name, told.message as Messages[typeof told.name])
      })
      started.on('error', (error) => {
        cause = error
        reject(error)
      })
      started.on('exit', () => reject(new AurenError('AUREN_INTERNAL', 'The thread that does the work has ended.')))
    })
    await ready
    failures = 0
    started.on('exit', () => {
      worker = null
      if (stop.signal.aborted) return
      log.error({ cause: cause instanceof Error ? cause.name : null }, 'the thread that does the work failed')
      again().catch(() => undefined)
    })
  }

  const again = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await wait(Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures++), undefined, { signal: stop.signal })
      try {
        return await begin()
      } catch {
        log.error({ failures }, 'the thread that does the work did not start')
      }
    }
  }

  await begin()
  return {
    wake: () => ask('wake'),
    async close() {
      stop.abort()
      const running = worker
      if (!running) return
      const ended = new Promise((resolve) => running.once('exit', resolve))
      ask('stop')
      await ended
    },
  }

  function ask(what: WorkAsked): void {
    worker?.postMessage(what)
  }
}

/** Beside this file in source; in the built package, where its code is elsewhere, still in `src`. */
function entryFile(): string {
  const beside = fileURLToPath(new URL('./thread.js', import.meta.url))
  return existsSync(beside) ? beside : fileURLToPath(new URL('../src/worker/thread.js', import.meta.url))
}
