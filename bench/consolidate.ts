// Consolidation of one person with ten years of thirty metrics: the first, whole build, and the nights after it.
// Baseline: reading all of the person's merged days once, by bare SQL in the same database.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Temporal } from 'temporal-polyfill'
import { openPglite } from '../packages/plugins/src/storage/pglite/sql.js'
import { compose } from '../packages/server/src/compose.js'
import { readConfig } from '../packages/server/src/config.js'
import { createLog } from '../packages/server/src/log.js'
import { daily, observationsOn, TODAY } from './people.js'
import { fill } from './questions.js'
import { quantile, type Report } from './report.js'

/** What some work took. */
export interface Spent {
  /** Processor seconds of all threads, and seconds by the clock. */
  cpu: number
  wall: number
}

/** Does some work, and tells what it took of the whole process. */
export async function spend<T>(work: () => Promise<T>): Promise<Spent & { result: T }> {
  const cpu = process.cpuUsage()
  const began = performance.now()
  const result = await work()
  const { user, system } = process.cpuUsage(cpu)
  return { cpu: (user + system) / 1e6, wall: (performance.now() - began) / 1000, result }
}

/** Consolidates `nights` (default 35: a month's and five weeks' ends) after `years` (default 10). */
export async function measureConsolidate(options: Record<string, string | undefined>): Promise<Report> {
  const years = Number(options.years ?? 10)
  const nights = Number(options.nights ?? 35)
  const folder = await mkdtemp(join(tmpdir(), 'auren-bench-'))
  const config = readConfig({ AUREN_DATA: folder, AUREN_ZONE: 'Europe/Berlin', AUREN_LOG_LEVEL: 'error' })
  let today = Temporal.PlainDate.from(TODAY).add({ days: 1 })
  const now = (): number => today.toZonedDateTime('Europe/Berlin').epochMilliseconds + 3 * 3_600_000
  try {
    const auren = await compose(config, createLog(config.logLevel), { now })
    const observations = await fill(auren, config.user, years)
    const memory = auren.memory.for(config.user)
    const first = await spend(() => memory.consolidate())
    const spent: (Spent & { rows: number; day: string })[] = []
    for (let night = 0; night < nights; night++) {
      const fresh = [...observationsOn(today)]
      await auren.ingest.observations({ userId: config.user, provider: 'bench', observations: fresh })
      await auren.ingest.settled()
      today = today.add({ days: 1 })
      const { cpu, wall, result } = await spend(() => memory.consolidate())
      const rows = Object.values(result.ladder.computed).reduce((sum, n) => sum + n, 0)
      spent.push({ cpu, wall, rows, day: today.toString() })
    }
    const late = { ...[...observationsOn(today.subtract({ years: Math.min(5, years - 1) }))][0]!, value: 12_345 }
    await auren.ingest.observations({ userId: config.user, provider: 'bench', observations: [late] as never })
    await auren.ingest.settled()
    const old = await spend(() => memory.consolidate())
    await auren.close()
    const slowest = spent.toSorted((a, b) => b.cpu - a.cpu)[0]!
    console.log(`  the slowest night is that of ${slowest.day}: ${slowest.rows} rows computed`)

    const sql = await openPglite({ dataDir: join(folder, 'pg') })
    const read = () =>
      sql.transaction((tx) =>
        tx.query('select metric, date, value from auren.days where user_id = $1 and source_id = 0', [config.user]),
      )
    await read()
    const bare: number[] = []
    for (let i = 0; i < 5; i++) bare.push((await spend(read)).cpu)
    await sql.close()
    const median = quantile(
      spent.map(({ cpu }) => cpu),
      0.5,
    )
    const computed = Object.values(first.result.ladder.computed).reduce((sum, n) => sum + n, 0)
    return {
      bench: 'consolidate',
      options: { years, metrics: Object.keys(daily).length, observations, nights },
      figures: [
        { name: 'first build, processor', value: first.cpu, unit: 's' },
        { name: 'first build, clock', value: first.wall, unit: 's' },
        { name: 'first build, rows computed', value: computed, unit: '' },
        { name: 'a night, processor, median', value: median, unit: 's' },
        { name: 'a night, processor, slowest', value: slowest.cpu, unit: 's' },
        {
          name: 'a night, clock, median',
          value: quantile(
            spent.map(({ wall }) => wall),
            0.5,
          ),
          unit: 's',
        },
        {
          name: 'a night, rows computed, median',
          value: quantile(
            spent.map(({ rows }) => rows),
            0.5,
          ),
          unit: '',
        },
        { name: 'a correction five years ago, processor', value: old.cpu, unit: 's' },
      ],
      ratios: [
        {
          name: 'processor time of a night',
          ours: median,
          baseline: quantile(bare, 0.5),
          unit: 's',
          of: 'reading all merged days of the person once, by bare SQL in the same database',
        },
        {
          name: 'processor time of a night, against building everything',
          ours: median,
          baseline: first.cpu,
          unit: 's',
          of: 'the first build',
        },
      ],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
