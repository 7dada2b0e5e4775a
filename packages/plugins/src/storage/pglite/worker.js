// The thread that PostgreSQL (PGlite) runs in. It knows nothing of SQL or of queues: bytes of the wire protocol come
// in and go out, one message after the other, so that a slow statement never stalls the thread that serves requests.
// Plain JavaScript, because a Worker starts from a file and this one is the same file in source and in the package.
import { parentPort } from 'node:worker_threads'

/**
 * @typedef {(
 *   | { kind: 'open', dataDir: string, tarball?: Uint8Array<ArrayBuffer>, durable: boolean }
 *   | { kind: 'exec', bytes: Uint8Array<ArrayBuffer> }
 *   | { kind: 'dump' }
 *   | { kind: 'close' }
 * )} Call
 */

if (parentPort === null) throw new Error('worker.js runs in a worker thread only')
const port = parentPort

/** @type {import('@electric-sql/pglite').PGlite | undefined} */
let db

/** One call at a time, in the order in which they came: PGlite has one session. */
let last = Promise.resolve()

port.on('message', (/** @type {{ id: number, call: Call }} */ { id, call }) => {
  last = last.then(async () => {
    try {
      const bytes = await answer(call)
      port.postMessage({ id, bytes }, [bytes.buffer])
    } catch (error) {
      const { message, code } = /** @type {Error & { code?: string }} */ (error)
      port.postMessage({ id, error: { message: message ?? String(error), code } })
    }
    if (call.kind === 'close') port.close()
  })
})

/**
 * @param {Call} call
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function answer(call) {
  if (call.kind === 'open') {
    const { PGlite } = await import('@electric-sql/pglite')
    db = await PGlite.create({
      dataDir: call.dataDir,
      // PGlite's own default switches fsync off; without that switch PostgreSQL waits for the disk at each commit.
      ...(call.durable ? { startParams: PGlite.defaultStartParams.filter((param) => param !== '-F') } : {}),
      ...(call.tarball ? { loadDataDir: new Blob([call.tarball]) } : {}),
    })
    return new Uint8Array(0)
  }
  if (db === undefined) throw new Error('The database is not open')
  if (call.kind === 'exec') return execute(db, call.bytes)
  if (call.kind === 'dump') return new Uint8Array(await (await db.dumpDataDir('none')).arrayBuffer())
  await db.close()
  return new Uint8Array(0)
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
