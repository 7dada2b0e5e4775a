// The least that starting on PGlite can cost: open the folder (making it where it is empty), ask for one row, be ready.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'

const dataDir = join(String(process.env.AUREN_DATA), 'pg')
mkdirSync(dataDir, { recursive: true })
// PGlite switches fsync off; AUREN does not.
const startParams = [...PGlite.defaultStartParams.filter((param) => param !== '-F'), '-c', 'wal_sync_method=fsync']
const db = await PGlite.create({ dataDir, startParams })
await db.query('select 1')
process.once('SIGTERM', () => db.close().then(() => process.exit(0)))
console.log('Ready')
setInterval(() => undefined, 1000)
