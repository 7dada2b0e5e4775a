import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { AurenError } from '@auren/core'

/** PostgreSQL in a thread of its own: bytes of the wire protocol in and out. */
export interface Engine {
  /** Transfers `bytes`: they must not be used afterwards. */
  exec(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>
  /** The data folder as a tar, not compressed. */
  dump(): Promise<Uint8Array>
  /** How often a file was flushed to the disk: at least once per commit that wrote, in a folder. */
  flushes(): Promise<number>
  close(): Promise<void>
}

/** Where the database is. */
export interface EngineOptions {
  /** `memory://` or a folder. */
  dataDir: string
  /** A dump to start from; the folder must be empty. */
  tarball?: Uint8Array<ArrayBuffer>
}

interface Reply {
  id: number
  bytes?: Uint8Array
  error?: { message: string; code?: string }
}

/**
 * Starts the thread and opens (or makes) the database.
 * @throws AurenError AUREN_PEER_MISSING without PGlite; AUREN_STORE_UNAVAILABLE when the database does not start
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const worker = new Worker(workerFile())
  const pending = new Map<number, { resolve(bytes: Uint8Array): void; reject(error: Error): void }>()
  let failure: AurenError | null = null
  let count = 0

  const fail = (message: string, cause?: unknown): void => {
    failure ??= new AurenError('AUREN_STORE_UNAVAILABLE', message, { cause, plugin: 'pglite' })
    for (const { reject } of pending.values()) reject(failure)
    pending.clear()
  }
  worker.on('message', ({ id, bytes, error }: Reply) => {
    const call = pending.get(id)
    pending.delete(id)
    if (error) call?.reject(engineError(error))
    else call?.resolve(bytes as Uint8Array)
    // A thread at rest must not keep a script from ending.
    if (pending.size === 0) worker.unref()
  })
  worker.on('error', (error) => fail('The database thread failed: start again; what was committed is kept', error))
  worker.on('exit', () => fail('The database is closed'))

  const call = (what: Record<string, unknown>, transfer: ArrayBuffer[] = []): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      if (failure) return reject(failure)
      const id = ++count
      pending.set(id, { resolve, reject })
      worker.ref()
      worker.postMessage({ id, call: what }, transfer)
    })

  try {
    await call({ kind: 'open', ...options })
  } catch (error) {
    await worker.terminate()
    throw error
  }
  return {
    exec: (bytes) => call({ kind: 'exec', bytes }, [bytes.buffer]),
    dump: () => call({ kind: 'dump' }),
    flushes: async () => Number(new TextDecoder().decode(await call({ kind: 'flushes' }))),
    async close() {
      if (failure) return
      const exited = new Promise((resolve) => worker.once('exit', resolve))
      await call({ kind: 'close' })
      worker.ref()
      await exited
    },
  }
}

/** Beside this file in source; in a built package the same file by its subpath. */
function workerFile(): string {
  const beside = fileURLToPath(new URL('./worker.js', import.meta.url))
  return existsSync(beside) ? beside : createRequire(import.meta.url).resolve('@auren/plugins/pglite/worker')
}

function engineError({ message, code }: { message: string; code?: string }): AurenError {
  if (code === 'ERR_MODULE_NOT_FOUND')
    return new AurenError('AUREN_PEER_MISSING', 'Install the embedded database: npm install @electric-sql/pglite', {
      plugin: 'pglite',
    })
  return new AurenError('AUREN_STORE_UNAVAILABLE', `The embedded database failed: ${message}`, { plugin: 'pglite' })
}
