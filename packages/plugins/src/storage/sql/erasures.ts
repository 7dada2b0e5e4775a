import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AurenError } from '@auren/core'

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
        const handle = await open(file, 'a+', 0o600)
        try {
          const text = await handle.readFile('utf8')
          // A line that a crash has cut off stands for an erasure that was never answered.
          const whole = text.lastIndexOf('\n') + 1
          if (whole < text.length) await handle.truncate(whole)
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
      const lines = text.split('\n')
      // Behind the last end of a line nothing counts: see add.
      for (const [i, line] of lines.slice(0, -1).entries()) {
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
