// Whether memory stays flat: a whole deployment in one process under a steady rate of notifications, each of which is
// fetched from a vendor's server on this machine and stored. Needs `scripts/services up`.
import { readFileSync } from 'node:fs'
import { startOura } from '../packages/plugins/test/servers/oura.js'
import { application, ended, notifications, openIdle, started, withDatabase } from './deployment.js'
import { openLoop } from './load.js'
import type { Report } from './report.js'

const PERSONS = 20
/** Documents that the vendor has; notifications name them again and again, as growing nights do. */
const DOCUMENTS = 200

/** Runs for some minutes, and compares the resident memory of the second with that of the last third. */
export async function measureSoak(options: Record<string, string | undefined>): Promise<Report> {
  const minutes = Number(options.minutes ?? 10)
  const perSecond = Number(options.rate ?? 20)
  return withDatabase(async (bench) => {
    const vendor = await startOura(application)
    const tags = Array.from({ length: DOCUMENTS }, (_, i) => ({
      id: `soak-${i}`,
      tag_type_code: 'tag_generic_caffeine',
      start_time: `2026-01-${String((i % 28) + 1).padStart(2, '0')}T08:00:00+01:00`,
      end_time: null,
      start_day: `2026-01-${String((i % 28) + 1).padStart(2, '0')}`,
      comment: '',
    }))
    vendor.collections.set('enhanced_tag', tags)
    const env = { ...bench.env, OURA_BASE_URL: vendor.url }
    const server = await started(
      ['packages/server/src/cli.ts', 'start'],
      { ...env, AUREN_LOCAL_PERSON: 'true' },
      'Biometric',
    )
    const resident: number[] = []
    const look = setInterval(() => resident.push(residentOf(server.child.pid as number)), 2000)
    try {
      const idle = await openIdle(bench)
      for (let i = 0; i < PERSONS; i++) {
        const token = await fetch(`${vendor.url}/oauth/token`, {
          method: 'POST',
          body: new URLSearchParams({
            grant_type: 'authorization_code',
            code: vendor.grant(),
            client_id: application.clientId,
            client_secret: application.clientSecret,
          }),
        })
        const { access_token } = (await token.json()) as { access_token: string }
        await idle.ingest.connections.adopt(`person-${i}`, 'oura', `account-${i}`, { accessToken: access_token })
      }
      const shoot = notifications('soak', PERSONS, 'enhanced_tag')
      const load = await openLoop(server.url, (index) => shoot(index % DOCUMENTS), { seconds: minutes * 60, perSecond })
      vendor.requests.splice(0)
      await idle.ingest.settled()
      const lag = await idle.lag()
      await idle.close()
      const third = Math.floor(resident.length / 3)
      const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
      return {
        bench: 'soak',
        options: { minutes, perSecond },
        figures: [
          { name: 'accepted', value: load.accepted, unit: 'notifications' },
          { name: 'not accepted', value: load.refused, unit: 'requests' },
          { name: 'left over', value: lag.waiting, unit: 'envelopes' },
          { name: 'resident at most', value: Math.max(...resident), unit: 'MB' },
        ],
        ratios: [
          {
            name: 'resident memory, last third',
            ours: mean(resident.slice(-third)),
            baseline: mean(resident.slice(third, 2 * third)),
            unit: 'MB',
            of: 'the second third of the same run',
          },
        ],
      }
    } finally {
      clearInterval(look)
      await ended(server.child)
      await vendor.close()
    }
  })
}

/** Resident megabytes of a process (Linux). */
function residentOf(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1000
}
