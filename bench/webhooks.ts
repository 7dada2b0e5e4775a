// Accepted webhooks per second, and how long they take at a fixed rate, against a bare route that inserts and commits:
// the same PostgreSQL, the same requests, in turns in one run. Needs `scripts/services up`.
import { connectPersons, ended, notifications, started, withDatabase } from './deployment.js'
import { closedLoop, openLoop } from './load.js'
import { quantile, type Report } from './report.js'

/** Persons whose rings call. */
const PERSONS = 200
const CONNECTIONS = 64
/** Until both have been compiled by the engine: more code takes longer, and a service runs for weeks. */
const WARM_SECONDS = 8

/** Measures both in turns, and takes the middle of the rounds. */
export async function measureWebhooks(options: Record<string, string | undefined>): Promise<Report> {
  const seconds = Number(options.seconds ?? 10)
  const rounds = Number(options.rounds ?? 3)
  const perSecond = Number(options.rate ?? 300)
  return withDatabase(async (bench) => {
    await connectPersons(bench, PERSONS)
    const ours = await started(['packages/server/src/cli.ts', 'start'], { ...bench.env, AUREN_ROLES: 'biometric' })
    const bare = await started(['bench/webhooks-baseline.ts'], { POSTGRES_URL: bench.url })
    const found = { ours: [] as number[], bare: [] as number[], late: [] as number[], lateBare: [] as number[] }
    let refused = 0
    try {
      for (const { url } of [ours, bare])
        await closedLoop(url, notifications('warm', PERSONS), { seconds: WARM_SECONDS, connections: CONNECTIONS })
      for (let round = 0; round < rounds; round++) {
        for (const [name, late, { url }] of [
          ['ours', 'late', ours],
          ['bare', 'lateBare', bare],
        ] as const) {
          const shoot = notifications(`${name}${round}`, PERSONS)
          const full = await closedLoop(url, shoot, { seconds, connections: CONNECTIONS })
          const fixed = await openLoop(url, notifications(`${name}${round}o`, PERSONS), { seconds, perSecond })
          found[name].push(full.perSecond)
          found[late].push(fixed.p99)
          refused += full.refused + fixed.refused
        }
      }
    } finally {
      await Promise.all([ended(ours.child), ended(bare.child)])
    }
    const middle = (values: number[]): number => quantile(values, 0.5)
    return {
      bench: 'webhooks',
      options: { seconds, rounds, connections: CONNECTIONS, perSecond },
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
  })
}
