// Accepted webhooks per second, and how long they take at a fixed rate, against a bare route that inserts and commits:
// the same PostgreSQL, the same requests, in one run. Both run all the while and are loaded in turns of a second or two,
// so that whatever else the machine does meets both. Both run as they are deployed, without a
// loader: needs `npm run build:js`, and `scripts/services up`.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import pg from 'pg'
import { type Bench, connectPersons, ended, notifications, started, withDatabase } from './deployment.js'
import { closedLoop, openLoop, type Shot } from './load.js'
import { backendsOf, processorSeconds } from './processor.js'
import { quantile, type Report } from './report.js'

const cli = resolve(import.meta.dirname, '../packages/server/dist/cli.js')
/** Persons whose rings call. */
const PERSONS = 200
const CONNECTIONS = 64
/** Until both have been compiled by the engine: more code takes longer, and a service runs for weeks. */
const WARM_SECONDS = 8
/** Length of a turn in seconds, at full load and at the fixed rate. */
const TURN = { full: 1, fixed: 2 }

/** One of the two, and what was found of it. */
interface Side {
  url: string
  pid: number
  /** What its connections are called in the database. */
  application: string
  /** Tells its requests from all others. */
  shotsOf(run: string): (index: number) => Shot
  /** Accepted per second at full load, of each turn. */
  perSecond: number[]
  /** Accepted at full load, and the processor time of the server and of the database's processes that served it. */
  accepted: number
  server: number
  database: number
  /** Times at the fixed rate, in ms. */
  times: number[]
  refused: number
}

/** Measures both in turns. */
export async function measureWebhooks(options: Record<string, string | undefined>): Promise<Report> {
  if (!existsSync(cli)) throw new Error('The command line is not built: run npm run build:js first')
  const seconds = Number(options.seconds ?? 10)
  const rounds = Number(options.rounds ?? 3)
  const perSecond = Number(options.rate ?? 300)
  return withDatabase(async (bench) => {
    await connectPersons(bench, PERSONS)
    const servers = await startBoth(bench)
    const [ours, bare] = servers.map(({ child, url }, index) => sideOf(url, Number(child.pid), index)) as [Side, Side]
    const database = new pg.Client({ connectionString: bench.url })
    await database.connect()
    // Who goes first changes: what a turn leaves to the next one is shared out.
    const inTurn = (turn: number): Side[] => (turn % 2 === 0 ? [ours, bare] : [bare, ours])
    try {
      for (const { url, shotsOf } of [ours, bare])
        await closedLoop(url, shotsOf('warm'), { seconds: WARM_SECONDS, connections: CONNECTIONS })
      for (let turn = 0; turn < (seconds * rounds) / TURN.full; turn++)
        for (const side of inTurn(turn)) await loadFully(side, database, turn)
      for (let turn = 0; turn < (seconds * rounds) / TURN.fixed; turn++)
        for (const side of inTurn(turn)) {
          const fixed = await openLoop(side.url, side.shotsOf(`f${turn}`), { seconds: TURN.fixed, perSecond })
          side.times.push(...fixed.times)
          side.refused += fixed.refused
        }
    } finally {
      await database.end()
      await Promise.all(servers.map(({ child }) => ended(child)))
    }
    return reportOf(ours, bare, { seconds, rounds, connections: CONNECTIONS, perSecond })
  })
}

function startBoth({ env, url }: Bench) {
  return Promise.all([
    started([cli, 'start'], { ...env, AUREN_ROLES: 'biometric' }),
    started(['bench/webhooks-baseline.mjs'], { POSTGRES_URL: url }),
  ])
}

function sideOf(url: string, pid: number, index: number): Side {
  const application = index === 0 ? 'auren' : 'bare'
  return {
    url,
    pid,
    application,
    shotsOf: (run) => notifications(`${application}-${run}`, PERSONS),
    perSecond: [],
    accepted: 0,
    server: 0,
    database: 0,
    times: [],
    refused: 0,
  }
}

/** A turn at full load. A backend that came meanwhile counts from its beginning. */
async function loadFully(side: Side, database: pg.Client, turn: number): Promise<void> {
  const server = processorSeconds(side.pid)
  const before = new Map((await backendsOf(database, side.application)).map((pid) => [pid, processorSeconds(pid)]))
  const full = await closedLoop(side.url, side.shotsOf(`${turn}`), { seconds: TURN.full, connections: CONNECTIONS })
  for (const pid of await backendsOf(database, side.application))
    side.database += processorSeconds(pid) - (before.get(pid) ?? 0)
  side.server += processorSeconds(side.pid) - server
  side.perSecond.push(full.perSecond)
  side.accepted += full.accepted
  side.refused += full.refused
}

function reportOf(ours: Side, bare: Side, options: Report['options']): Report {
  const middle = (values: number[]): number => quantile(values, 0.5)
  const each = ours.perSecond.map((value, turn) => value / (bare.perSecond[turn] ?? Number.NaN))
  const microseconds = ({ accepted, ...spent }: Side, what: 'server' | 'database'): number =>
    (spent[what] / accepted) * 1e6
  return {
    bench: 'webhooks',
    options,
    figures: [
      { name: 'not accepted', value: ours.refused + bare.refused, unit: 'requests' },
      { name: 'lower quartile of the turns', value: quantile(each, 0.25), unit: '× accepted per second' },
      { name: 'upper quartile of the turns', value: quantile(each, 0.75), unit: '× accepted per second' },
    ],
    ratios: [
      {
        name: 'accepted per second',
        ours: middle(ours.perSecond),
        baseline: middle(bare.perSecond),
        unit: '/s',
        of: 'express, raw body, one insert that commits',
      },
      {
        name: `p99 at ${options.perSecond}/s`,
        ours: quantile(ours.times, 0.99),
        baseline: quantile(bare.times, 0.99),
        unit: 'ms',
        of: 'the same',
      },
      {
        name: `p50 at ${options.perSecond}/s`,
        ours: middle(ours.times),
        baseline: middle(bare.times),
        unit: 'ms',
        of: 'the same',
      },
      ...(['server', 'database'] as const).map((what) => ({
        name: `processor time of the ${what}`,
        ours: microseconds(ours, what),
        baseline: microseconds(bare, what),
        unit: 'µs a delivery',
        of: 'the same, at full load',
      })),
    ],
  }
}
