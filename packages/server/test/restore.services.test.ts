import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Auren, ObservationBatch } from '@auren/core'
import { afterAll, describe, expect, it } from 'vitest'
import { type ServiceName, service } from '../../../test/services.js'
import { compose } from '../src/compose.js'
import { readConfig } from '../src/config.js'
import { createLog } from '../src/log.js'

const USER = 'ada'
const NOTE = 'CANARY-7f3 I sleep badly when the moon is full'
const KEY = randomBytes(32).toString('base64')
const folder = mkdtempSync(join(tmpdir(), 'auren-restore-'))
const source = service('postgres')
const databases: { server: string; name: string }[] = []

const psql = (server: string, text: string): string =>
  execFileSync(
    'psql',
    ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '-v', 'ON_ERROR_STOP=1', server, '-c', text],
    {
      encoding: 'utf8',
    },
  ).trim()

function makeDatabase(server: string): string {
  const name = `auren_restore_${randomBytes(6).toString('hex')}`
  psql(server, `create database ${name}`)
  databases.push({ server, name })
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

afterAll(() => {
  for (const { server, name } of databases) psql(server, `drop database if exists ${name} with (force)`)
  rmSync(folder, { recursive: true, force: true })
})

async function open(url: string, masterKey = KEY): Promise<Auren> {
  const config = readConfig({ POSTGRES_URL: url, AUREN_MASTER_KEY: masterKey, AUREN_ZONE: 'Europe/Berlin' })
  return compose(config, createLog('silent'))
}

const sample = (metric: string, start: number, value: number): ObservationBatch['observations'][number] => ({
  shape: 'sample',
  metric,
  start,
  value,
  unit: '/min',
  source: { name: 'Watch', type: 'watch' },
  offset: 60,
  zoneBasis: 'carried',
})
const batch: ObservationBatch = {
  userId: USER,
  provider: 'app.test',
  key: 'march',
  observations: [
    ...Array.from({ length: 31 }, (_, day) =>
      sample('resting_heart_rate', Date.UTC(2026, 2, 1 + day, 6), 50 + (day % 7)),
    ),
    // Set aside: it must survive, sealed, with its reason.
    sample('heart_rate', Date.UTC(2026, 2, 1), 100_000),
  ],
}
const later: ObservationBatch = {
  ...batch,
  key: 'april',
  observations: [sample('resting_heart_rate', Date.UTC(2026, 3, 1, 6), 50)],
}

/** Everything that a person can see, and what an operator counts. */
async function everything(auren: Auren) {
  const lines: unknown[] = []
  // The first line tells when the export was made.
  for await (const line of auren.memory.for(USER).export())
    if ((line as { type: string }).type !== 'auren') lines.push(line)
  const fact = await auren.query(USER, (await understood(auren)).queries[0] as never, { today: '2026-04-01' })
  const { accepted, stored, waiting, quarantined } = await auren.lag()
  const aside = await auren.ingest.quarantine.list({ user: USER, open: true })
  return {
    lines: lines.map((line) => JSON.stringify(line)).sort(),
    fact: { value: fact.value, n: fact.n, coverage: fact.coverage, sources: fact.sources },
    counts: { accepted, stored, waiting, quarantined },
    aside: aside.map(({ reason, item }) => ({ reason, item })),
    trace: await auren.explain(USER, { metric: 'resting_heart_rate', date: '2026-03-07', limit: 10 }),
  }
}

const understood = (auren: Auren) =>
  auren.understand(USER, 'What was my average resting heart rate from 2026-03-01 to 2026-03-31?', {
    today: '2026-04-01',
  })

/** The commands of docs/deploy.md, "Backup and restore", that name `program`, with our addresses for theirs. */
function documented(program: string, addresses: Record<string, string>): string[] {
  const page = readFileSync(resolve(import.meta.dirname, '../../../docs/deploy.md'), 'utf8')
  const part = page.slice(page.indexOf('## Backup and restore'))
  const line = part
    .split('\n')
    .find((text) => new RegExp(`^(docker exec \\S+( \\S+)* )?${program}\\b|\\b${program} `).test(text))
  const match = new RegExp(`\\b${program} ([^<>|]*)`).exec(line ?? '')
  if (!match) throw new Error(`docs/deploy.md does not say how to use ${program}`)
  return (match[1] as string)
    .trim()
    .split(/\s+/)
    .map((word) => addresses[word] ?? word)
}

const targets = (['postgres', 'postgres17'] satisfies ServiceName[]).map((name) => [name, service(name)] as const)

describe.skipIf(source === null)('a restore', () => {
  const dump = join(folder, 'auren.dump')
  let before: Awaited<ReturnType<typeof everything>>

  it('begins with a dump of an installation that has data, words and something set aside', async () => {
    const url = makeDatabase(source as string)
    const auren = await open(url)
    try {
      await auren.ingest.observations(batch)
      await auren.ingest.settled()
      await auren.memory.for(USER).remember({ kind: 'note', text: NOTE, about: [], body: {} })
      before = await everything(auren)
      // Plain arithmetic: 31 days of 50 … 56 in turn.
      const planted = Array.from({ length: 31 }, (_, day) => 50 + (day % 7))
      expect(before.fact.value).toBeCloseTo(planted.reduce((sum, value) => sum + value, 0) / 31, 9)
      expect(before.lines.join()).toContain(NOTE)
      expect(before.aside).toHaveLength(1)
    } finally {
      await auren.close()
    }
    const database = new URL(url)
    execFileSync('pg_dump', [
      ...documented('pg_dump', { auren_user: database.username, auren_production: database.pathname.slice(1) }),
      ...['--host', database.hostname, '--port', database.port, '--file', dump],
    ])
    expect(statSync(dump).size).toBeGreaterThan(10_000)
    psql(source as string, `drop database ${database.pathname.slice(1)} with (force)`)
  })

  it('keeps words closed to whoever has only the dump', () => {
    const plain = execFileSync('pg_restore', ['--file=-', dump], { encoding: 'latin1', maxBuffer: 2 ** 28 })
    expect(plain).toContain('resting_heart_rate')
    expect(plain).not.toContain('CANARY')
    expect(plain).not.toContain('moon')
  })

  for (const [name, server] of targets) {
    it.skipIf(server === null)(`into an empty database on ${name} gives the same answers, and goes on`, async () => {
      const url = makeDatabase(server as string)
      const database = new URL(url)
      const roles = /^.*create role.*$/m.exec(
        readFileSync(resolve(import.meta.dirname, '../../../docs/deploy.md'), 'utf8').split(
          '## Backup and restore',
        )[1] ?? '',
      )
      // On this server other tests have made the roles already.
      for (const role of ['auren_person', 'auren_relay', 'auren_consumer']) {
        expect(roles?.[0]).toContain(`create role ${role} nologin`)
        psql(
          server as string,
          `do $$ begin create role ${role} nologin; exception when duplicate_object then null; end $$`,
        )
      }
      execFileSync('pg_restore', [
        ...documented('pg_restore', { auren_user: database.username, auren_production: database.pathname.slice(1) }),
        ...['--host', database.hostname, '--port', database.port, dump],
      ])
      await expect(open(url, randomBytes(32).toString('base64'))).rejects.toMatchObject({ code: 'AUREN_KEY_INVALID' })

      const auren = await open(url)
      try {
        expect(await everything(auren)).toEqual(before)
        // What was accepted before the dump is known; what is new is stored.
        expect(await auren.ingest.observations(batch)).toMatchObject({ duplicate: true })
        await auren.ingest.observations(later)
        await auren.ingest.settled()
        const { accepted, stored, waiting } = await auren.lag()
        expect([accepted, stored, waiting]).toEqual([before.counts.accepted + 1, before.counts.stored + 1, 0])
      } finally {
        await auren.close()
      }
    })
  }
})
