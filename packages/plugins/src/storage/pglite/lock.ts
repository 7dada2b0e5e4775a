import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { AurenError } from '@auren/core'
import { z } from 'zod'

/** Who has a data folder open. */
export interface FolderOwner {
  pid: number
  /** Port of the server that has it open; null where it is no server. */
  port: number | null
  host: string
}

const Owner = z.object({ pid: z.int().positive(), port: z.int().nullable(), host: z.string() })

/** Without a sign of life for so long a lock is nobody's, ms. */
const staleMs = 60_000
/** Folders that this process has open: our own number in the note of one that we do not is a dead namesake's. */
const ours = new Set<string>()

/**
 * Locks a data folder for this process: a second process that opens it would lose what either of them commits. The lock
 * of a process that has died is taken over at once.
 * @param onLost called when the lock was taken away (the process was stopped for a minute): stop writing
 * @returns unlocks
 * @throws AurenError AUREN_STORE_LOCKED naming pid and port of who has it
 */
export async function lockFolder(
  folder: string,
  port: number | null,
  onLost: (error: Error) => void,
): Promise<() => Promise<void>> {
  const { default: lockfile } = await import('proper-lockfile')
  const lockPath = join(folder, 'auren.lock')
  const notePath = join(folder, 'owner.json')

  // Judging a lock, breaking it and taking it is one step: two who find a dead owner must not both succeed.
  const doorPath = join(folder, 'auren.door')
  const done = await lockfile.lock(doorPath, {
    realpath: false,
    lockfilePath: doorPath,
    stale: 5000,
    retries: { retries: 200, factor: 1, minTimeout: 50, maxTimeout: 50 },
  })
  try {
    const owner = await readOwner(notePath)
    if (owner && isDead(owner, folder)) await rm(lockPath, { recursive: true, force: true })
    const release = await lockfile
      .lock(lockPath, {
        realpath: false,
        lockfilePath: lockPath,
        stale: staleMs,
        update: 10_000,
        onCompromised: onLost,
      })
      .catch((cause: unknown) => {
        if ((cause as NodeJS.ErrnoException).code !== 'ELOCKED') throw cause
        throw locked(folder, owner, cause)
      })
    await writeFile(notePath, JSON.stringify({ pid: process.pid, port, host: hostname() }), { mode: 0o600 })
    ours.add(folder)
    return async () => {
      ours.delete(folder)
      await rm(notePath, { force: true })
      await release().catch((error: NodeJS.ErrnoException) => {
        // Taken away before: there is nothing left to give back.
        if (error.code !== 'ERELEASED' && error.code !== 'ENOTACQUIRED') throw error
      })
    }
  } finally {
    await done()
  }
}

/** Makes the folder, for its owner's eyes only. */
export async function makeFolder(folder: string): Promise<void> {
  const there = await stat(folder).catch(() => null)
  if (there && !there.isDirectory())
    throw new AurenError('AUREN_CONFIG_INVALID', `The data folder ${folder} is a file: name a folder`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
}

async function readOwner(path: string): Promise<FolderOwner | null> {
  const text = await readFile(path, 'utf8').catch(() => '')
  try {
    return Owner.parse(JSON.parse(text))
  } catch {
    // None, or cut off by a crash: then only the age of the lock tells.
    return null
  }
}

function isDead(owner: FolderOwner, folder: string): boolean {
  // Numbers of processes mean nothing on another machine that shares the folder.
  if (owner.host !== hostname()) return false
  if (owner.pid === process.pid) return !ours.has(folder)
  try {
    process.kill(owner.pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

function locked(folder: string, owner: FolderOwner | null, cause: unknown): AurenError {
  const who = owner
    ? `process ${owner.pid}${owner.host === hostname() ? '' : ` on ${owner.host}`}${
        owner.port === null ? '' : ` (a server on port ${owner.port})`
      }`
    : 'another process'
  return new AurenError(
    'AUREN_STORE_LOCKED',
    `${folder} is open in ${who}: talk to that server, or stop it; two at once would lose data`,
    { cause, plugin: 'pglite' },
  )
}
