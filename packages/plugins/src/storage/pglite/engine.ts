import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { AurenError, type Lane } from '@auren/core'

/** PostgreSQL in a thread of its own: bytes of the wire protocol in and out. */
export interface Engine {
  /**
   * Transfers `bytes`: they must not be used afterwards. The first call of a transaction waits until no other thread is
   * in one.
   */
  exec(bytes: Uint8Array<ArrayBuffer>, lane: Lane): Promise<Uint8Array>
  /** The transaction has ended; `following` is the lane of one that waits in this thread already. */
  end(following: Lane | null): void
  close(): Promise<void>
}

/** The engine as the thread has it that started it. */
export interface OwnEngine extends Engine {
  /** The data folder as a tar, not compressed. */
  dump(): Promise<Uint8Array>
  /** How often a file was flushed to the disk: at least once per commit that wrote, in a folder. */
  flushes(): Promise<number>
  /** A port for another thread to use this engine by ({@link connectEngine}). Call it between `exec` and `end`. */
  share(): MessagePort
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

/** Either end of a channel to the thread. */
type Line = Pick<MessagePort, 'postMessage' | 'ref' | 'unref'> & {
  on(event: 'message', listener: (reply: Reply) => void): unknown
}

/** Calls over a line, and what makes all of them fail once it is cut. */
function createCalls(line: Line) {
  const pending = new Map<number, { resolve(bytes: Uint8Array): void; reject(error: Error): void }>()
  let failure: AurenError | null = null
  let count = 0

  line.on('message', ({ id, bytes, error }: Reply) => {
    const call = pending.get(id)
    pending.delete(id)
    if (error) call?.reject(engineError(error))
    else call?.resolve(bytes as Uint8Array)
    // A thread at rest must not keep a script from ending.
    if (pending.size === 0) line.unref()
  })
  const call = (what: Record<string, unknown>, transfer: ArrayBuffer[] = []): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      if (failure) return reject(failure)
      const id = ++count
      pending.set(id, { resolve, reject })
      line.ref()
      line.postMessage({ id, call: what }, transfer)
    })
  return {
    call,
    exec: (bytes: Uint8Array<ArrayBuffer>, lane: Lane) => call({ kind: 'exec', bytes, lane }, [bytes.buffer]),
    end(following: Lane | null) {
      if (!failure) line.postMessage({ id: 0, call: { kind: 'end', following } })
    },
    fail(message: string, cause?: unknown): void {
      failure ??= new AurenError('AUREN_STORE_UNAVAILABLE', message, { cause, plugin: 'pglite' })
      for (const { reject } of pending.values()) reject(failure)
      pending.clear()
    },
    failed: () => failure !== null,
  }
}

/**
 * Starts the thread and opens (or makes) the database.
 * @throws AurenError AUREN_PEER_MISSING without PGlite; AUREN_STORE_UNAVAILABLE when the database does not start
 */
export async function startEngine(options: EngineOptions): Promise<OwnEngine> {
  if (isUnmade(options)) await makeDatabase(options)
  const worker = new Worker(workerFile())
  const { call, exec, end, fail, failed } = createCalls(worker)
  let shared = false
  worker.on('error', (error) => fail('The database thread failed: start again; what was committed is kept', error))
  worker.on('exit', () => fail('The database is closed'))
  try {
    await call({ kind: 'open', ...options })
  } catch (error) {
    await worker.terminate()
    throw error
  }
  return {
    exec,
    end(following) {
      // Alone, a thread has the turn for good.
      if (shared) end(following)
    },
    dump: () => call({ kind: 'dump' }),
    flushes: async () => Number(new TextDecoder().decode(await call({ kind: 'flushes' }))),
    share() {
      const { port1, port2 } = new MessageChannel()
      worker.postMessage({ id: 0, call: { kind: 'share', port: port1 } }, [port1])
      shared = true
      return port2
    },
    async close() {
      if (failed()) return
      const exited = new Promise((resolve) => worker.once('exit', resolve))
      await call({ kind: 'close' })
      worker.ref()
      await exited
    },
  }
}

/**
 * Makes the database in a thread that then ends: making one takes half a gigabyte, and the memory of a WebAssembly
 * engine is given back with its thread only.
 */
async function makeDatabase(options: EngineOptions): Promise<void> {
  const maker = new Worker(workerFile())
  const { call, fail } = createCalls(maker)
  maker.on('error', (error) => fail('The database thread failed while it made the database: start again', error))
  maker.on('exit', () => fail('The database was not made: start again'))
  try {
    await call({ kind: 'open', ...options })
    await call({ kind: 'close' })
  } finally {
    await maker.terminate()
  }
}

function isUnmade({ dataDir, tarball }: EngineOptions): boolean {
  return !tarball && !dataDir.startsWith('memory://') && !existsSync(join(dataDir, 'PG_VERSION'))
}

/** The engine of another thread, over a port that it gave. Closing it leaves the engine open. */
export function connectEngine(port: MessagePort): Engine {
  const { exec, end, fail } = createCalls(port)
  port.on('close', () => fail('The database is closed'))
  port.unref()
  return {
    exec,
    end,
    async close() {
      port.close()
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
