// The other importer of exports that people use (https://github.com/dogsheep/healthkit-to-sqlite), on the same file. It
// comes from PyPI and is asked for by AUREN_HEALTHKIT_TO_SQLITE=/path/of/healthkit-to-sqlite.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** What an importer took. */
export interface Took {
  /** By the clock. */
  seconds: number
  /** Of processors, of its process. */
  cpu: number
}

/** Where healthkit-to-sqlite is; null where nobody said. */
export function healthkitToSqlite(): string | null {
  return process.env.AUREN_HEALTHKIT_TO_SQLITE || null
}

/**
 * What the other importer's parser takes: it stops at the DTD that iOS 16 wrote, which is not well-formed, and at control
 * characters in attributes.
 * @param parts of an export; the first holds the DTD
 */
export function* withoutTraps(parts: Iterable<string>): Generator<string> {
  for (const part of parts)
    yield part.replace(/<!DOCTYPE HealthData \[[\s\S]*?\n\]>\n/, '').replace(/[^\t\n\r -\uffff]/g, ' ')
}

/** Has `command` import `file` into a database in `folder`. @throws where it fails */
export async function importIntoSqlite(command: string, file: string, folder: string): Promise<Took> {
  const from = performance.now()
  // The shell tells what its children took, which Node does not.
  const child = spawn(
    'sh',
    ['-c', '"$0" "$@" && times', command, '--silent', '--xml', file, join(folder, 'other.db')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  const times = [...said.matchAll(/(\d+)m([\d.]+)s/g)].slice(-2).map(([, m, s]) => Number(m) * 60 + Number(s))
  if (code !== 0 || times.length < 2) throw new Error(`${command} did not import the file`)
  return { seconds: (performance.now() - from) / 1000, cpu: (times[0] ?? 0) + (times[1] ?? 0) }
}
