// Consolidation of many persons in one night, side by side in one process. Baseline: one person alone.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Temporal } from 'temporal-polyfill'
import { compose } from '../packages/server/src/compose.js'
import { readConfig } from '../packages/server/src/config.js'
import { createLog } from '../packages/server/src/log.js'
import { spend } from './consolidate.js'
import { daily, observationsOn, observationsUntil, TODAY } from './people.js'
import { put } from './questions.js'
import { quantile, type Report } from './report.js'

/** Persons that are consolidated at once. */
const AT_ONCE = 4

/** Gives `persons` (default 20) `years` (default 1) of data, then measures the night after one more day of all of them. */
export async function measureNightly(options: Record<string, string | undefined>): Promise<Report> {
  const persons = Number(options.persons ?? 20)
  const years = Number(options.years ?? 1)
  const folder = await mkdtemp(join(tmpdir(), 'auren-bench-'))
  const config = readConfig({ AUREN_DATA: folder, AUREN_ZONE: 'Europe/Berlin', AUREN_LOG_LEVEL: 'error' })
  let today = Temporal.PlainDate.from(TODAY).add({ days: 1 })
  const now = (): number => today.toZonedDateTime('Europe/Berlin').epochMilliseconds + 3 * 3_600_000
  const users = Array.from({ length: persons }, (_, i) => `person-${i}`)
  try {
    const auren = await compose(config, createLog(config.logLevel), { now })
    const first: number[] = []
    for (const user of users) {
      await put(auren, user, observationsUntil(Temporal.PlainDate.from(TODAY), years * 365))
      first.push((await spend(() => auren.memory.for(user).consolidate())).cpu)
    }
    const day = async (): Promise<void> => {
      for (const user of users) await put(auren, user, observationsOn(today))
      today = today.add({ days: 1 })
    }
    const clock: number[] = []
    const all = async (): Promise<void> => {
      const waiting = [...users]
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          for (let user = waiting.pop(); user !== undefined; user = waiting.pop()) {
            const from = performance.now()
            await auren.memory.for(user).consolidate()
            clock.push(performance.now() - from)
          }
        }),
      )
    }
    await day()
    await all()
    await day()
    clock.length = 0
    const night = await spend(all)
    await day()
    const alone = await spend(() => auren.memory.for(users[0] as string).consolidate())
    await auren.close()
    return {
      bench: 'nightly',
      options: { persons, years, metrics: Object.keys(daily).length, 'at once': AT_ONCE },
      figures: [
        { name: 'first build of a person, processor, median', value: quantile(first, 0.5), unit: 's' },
        { name: 'the night of all, processor', value: night.cpu, unit: 's' },
        { name: 'the night of all, clock', value: night.wall, unit: 's' },
        { name: 'of one among them, clock, p95', value: quantile(clock, 0.95) / 1000, unit: 's' },
        { name: 'a thousand at this rate, processor', value: (night.cpu / persons) * 1000, unit: 's' },
      ],
      ratios: [
        {
          name: 'processor time of a person among many',
          ours: night.cpu / persons,
          baseline: alone.cpu,
          unit: 's',
          of: 'a person alone, in the same database',
        },
      ],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
