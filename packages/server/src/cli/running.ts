import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Addresses } from './client.js'

const File = z.object({ pid: z.int().positive(), neuros: z.url(), biometric: z.url() })
const fileOf = (dataDir: string): string => join(dataDir, 'server.json')

/** Notes where the server of this data folder answers. */
export async function announce(dataDir: string, addresses: Addresses): Promise<void> {
  const file = fileOf(dataDir)
  await writeFile(`${file}.new`, JSON.stringify({ pid: process.pid, ...addresses }), { mode: 0o600 })
  await rename(`${file}.new`, file)
}

/** Takes the note away. */
export async function retract(dataDir: string): Promise<void> {
  await rm(fileOf(dataDir), { force: true })
}

/** Addresses of the server that has the folder open and answers; null where there is none. */
export async function runningAt(dataDir: string): Promise<Addresses | null> {
  const text = await readFile(fileOf(dataDir), 'utf8').catch(() => null)
  if (text === null) return null
  const noted = File.safeParse(parse(text))
  if (!noted.success || !isAlive(noted.data.pid)) return null
  const { neuros, biometric } = noted.data
  const answers = await fetch(`${neuros}/healthz`, { signal: AbortSignal.timeout(5000) }).then(
    (response) => response.ok,
    () => false,
  )
  return answers ? { neuros, biometric } : null
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
