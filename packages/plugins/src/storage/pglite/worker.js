// The thread that PostgreSQL (PGlite) runs in. It knows nothing of SQL or of queues: bytes of the wire protocol come
// in and go out, one message after the other, so that a slow statement never stalls the thread that serves requests.
// Plain JavaScript, because a Worker starts from a file and this one is the same file in source and in the package.
import { closeSync, existsSync, fsyncSync, openSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parentPort } from 'node:worker_threads'
import { createTurns } from './turns.js'

/**
 * @typedef {(
 *   | { kind: 'open', dataDir: string, tarball?: Uint8Array<ArrayBuffer> }
 *   | { kind: 'exec', bytes: Uint8Array<ArrayBuffer>, lane: import('./turns.js').Lane }
 *   | { kind: 'end', following: import('./turns.js').Lane | null }
 *   | { kind: 'share', port: import('node:worker_threads').MessagePort }
 *   | { kind: 'dump' }
 *   | { kind: 'flushes' }
 *   | { kind: 'close' }
 * )} Call
 */

if (parentPort === null) throw new Error('worker.js runs in a worker thread only')
const port = parentPort

/** @type {import('@electric-sql/pglite').PGlite | undefined} */
let db

/**
 * PostgreSQL's own cache. PGlite's 128 MB would all be resident in time; files are read through the system's cache, and a
 * person's days take tens of megabytes.
 */
const buffers = '32MB'

/** How often a file was flushed to the disk. */
let flushes = 0

/** @typedef {Pick<import('node:worker_threads').MessagePort, 'on' | 'postMessage'>} Client a thread that uses the session */

/** @type {ReturnType<typeof createTurns<Client>>} */
const turns = createTurns()

/**
 * Answers a thread: its calls one after the other, in the order in which they came.
 * @param {Client} client
 */
function serve(client) {
  let last = Promise.resolve()
  client.on('message', (/** @type {{ id: number, call: Call }} */ { id, call }) => {
    last = last.then(async () => {
      // Nobody waits for an answer to these.
      if (call.kind === 'end') return turns.end(client, call.following)
      if (call.kind === 'share') {
        serve(call.port)
        // Only the thread that opened the database keeps it open.
        return call.port.unref()
      }
      try {
        if (call.kind === 'exec') await turns.take(client, call.lane)
        const bytes = await answer(call)
        client.postMessage({ id, bytes }, [bytes.buffer])
      } catch (error) {
        const { message, code } = /** @type {Error & { code?: string }} */ (error)
        client.postMessage({ id, error: { message: message ?? String(error), code } })
      }
      if (call.kind === 'close') port.close()
    })
  })
  // A thread that died in the middle of a transaction must not hold up the others, nor have them commit it.
  client.on('close', () => {
    last = last.then(async () => {
      if (turns.has(client) && db !== undefined) await execute(db, simpleQuery('rollback'))
      turns.leave(client)
    })
  })
}
serve(port)

/**
 * @param {string} text
 * @returns {Uint8Array} a message of PostgreSQL's protocol
 */
function simpleQuery(text) {
  const bytes = Buffer.from(`Q....${text}\0`)
  bytes.writeInt32BE(bytes.length - 1, 1)
  return bytes
}

/**
 * @param {Exclude<Call, { kind: 'end' | 'share' }>} call
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function answer(call) {
  if (call.kind === 'open') {
    db = await open(call.dataDir, call.tarball)
    return new Uint8Array(0)
  }
  if (db === undefined) throw new Error('The database is not open')
  if (call.kind === 'exec') return execute(db, call.bytes)
  if (call.kind === 'flushes') return new TextEncoder().encode(String(flushes))
  if (call.kind === 'dump') return new Uint8Array(await (await db.dumpDataDir('none')).arrayBuffer())
  await db.close()
  db = undefined
  return new Uint8Array(0)
}

/**
 * @param {string} dataDir
 * @param {Uint8Array<ArrayBuffer>} [tarball]
 */
async function open(dataDir, tarball) {
  const { PGlite } = await import('@electric-sql/pglite')
  const onDisk = !dataDir.startsWith('memory://')
  const isNew = onDisk && !existsSync(join(dataDir, 'PG_VERSION'))
  const pg = await PGlite.create({
    dataDir,
    ...(tarball ? { loadDataDir: new Blob([tarball]) } : {}),
    // PGlite switches fsync off (-F), and its fdatasync does nothing. Without the one and past the other, PostgreSQL
    // flushes its log before it calls a transaction committed, as it does everywhere else.
    ...(onDisk
      ? {
          startParams: [
            ...PGlite.defaultStartParams.filter((param) => param !== '-F'),
            ...['-c', 'wal_sync_method=fsync', '-c', `shared_buffers=${buffers}`],
          ],
        }
      : {}),
  })
  if (onDisk) {
    flushForReal(pg)
    // What made the folder did so before files could be flushed.
    if (isNew) flushTree(dataDir)
  }
  return pg
}

/**
 * The engine's file system ignores fsync: here it is done. It never asks to flush folders either, so a file's folder
 * is flushed with it when its path is seen for the first time (a new or renamed segment of the log).
 * @param {import('@electric-sql/pglite').PGlite} pg
 */
function flushForReal(pg) {
  /** @typedef {{ nfd: number, node: object }} Stream */
  const files =
    /** @type {{ stream_ops: { fsync?: (stream: Stream) => number }, realPath: (node: object) => string }} */ (
      /** @type {unknown} */ (pg.Module.FS.filesystems.NODEFS)
    )
  /** @type {Set<string>} */
  const known = new Set()
  files.stream_ops.fsync = ({ nfd, node }) => {
    fsyncSync(nfd)
    flushes++
    const path = files.realPath(node)
    if (!known.has(path)) {
      known.add(path)
      flushFolder(dirname(path))
    }
    return 0
  }
}

/** @param {string} folder */
function flushTree(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) flushTree(path)
    else flush(path)
  }
  flushFolder(folder)
}

/** @param {string} folder */
function flushFolder(folder) {
  // Like a file, except on Windows, where that is neither possible nor needed.
  if (process.platform !== 'win32') flush(folder)
}

/** @param {string} path */
function flush(path) {
  const file = openSync(path, 'r')
  fsyncSync(file)
  closeSync(file)
}

/**
 * @param {import('@electric-sql/pglite').PGlite} pg
 * @param {Uint8Array} message
 */
async function execute(pg, message) {
  /** @type {Uint8Array[]} */
  const parts = []
  let size = 0
  await pg.execProtocolRawStream(message, {
    onRawData: (data) => {
      // A view of the engine's memory, which it will use again.
      parts.push(data.slice())
      size += data.length
    },
  })
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
