import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { createGzip, gunzip } from 'node:zlib'
import { AurenError } from '@auren/core'
import { parseMasterKeys } from '../sql/master-key.js'
import { hasDatabase, keepMasterKey, placesIn } from './folder.js'
import { lockFolder, makeFolder } from './lock.js'
import { openPglite, type PgliteSql } from './sql.js'

/** Which backup to write. */
export interface BackupOptions {
  dataDir: string
  /** Where to; default: a file named after the time in `<dataDir>/backups`, of which the newest `keep` stay. */
  file?: string
  /** Default 7. */
  keep?: number
}

/** Databases that this process has open, by folder: a backup of one of them is taken while it runs. */
const open = new Map<string, PgliteSql>()

/** Notes that a folder is open here; returns what takes the note away. */
export function noteOpen(dataDir: string, sql: PgliteSql): () => void {
  const folder = resolve(dataDir)
  open.set(folder, sql)
  return () => open.delete(folder)
}

/**
 * Writes the database as a gzipped tar, between two transactions. The master key is not in it: keep that elsewhere, for
 * without it nobody reads the backup's words, and whoever finds the backup does not either.
 * @returns the file and its size in bytes
 * @throws AurenError AUREN_STORE_LOCKED when another process has the folder open; AUREN_NOT_FOUND without a database
 */
export async function backup({ dataDir, file, keep = 7 }: BackupOptions): Promise<{ file: string; bytes: number }> {
  const tar = await dumpOf(resolve(dataDir))
  const { backups } = placesIn(dataDir)
  const target = file ?? join(backups, `auren-${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}.tar.gz`)
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  // A backup that was cut off must not look like one.
  const unfinished = `${target}.part`
  await pipeline(Readable.from([tar]), createGzip(), createWriteStream(unfinished, { mode: 0o600, flush: true }))
  await rename(unfinished, target)
  if (file === undefined) await rotate(backups, keep)
  return { file: target, bytes: (await stat(target)).size }
}

/**
 * Restores a backup into a folder without a database.
 * @param options.keyFile the `master.key` that belongs to it; without one it must be in the folder or in AUREN_MASTER_KEY
 * @throws AurenError AUREN_CONFLICT when the folder holds a database; AUREN_INPUT_INVALID when the file is no backup
 */
export async function restore(options: { dataDir: string; file: string; keyFile?: string }): Promise<void> {
  const folder = resolve(options.dataDir)
  const key = options.keyFile === undefined ? null : (await readFile(options.keyFile, 'utf8')).trim()
  if (key !== null) parseMasterKeys(key)
  await makeFolder(folder)
  const unlock = await lockFolder(folder, null, () => {})
  try {
    const { database } = placesIn(folder)
    const there = await readdir(database).catch(() => [])
    if (there.length > 0)
      throw new AurenError('AUREN_CONFLICT', `${folder} holds a database: restore into an empty folder`, {
        plugin: 'pglite',
      })
    const tarball = await readBackup(options.file)
    const sql = await openPglite({ dataDir: database, tarball }).catch(async (cause: unknown) => {
      await rm(database, { recursive: true, force: true })
      throw notABackup(options.file, cause)
    })
    await sql.close()
    await hasDatabase(folder)
    if (key !== null) await keepMasterKey(folder, key)
  } finally {
    await unlock()
  }
}

async function dumpOf(folder: string): Promise<Uint8Array> {
  const running = open.get(folder)
  if (running) return running.dump()
  if (!(await hasDatabase(folder)))
    throw new AurenError('AUREN_NOT_FOUND', `${folder} holds no database: name the data folder`, { plugin: 'pglite' })
  const unlock = await lockFolder(folder, null, () => {})
  try {
    const sql = await openPglite({ dataDir: placesIn(folder).database })
    try {
      return await sql.dump()
    } finally {
      await sql.close()
    }
  } finally {
    await unlock()
  }
}

async function readBackup(file: string): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = []
  for await (const chunk of createReadStream(file)) chunks.push(chunk as Buffer)
  const zipped = Buffer.concat(chunks)
  const tar = await promisify(gunzip)(zipped).catch((cause: unknown) => {
    throw notABackup(file, cause)
  })
  return new Uint8Array(tar)
}

function notABackup(file: string, cause: unknown): AurenError {
  return new AurenError('AUREN_INPUT_INVALID', `${file} is no backup of AUREN, or it is damaged: try an older one`, {
    cause,
    plugin: 'pglite',
  })
}

async function rotate(folder: string, keep: number): Promise<void> {
  const files = (await readdir(folder)).filter((name) => /^auren-\d{8}T\d{6}Z\.tar\.gz$/.test(name)).sort()
  for (const name of files.slice(0, Math.max(0, files.length - keep))) await rm(join(folder, name))
}
