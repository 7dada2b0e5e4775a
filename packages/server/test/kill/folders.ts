import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Data folders of a test, all removed at its end. */
export function dataFolders() {
  const made: string[] = []
  return {
    /** A new folder: empty, or a copy. */
    async create(from?: string): Promise<string> {
      const folder = await mkdtemp(join(tmpdir(), 'auren-kill-'))
      made.push(folder)
      if (from) await cp(from, folder, { recursive: true })
      return folder
    },
    async remove(): Promise<void> {
      for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true })
    },
  }
}
