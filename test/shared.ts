import { appendFileSync, existsSync } from 'node:fs'
import path from 'node:path'

const root = process.env.AUREN_SHARED ?? path.resolve(import.meta.dirname, '../../shared')

/**
 * Path of a file or folder of the evaluation data and vendor payloads, which are not part of this repository
 * (environment `AUREN_SHARED`; default: `shared` beside it). Null, loudly, where it is absent: skip the test then.
 * Appends the path to the file named by `AUREN_SHARED_USED`, so that a run can show what it really used.
 */
export function shared(...parts: string[]): string | null {
  const file = path.join(root, ...parts)
  if (!existsSync(file)) {
    console.warn(`SKIPPED for want of ${file}: set AUREN_SHARED to the folder of evaluation data`)
    return null
  }
  const log = process.env.AUREN_SHARED_USED
  if (log) appendFileSync(log, `${file}\n`)
  return file
}
