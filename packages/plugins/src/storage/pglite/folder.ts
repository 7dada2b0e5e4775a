import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { AurenError } from '@auren/core'
import { type MasterKey, makeMasterKey, parseMasterKeys } from '../sql/master-key.js'

/** Where things are in a data folder. */
export function placesIn(folder: string) {
  return {
    /** PostgreSQL's own folder. */
    database: join(folder, 'pg'),
    versionFile: join(folder, 'pg', 'PG_VERSION'),
    masterKey: join(folder, 'master.key'),
    backups: join(folder, 'backups'),
    /** Who was erased: an older backup that is restored beside it is brought up to it. */
    erasures: join(folder, 'erasures'),
  }
}

/** PostgreSQL's major version of the PGlite that this package is made for. */
export const postgresMajor = 18

/**
 * True where the folder holds a database that this PGlite can open; false where it holds none.
 * @throws AurenError AUREN_STORE_VERSION when it is of another PostgreSQL
 */
export async function hasDatabase(folder: string): Promise<boolean> {
  const text = await readFile(placesIn(folder).versionFile, 'utf8').catch(() => null)
  if (text === null) return false
  const major = Number.parseInt(text, 10)
  if (major === postgresMajor) return true
  throw new AurenError(
    'AUREN_STORE_VERSION',
    `${folder} was written by PostgreSQL ${text.trim()}, this AUREN has ${postgresMajor}: run \`auren export\` with the AUREN that wrote it, then import into a new folder`,
    { plugin: 'pglite' },
  )
}

/**
 * The master keys: those given, else those of `master.key` in the folder, which is made (mode 0600) for a new database.
 * @throws AurenError AUREN_KEY_INVALID when there is a database and no key: another one would open nothing
 */
export async function masterKeysOf(folder: string, given: string | undefined, isNew: boolean): Promise<MasterKey[]> {
  if (given !== undefined) return parseMasterKeys(given)
  const { masterKey: path } = placesIn(folder)
  const kept = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (kept !== null) return parseMasterKeys(kept.trim())
  if (!isNew)
    throw new AurenError(
      'AUREN_KEY_INVALID',
      `${path} is missing, and nothing in the folder opens without it: put it back, or set AUREN_MASTER_KEY`,
      { plugin: 'pglite' },
    )
  const made = makeMasterKey()
  await keepMasterKey(folder, made)
  return parseMasterKeys(made)
}

/** Writes the key file, whole or not at all, and to the disk before anything is sealed with it. */
export async function keepMasterKey(folder: string, key: string): Promise<void> {
  const { masterKey: path } = placesIn(folder)
  const file = await open(`${path}.new`, 'w', 0o600)
  await file.writeFile(`${key}\n`)
  await file.sync()
  await file.close()
  await chmod(`${path}.new`, 0o600)
  await rename(`${path}.new`, path)
}

/** Makes PostgreSQL's folder and keeps others of this machine out of it, also where the data folder lets them in. */
export async function closeToOthers(folder: string): Promise<void> {
  const { database } = placesIn(folder)
  await mkdir(database, { recursive: true, mode: 0o700 })
  await chmod(database, 0o700)
}
