import { mkdtempSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installDebian, which } from './install.js'
import { controlServer, freePort, type Server } from './server.js'

/** Where a Redis runs, and how. */
export interface RedisOptions {
  /** Default: a fresh one for temporary files. */
  folder?: string
  port?: number
  /** Arguments beside the defaults, e.g. `['--cluster-enabled', 'yes']`. */
  args?: readonly string[]
  outlive?: boolean
}

/** Starts a Redis that keeps nothing on disk, on 127.0.0.1 only. */
export async function startRedis(options: RedisOptions = {}): Promise<Server> {
  if (which('redis-server') === null) installDebian(['redis-server'], 'Redis')
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'auren-redis-'))
  const port = options.port ?? (await freePort())
  const server = controlServer({
    name: 'redis',
    address: `redis://127.0.0.1:${port}`,
    port,
    folder,
    command: 'redis-server',
    args: ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no', ...(options.args ?? [])],
    signal: 'SIGTERM',
    outlive: options.outlive ?? false,
    probe: () => ping(port),
  })
  await server.start()
  return server
}

function ping(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.setTimeout(2000, () => socket.destroy(new Error('no answer to PING')))
    socket.once('data', (answer) => {
      socket.destroy()
      if (answer.toString().startsWith('+PONG')) resolve()
      else reject(new Error(answer.toString()))
    })
    socket.once('error', reject)
  })
}
