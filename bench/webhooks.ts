// Accepted webhooks per second, and how long they take at a fixed rate, against a bare route that inserts and commits:
// the same PostgreSQL, the same requests, one after the other in one run. Needs `scripts/services up`.
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
import { closedLoop, openLoop, type Shot } from './load.js'
import type { Report } from './report.js'

const root = resolve(import.meta.dirname, '..')
const secret = 'bench-secret'
const application = { clientId: 'bench', clientSecret: secret, verificationToken: 'bench' }
/** Persons whose rings call. */
const PERSONS = 200

/** A notification as Oura sends it, of one of the persons, signed now. */
function notification(run: string): (index: number) => Shot {
  return (index) => {
    const timestamp = String(Math.floor(Date.now() / 1000))
    const body = Buffer.from(
      JSON.stringify({
        event_type: 'update',
        data_type: 'daily_sleep',
        object_id: `${run}-${index}`,
        event_time: new Date().toISOString(),
        user_id: `account-${index % PERSONS}`,
      }),
    )
    const signature = createHmac('sha256', secret).update(timestamp).update(body).digest('hex').toUpperCase()
    return {
      path: '/webhooks/oura',
      headers: { 'content-type': 'application/json', 'x-oura-signature': signature, 'x-oura-timestamp': timestamp },
      body,
    }
  }
}

async function started(args: string[], env: Record<string, string>): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, ['--conditions=auren-source', '--import', 'tsx', ...args], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>((done, fail) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line)
      if (found) done(found[0])
    })
    child.once('exit', (code) => fail(new Error(`it ended with ${code} before it listened`)))
  })
  return { child, url }
}

async function ended(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await gone
}

/** Measures both, alternating, and takes the middle of the rounds. */
export async function measureWebhooks(options: Record<string, string | undefined>): Promise<Report> {
  const seconds = Number(options.seconds ?? 10)
  const rounds = Number(options.rounds ?? 3)
  const perSecond = Number(options.rate ?? 300)
  const connections = 64
  const address = service('postgres')
  if (!address) throw new Error('PostgreSQL is not running: scripts/services up')
  const admin = new pg.Client({ connectionString: address })
  await admin.connect()
  const database = `auren_bench_${randomBytes(6).toString('hex')}`
  await admin.query(`create database ${database}`)
  const url = new URL(address)
  url.pathname = `/${database}`
  const masterKey = randomBytes(32).toString('base64')
  const env = {
    POSTGRES_URL: url.href,
    AUREN_MASTER_KEY: masterKey,
    AUREN_ROLES: 'biometric',
    AUREN_BIOMETRIC_PORT: '0',
    OURA_CLIENT_ID: application.clientId,
    OURA_CLIENT_SECRET: secret,
    OURA_VERIFICATION_TOKEN: application.verificationToken,
  }
  try {
    const auren = await createAuren({
      plugins: [postgres({ url: url.href, masterKey }), oura(application), ...neuros()],
      work: 'none',
    })
    for (let i = 0; i < PERSONS; i++)
      await auren.ingest.connections.adopt(`person-${i}`, 'oura', `account-${i}`, { accessToken: 'none' })
    await auren.close()

    const ours = await started(['packages/server/src/cli.ts', 'start'], env)
    const bare = await started(['bench/webhooks-baseline.ts'], { POSTGRES_URL: url.href })
    const found = { ours: [] as number[], bare: [] as number[], late: [] as number[], lateBare: [] as number[] }
    let refused = 0
    try {
      for (const target of [ours, bare]) await closedLoop(target.url, notification('warm'), { seconds: 2, connections })
      for (let round = 0; round < rounds; round++) {
        for (const [name, target] of [
          ['ours', ours],
          ['bare', bare],
        ] as const) {
          const full = await closedLoop(target.url, notification(`${name}${round}`), { seconds, connections })
          found[name].push(full.perSecond)
          const fixed = await openLoop(target.url, notification(`${name}${round}o`), { seconds, perSecond })
          found[name === 'ours' ? 'late' : 'lateBare'].push(fixed.p99)
          refused += full.refused + fixed.refused
        }
      }
    } finally {
      await Promise.all([ended(ours.child), ended(bare.child)])
    }
    const middle = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
    return {
      bench: 'webhooks',
      options: { seconds, rounds, connections, perSecond },
      figures: [
        { name: 'not accepted', value: refused, unit: 'requests' },
        { name: `p99 at ${perSecond}/s`, value: middle(found.late), unit: 'ms' },
        { name: `p99 at ${perSecond}/s, bare`, value: middle(found.lateBare), unit: 'ms' },
      ],
      ratios: [
        {
          name: 'accepted per second',
          ours: middle(found.ours),
          baseline: middle(found.bare),
          unit: '/s',
          of: 'express, raw body, one insert that commits',
        },
      ],
    }
  } finally {
    await admin.query(`drop database if exists ${database} with (force)`)
    await admin.end()
  }
}
