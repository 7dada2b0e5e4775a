import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AurenError } from '@auren/core'
import { createErasure } from './journal/erasure.js'
import type { Sql } from './port.js'
import type { SqlVault } from './vault.js'

/** Who was erased, kept apart from the database: keyed hashes and times, which name nobody. */
export interface Erasures {
  /** Adds to the list, and to the disk, before the person is erased. */
  add(hash: string, at: number): Promise<void>
  /** When each was erased last, by hash. */
  all(): Promise<Map<string, number>>
}

const LINE = /^([0-9a-f]{32}) (\d{1,15})$/

/**
 * The list in a file, a line each. Keep it apart from the dumps, and never put an older one in its place.
 * @throws AurenError AUREN_CONFIG_INVALID where it cannot be read or written, or a line of it is none
 */
export function erasuresIn(file: string): Erasures {
  const refused = (cause: unknown): AurenError =>
    new AurenError(
      'AUREN_CONFIG_INVALID',
      `The list of erasures ${file} cannot be read or written: make it this user's, or name another file.`,
      { cause },
    )
  return {
    async add(hash, at) {
      try {
        await mkdir(dirname(file), { recursive: true, mode: 0o700 })
        const handle = await open(file, 'a', 0o600)
        try {
          await handle.write(`${hash} ${at}\n`)
          await handle.sync()
        } finally {
          await handle.close()
        }
      } catch (cause) {
        throw refused(cause)
      }
    },
    async all() {
      const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === 'ENOENT') return ''
        throw refused(cause)
      })
      const list = new Map<string, number>()
      for (const [i, line] of text.split('\n').entries()) {
        if (line === '') continue
        const [, hash, at] = LINE.exec(line) ?? []
        if (hash === undefined || at === undefined)
          throw new AurenError(
            'AUREN_CONFIG_INVALID',
            `Line ${i + 1} of ${file} is no erasure: put back the list as AUREN wrote it. Without it, who was erased would be back.`,
          )
        list.set(hash, Math.max(list.get(hash) ?? 0, Number(at)))
      }
      return list
    },
  }
}

/**
 * Erases again whoever the list has and the database does not know to be erased: it was restored from a dump of before.
 * @returns how many persons
 */
export async function applyErasures(sql: Sql, vault: SqlVault, erasures: Erasures): Promise<number> {
  const list = await erasures.all()
  if (list.size === 0) return 0
  const erasure = createErasure(vault, { now: Date.now })
  let applied = 0
  const persons = await sql.transaction((tx) => tx.query<{ id: string }>('select user_id as id from auren.persons'), {
    readOnly: true,
  })
  for (const { id } of persons) {
    const hash = await erasure.hashOf(id)
    const at = list.get(hash)
    if (at === undefined) continue
    applied += await sql.transaction(async (tx) => {
      const [known] = await tx.query<{ at: number }>(
        'select erased_at as at from auren.erased_persons where hash = $1',
        [hash],
      )
      if ((known?.at ?? 0) >= at) return 0
      await erasure.eraseAt(tx, id, at)
      return 1
    })
  }
  return applied
}
