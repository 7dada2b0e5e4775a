// Ten years of an invented person through the long-term tier, on PGlite and on PostgreSQL (`scripts/services up`), and
// beside it, transaction by transaction, into a table of a row per sample: space, writing, reading.
import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Batch, Observation, UserId } from '@auren/core'
import { Temporal } from 'temporal-polyfill'
import { openPglite } from '../packages/plugins/src/storage/pglite/sql.js'
import { openPostgres } from '../packages/plugins/src/storage/postgres/sql.js'
import { createLongTerm } from '../packages/plugins/src/storage/sql/longterm/index.js'
import { parseMasterKeys } from '../packages/plugins/src/storage/sql/master-key.js'
import { migrate } from '../packages/plugins/src/storage/sql/migrate.js'
import { migrations } from '../packages/plugins/src/storage/sql/migrations/index.js'
import type { Sql } from '../packages/plugins/src/storage/sql/port.js'
import { createVault } from '../packages/plugins/src/storage/sql/vault.js'
import { withDatabase } from './deployment.js'
import { TODAY } from './people.js'
import type { Figure, Ratio, Report } from './report.js'
import { createRows } from './storage-baseline.js'
import { dayOf, zonesOf } from './storage-person.js'

const user = 'storage-person' as UserId
const scope = { user, purpose: 'operate' } as const
const DAY = 86_400_000
/** Local days of a transaction (some 20,000 observations) and observations of a delivery. */
const DAYS_AT_ONCE = 14
const DELIVERY = 2000

/** Seconds by the clock and of processors, the database server's included. */
interface Spent {
  wall: number
  cpu: number
}

async function spend(into: Spent, pids: readonly number[], work: () => Promise<unknown>): Promise<void> {
  const server = (): number => pids.reduce((sum, pid) => sum + serverSeconds(pid), 0)
  const [own, theirs, began] = [process.cpuUsage(), server(), performance.now()]
  await work()
  into.wall += (performance.now() - began) / 1000
  const { user: busy, system } = process.cpuUsage(own)
  into.cpu += (busy + system) / 1e6 + server() - theirs
}

/** Processor seconds of a process so far (proc(5): fields 14 and 15, in hundredths). */
function serverSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function batchesOf(observations: readonly Observation[], at: number): Batch[] {
  const batches: Batch[] = []
  for (let from = 0; from < observations.length; from += DELIVERY)
    batches.push({
      provider: 'bench',
      account: 'storage',
      receivedAt: at,
      rawRef: randomUUID(),
      observations: observations.slice(from, from + DELIVERY),
    })
  return batches
}

/** Measures `years` (default 10) on `--engine pglite`, `postgres` or, by default, both. */
export async function measureStorage(options: Record<string, string | undefined>): Promise<Report> {
  const years = Number(options.years ?? 10)
  const report: Report = { bench: 'storage', options: { years }, figures: [], ratios: [] }
  const add = ({ figures, ratios }: Measured): void => {
    report.figures.push(...figures)
    report.ratios.push(...ratios)
  }
  if (options.engine !== 'postgres') {
    const folder = await mkdtemp(join(tmpdir(), 'auren-bench-'))
    const sql = await openPglite({ dataDir: join(folder, 'pg') })
    try {
      add(await measureOn(sql, 'PGlite', years, []))
    } finally {
      await sql.close()
      await rm(folder, { recursive: true, force: true })
    }
  }
  if (options.engine !== 'pglite')
    await withDatabase(async ({ url }) => {
      const sql = await openPostgres({ url, pool: 2 })
      const pid = () =>
        sql.transaction(async (tx) => (await tx.query<{ pid: number }>('select pg_backend_pid() as pid'))[0]?.pid ?? 0)
      // Both connections' server processes, whose processor time is to be told.
      const pids = await Promise.all([pid(), pid()])
      try {
        add(await measureOn(sql, 'PostgreSQL', years, [...new Set(pids)]))
      } finally {
        await sql.close()
      }
    })
  return report
}

interface Measured {
  figures: Figure[]
  ratios: Ratio[]
}

