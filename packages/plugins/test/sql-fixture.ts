import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { UserId } from '@auren/core'
import type { OpenHot } from '@auren/core/testing'
import { openPglite, type PgliteSql } from '../src/storage/pglite/sql.js'
import { parseMasterKeys } from '../src/storage/sql/master-key.js'
import { migrate } from '../src/storage/sql/migrate.js'
import { migrations } from '../src/storage/sql/migrations/index.js'
import type { Sql } from '../src/storage/sql/port.js'
import { createVault, type SqlVault } from '../src/storage/sql/vault.js'

let open: () => Promise<Sql> = openTestPglite

/** Lets {@link openTestSql} open another engine's databases; null: PGlite's again. */
export function useEngine(other: (() => Promise<Sql>) | null): void {
  open = other ?? openTestPglite
}

let openHot: () => Promise<OpenHot | null> = async () => null

/** Lets {@link openTestHot} open another hot tier; null: none again. */
export function useHot(other: (() => Promise<OpenHot>) | null): void {
  openHot = other ?? (async () => null)
}

/** The hot tier that is being tested; null: the one in process. */
export function openTestHot(): Promise<OpenHot | null> {
  return openHot()
}

/** An empty, migrated database of its own, of the engine that is being tested; close it in `afterAll`. */
export function openTestSql(): Promise<Sql> {
  return open()
}

/**
 * One in memory. The first call on a machine makes the database
 * (seconds) and keeps a copy in the temporary folder, named after the migrations; the next ones start from that.
 */
async function openTestPglite(): Promise<PgliteSql> {
  const file = snapshotFile()
  if (existsSync(file)) return openPglite({ dataDir: 'memory://', tarball: new Uint8Array(readFileSync(file)) })
  const sql = await openPglite({ dataDir: 'memory://' })
  await migrate(sql, migrations)
  const mine = `${file}.${process.pid}.${Date.now()}`
  writeFileSync(mine, await sql.dump())
  // Several test processes may be at this at once: each writes its own file, and one of them wins whole.
  renameSync(mine, file)
  return sql
}

/** A vault under a fixed master key in which these persons have keys. */
export async function openTestVault(sql: Sql, ...users: UserId[]): Promise<SqlVault> {
  const vault = createVault(sql, parseMasterKeys(Buffer.alloc(32, 7).toString('base64')))
  await sql.transaction(async (tx) => {
    for (const user of users) await vault.create(tx, user)
  })
  return vault
}

function snapshotFile(): string {
  const main = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const { version } = JSON.parse(readFileSync(join(dirname(main), '../package.json'), 'utf8')) as { version: string }
  const hash = createHash('sha256')
    .update(JSON.stringify([version, migrations]))
    .digest('hex')
    .slice(0, 16)
  const folder = join(tmpdir(), 'auren-test-sql')
  mkdirSync(folder, { recursive: true })
  return join(folder, `${hash}.tar`)
}
