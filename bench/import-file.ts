// Writes an export of about so many bytes, in a process of its own: what making it leaves on the heap would be taken for
// what the server holds, more of it the larger the file is.
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { generateAppleExport } from './generate/apple-export.js'
import { healthkitToSqlite, withoutTraps } from './import-healthkit.js'

const [path, bytes] = process.argv.slice(2)
const file = createWriteStream(path as string)
const parts = generateAppleExport({ bytes: Number(bytes) })
// One that both importers can read where there are two.
for (const part of healthkitToSqlite() === null ? parts : withoutTraps(parts))
  if (!file.write(part)) await once(file, 'drain')
file.end()
await once(file, 'close')