async function measureOn(sql: Sql, engine: string, years: number, pids: readonly number[]): Promise<Measured> {
  await migrate(sql, migrations)
  const vault = createVault(sql, parseMasterKeys(randomBytes(32).toString('base64')))
  const longTerm = createLongTerm(sql, vault)
  const rows = await createRows(sql)
  const last = Temporal.PlainDate.from(TODAY)
  const first = last.subtract({ years }).add({ days: 1 })
  await sql.transaction(async (tx) => {
    await vault.create(tx, user)
    await longTerm.setProfile(tx, user, { zones: zonesOf(first, last) })
  })

  const [ours, bare]: [Spent, Spent] = [
    { wall: 0, cpu: 0 },
    { wall: 0, cpu: 0 },
  ]
  let count = 0
  for (let date = first; Temporal.PlainDate.compare(date, last) <= 0; date = date.add({ days: DAYS_AT_ONCE })) {
    const days = Array.from({ length: DAYS_AT_ONCE }, (_, i) => date.add({ days: i }))
    const observations = days.filter((day) => Temporal.PlainDate.compare(day, last) <= 0).flatMap(dayOf)
    const batches = batchesOf(observations, Date.parse(`${date.add({ days: DAYS_AT_ONCE })}`))
    const plain = rows.rows(observations)
    count += plain.length
    await spend(ours, pids, () => sql.transaction((tx) => longTerm.write(tx, user, batches), { lane: 'bulk' }))
    await spend(bare, pids, () => rows.write(plain))
  }
  await sql.transaction((tx) => tx.script('analyze'))

  const space = await spaceOf(sql)
  const ratio = (name: string, of: string, ours: number, baseline: number, unit: string): Ratio => ({
    name: `${engine}: ${name}`,
    ours,
    baseline,
    unit,
    of,
  })
  const ratios = [
    ratio('space', 'a row per sample', space.ours / 1e6, space.bare / 1e6, 'MB'),
    ratio('writing, clock', 'upserting rows', ours.wall, bare.wall, 's'),
    ratio('writing, processor', 'upserting rows', ours.cpu, bare.cpu, 's'),
  ]
  for (const { name, rounds, packed, plain } of reads(longTerm, rows, first, last)) {
    const [a, b]: [Spent, Spent] = [
      { wall: 0, cpu: 0 },
      { wall: 0, cpu: 0 },
    ]
    for (let round = -1; round < rounds; round++) {
      let [told, expected] = [Number.NaN, Number.NaN]
      // The first round warms both up.
      const [x, y] =
        round < 0
          ? [
              { wall: 0, cpu: 0 },
              { wall: 0, cpu: 0 },
            ]
          : [a, b]
      await spend(x, pids, async () => (told = await packed(round + 1)))
      await spend(y, pids, async () => (expected = await plain(round + 1)))
      if (!(Math.abs(told - expected) <= 1e-6 * Math.abs(expected)))
        throw new Error(`${name}: ${told} where the rows say ${expected}`)
    }
    ratios.push(ratio(`${name}, clock`, 'the same from rows', (a.wall / rounds) * 1e3, (b.wall / rounds) * 1e3, 'ms'))
    ratios.push(ratio(`${name}, processor`, 'the same from rows', (a.cpu / rounds) * 1e3, (b.cpu / rounds) * 1e3, 'ms'))
  }
  return {
    figures: [
      { name: `${engine}: rows of the baseline`, value: count, unit: '' },
      ...space.tables.map(({ name, bytes }) => ({ name: `${engine}: ${name}`, value: bytes / 1e6, unit: 'MB' })),
    ],
    ratios,
  }
}

/** Each answers with a number that both ways must agree on. */
function reads(
  longTerm: ReturnType<typeof createLongTerm>,
  rows: Awaited<ReturnType<typeof createRows>>,
  first: Temporal.PlainDate,
  last: Temporal.PlainDate,
) {
  const days = first.until(last).total('days') - 31
  const dateOf = (round: number): Temporal.PlainDate => first.add({ days: Math.floor((round * 0.618 * days) % days) })
  const sum = (of: readonly { start: number; value: number }[]) =>
    of.reduce((total, { start, value }) => total + value + (start % DAY), 0)
  const means = (of: readonly { n: number; mean: number }[]) => of.reduce((total, { n, mean }) => total + n * mean, 0)
  const range = (name: string, length: number, rounds: number) => {
    const span = (round: number) => {
      const from = Date.parse(`${dateOf(round)}`)
      return [from, from + length * DAY] as const
    }
    return {
      name,
      rounds,
      packed: async (round: number) => {
        const [from, to] = span(round)
        return sum(await longTerm.samples(scope, { metric: 'heart_rate', from, to }))
      },
      plain: async (round: number) => sum(await rows.range('heart_rate', ...span(round))),
    }
  }
  const daily = (name: string, from: Temporal.PlainDate, to: Temporal.PlainDate, rounds: number) => ({
    name,
    rounds,
    packed: async () => means(await longTerm.days(scope, { metrics: ['heart_rate'], from: `${from}`, to: `${to}` })),
    plain: async () => means(await rows.days('heart_rate', `${from}`, `${to}`)),
  })
  return [
    range('samples of a day', 1, 50),
    range('samples of 30 days', 30, 10),
    daily('daily values of a month', last.subtract({ days: 30 }), last, 20),
    daily('daily values of all years', first, last, 3),
  ]
}

/** Bytes of tables with their indexes; what is told apart is the undo log and what the person received. */
async function spaceOf(sql: Sql) {
  const tables = await sql.transaction((tx) =>
    tx.query<{ name: string; bytes: number }>(
      `select n.nspname || '.' || c.relname as name, pg_total_relation_size(c.oid) as bytes
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and n.nspname in ('auren', 'bare') and pg_total_relation_size(c.oid) > 65536 order by 2 desc`,
    ),
  )
  const total = (of: (name: string) => boolean): number =>
    tables.filter(({ name }) => of(name)).reduce((sum, { bytes }) => sum + bytes, 0)
  return {
    tables,
    bare: total((name) => name.startsWith('bare.')),
    ours: total((name) => name.startsWith('auren.') && name !== 'auren.chunk_history'),
  }
}
