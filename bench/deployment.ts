// What benchmarks of a deployment share: a database of their own, processes, and a vendor that calls.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { createAuren } from '@auren/core'
import { neuros } from '@auren/plugins/neuros'
import { oura } from '@auren/plugins/oura'
import { postgres } from '@auren/plugins/postgres'
import pg from 'pg'
import { service } from '../test/services.js'
import type { Shot } from './load.js'

const root = resolve(import.meta.dirname, '..')

/** How the vendor's application is known to the servers. */
export const application = { clientId: 'bench', clientSecret: 'bench-secret', verificationToken: 'bench' }

/** A database of one benchmark. */
export interface Bench {
  url: string
  masterKey: string
  /** Environment of a server on it, that listens on free ports. */
  env: Record<string, string>
}

/** Runs `fn` with a database of its own on the PostgreSQL that `scripts/services up` started. */
export async function withDatabase<T>(fn: (bench: Bench) => Promise<T>): Promise<T> {
  const address = service('postgres')
  if (!address) throw new Error('PostgreSQL is not running: scripts/services up')
  const admin = new pg.Client({ connectionString: address })
  await admin.connect()
  const database = `auren_bench_${randomBytes(6).toString('hex')}`
  await admin.query(`create database ${database}`)
  const url = new URL(address)
  url.pathname = `/${database}`
  const masterKey = randomBytes(32).toString('base64')
  try {
    return await fn({
      url: url.href,
      masterKey,
      env: {
        POSTGRES_URL: url.href,
        AUREN_MASTER_KEY: masterKey,
        AUREN_NEUROS_PORT: '0',
        AUREN_BIOMETRIC_PORT: '0',
        AUREN_RATE_WEBHOOK: '1000000',
        AUREN_LOG_LEVEL: 'error',
        OURA_CLIENT_ID: application.clientId,
        OURA_CLIENT_SECRET: application.clientSecret,
        OURA_VERIFICATION_TOKEN: application.verificationToken,
      },
    })
  } finally {
    await admin.query(`drop database if exists ${database} with (force)`)
    await admin.end()
  }
}

/** An AUREN over the database that does no work by itself. */
export function openIdle({ url, masterKey }: Bench) {
  return createAuren({ plugins: [postgres({ url, masterKey }), oura(application), ...neuros()], work: 'none' })
}

/** Persons whose rings will call: `account-0` and so on. */
export async function connectPersons(
  bench: Bench,
  count: number,
  token: (index: number) => { accessToken: string } = () => ({ accessToken: 'none' }),
): Promise<void> {
  const auren = await openIdle(bench)
  for (let i = 0; i < count; i++) await auren.ingest.connections.adopt(`person-${i}`, 'oura', `account-${i}`, token(i))
  await auren.close()
}

/** A notification as Oura sends it, about one of the persons, signed now. */
export function notifications(run: string, persons: number, collection = 'daily_sleep'): (index: number) => Shot {
  return (index) => {
    const timestamp = String(Math.floor(Date.now() / 1000))
    const body = Buffer.from(
      JSON.stringify({
        event_type: 'update',
        data_type: collection,
        object_id: `${run}-${index}`,
        event_time: new Date().toISOString(),
        user_id: `account-${index % persons}`,
      }),
    )
    const signed = createHmac('sha256', application.clientSecret).update(timestamp).update(body)
    return {
      path: '/webhooks/oura',
      headers: {
        'content-type': 'application/json',
        'x-oura-signature': signed.digest('hex').toUpperCase(),
        'x-oura-timestamp': timestamp,
      },
      body,
    }
  }
}

/** A process, of TypeScript or JavaScript, that says where it listens; `name` is how the line with the wanted address begins. */
export async function started(
  args: string[],
  env: Record<string, string>,
  name = '',
): Promise<{ child: ChildProcess; url: string }> {
  const loader = args[0]?.endsWith('.ts') ? ['--conditions=auren-source', '--import', 'tsx'] : []
  const child = spawn(process.execPath, [...loader, ...args], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>((done, fail) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const found = line.startsWith(name) ? /http:\/\/127\.0\.0\.1:\d+/.exec(line) : null
      if (found) done(found[0])
    })
    child.once('exit', (code) => fail(new Error(`it ended with ${code} before it listened`)))
  })
  return { child, url }
}

/** Ends a process in order. */
export async function ended(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await gone
}
