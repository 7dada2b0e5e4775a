import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { type Addresses, type Client, createClient } from '../../src/cli/client.js'
import type { Services } from '../../src/services.js'

/** What is unfinished in a place; a server says it of its folder when it opens it. */
export interface Found {
  /** Envelopes accepted and not stored. */
  waiting: number
  imports: { id: string; state: string; step: number }[]
  /** Fetches from a vendor that are due. */
  fetches: number
}

/** A server in a process of its own. */
export interface KillableServer {
  /** What it found in its folder; null on a server's database. Rejects when the process ended before it could say. */
  found: Promise<Found | null>
  /** Where it answers; null where it was killed before. */
  addresses: Promise<Services['addresses'] | null>
  /** A client, once it answers; null where it was killed before. */
  ready: Promise<Client | null>
  /** How it ended: `SIGKILL`, or its exit code. */
  ended: Promise<NodeJS.Signals | number | null>
  pid: number
  kill(): void
  /** SIGSTOP: its connections stay open, and it does nothing. */
  pause(): void
  resume(): void
  /** SIGTERM, and does not wait. */
  terminate(): void
  /** Ends it in order, embedded after everything accepted is stored. @throws Error where it ended in another way */
  stop(): Promise<void>
  /** The end of what it said on stderr. */
  complaints(): string
}

/** Built for the long suites (test/built-child.ts); from source where one test is run. */
const program = process.env.AUREN_KILLABLE
  ? [process.env.AUREN_KILLABLE]
  : ['--import', 'tsx', '--conditions=auren-source', resolve(import.meta.dirname, 'child.ts')]
const root = resolve(import.meta.dirname, '../../../..')

/** Starts a server on free ports. @param env says where its data stands */
export function startKillable(env: Record<string, string>): KillableServer {
  const child: ChildProcess = spawn(process.execPath, program, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH ?? '',
      TMPDIR: process.env.TMPDIR ?? '/tmp',
      AUREN_ZONE: 'Europe/Berlin',
      AUREN_LOG_LEVEL: 'error',
      // What is tried here are failures: what floods is tried by itself.
      AUREN_RATE_ADDRESS: '1000000',
      AUREN_RATE_PERSON: '1000000',
      ...env,
    },
  })
  let complaints = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-4000)
  })
  const ended = new Promise<NodeJS.Signals | number | null>((done) => {
    child.once('close', (code, signal) => done(signal ?? code))
  })
  // No server outlives the test that started it.
  const reap = (): void => {
    child.kill('SIGKILL')
  }
  process.once('exit', reap)
  ended.then(() => process.off('exit', reap))

  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const line = <T>(key: string): Promise<T | null> =>
    new Promise((done) => {
      lines.on('line', (text) => {
        const said = JSON.parse(text) as Record<string, T>
        if (key in said) done(said[key] as T)
      })
      ended.then(() => done(null))
    })
  const found = line<{ unfinished: Found | null }>('found').then(async (said) => {
    if (said) return said.unfinished
    throw new Error(`The server ended (${await ended}) before it had opened its folder: ${complaints}`)
  })
  const addresses = line<Services['addresses']>('addresses')
  return {
    found,
    addresses,
    ready: addresses.then((known) => (known ? createClient(known as Partial<Addresses>) : null)),
    ended,
    pid: child.pid as number,
    kill: reap,
    pause: () => {
      child.kill('SIGSTOP')
    },
    resume: () => {
      child.kill('SIGCONT')
    },
    complaints: () => complaints,
    terminate: () => {
      child.kill('SIGTERM')
    },
    async stop() {
      child.kill('SIGTERM')
      const how = await ended
      if (how !== 0) throw new Error(`The server did not stop in order (${how}): ${complaints}`)
    },
  }
}

/** A client of a server that must answer. */
export async function clientOf(server: KillableServer): Promise<Client> {
  await server.found
  const client = await server.ready
  if (!client) throw new Error(`The server ended (${await server.ended}) before it answered`)
  return client
}
