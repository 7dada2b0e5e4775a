import type { ObservationInput } from '@auren/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { placesIn } from '../../plugins/src/storage/pglite/folder.js'
import { openPglite } from '../../plugins/src/storage/pglite/sql.js'
import { forget } from '../src/cli/commands/records.js'
import { answerOf, type Installation, install, recordedOutput } from './harness.js'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 3, 15, 10)
const TODAY = '2026-04-15'
const { output, printed } = recordedOutput()
let here: Installation
let me: string
let now = NOW

const watch = { name: 'Watch', type: 'watch' as const }
const weight = (day: number, value: number) => ({
  shape: 'sample' as const,
  metric: 'weight',
  start: NOW - day * DAY,
  value,
  unit: 'kg',
  source: { name: 'Scale', type: 'scale' as const },
  offset: 120,
  zoneBasis: 'carried' as const,
})
const rest = (day: number) => ({
  ...weight(day, 50 + (day % 5)),
  metric: 'resting_heart_rate',
  unit: '/min',
  source: watch,
})
const send = async (key: string, observations: ObservationInput[]): Promise<void> => {
  const { id } = await here.auren.ingest.observations({ userId: me, provider: 'app.own', key, observations })
  await here.auren.ingest.processed(me, id)
}
/** 71.93737 kg on one day, which nothing else has. */
const SECRET = { plain: '71.93737', packed: '7193737' }
const days = Array.from({ length: 60 }, (_, i) => i + 1)

beforeAll(async () => {
  here = await install({}, { now: () => now })
  ;({ user: me } = await here.client.call<{ user: string }>('neuros', 'GET', '/v1/auth/me'))
  await send('first', [...days.map((day) => weight(day, 70)), ...days.map(rest), weight(3.5, Number(SECRET.plain))])
  now += 1000
  // Corrected since, so that the old value is in the history alone.
  await send('second', [weight(3.5, 72)])
  const memory = here.auren.memory.for(me)
  await memory.remember({ kind: 'note', text: 'I weighed myself after the canary supper.' })
  await memory.remember({ kind: 'safety', text: 'I am allergic to penicillin.' })
  await memory.consolidate()
  await answerOf(here.client, 'What was my average weight in April 2026?', TODAY, 'about-weight')
  await answerOf(here.client, 'What was my average resting heart rate in April 2026?', TODAY, 'about-rest')
}, 60_000)
afterAll(async () => {
  await here?.remove()
})

const about = async (metric: string) =>
  (await here.auren.memory.for(me).list({ about: metric })).map(({ kind }) => kind)
const scope = () => ({ user: me, purpose: 'display' as const })

it('tells what would go, and changes nothing', async () => {
  printed.splice(0)
  await forget(here.client, output, { metric: ['weight'], dryRun: true })
  expect(printed.join('\n')).toMatch(
    /Would go[\s\S]*61\s+weight \(sample\)[\s\S]*\d+\s+conclusions from it[\s\S]*1\s+conversations/,
  )
  printed.splice(0)
  await forget(here.client, output, { text: 'canary supper' })
  expect(printed.join('\n')).toMatch(/Would go[\s\S]*1\s+memories: note[\s\S]*Add --yes/)
  expect(await here.auren.memory.for(me).list({ kinds: ['note'] })).toHaveLength(1)
  expect((await here.auren.metrics(me)).map(({ metric }) => metric)).toContain('weight')
  expect(await about('weight')).toContain('baseline')
  await expect(here.auren.memory.for(me).forgetAll({})).rejects.toMatchObject({ code: 'AUREN_INPUT_INVALID' })
})

it('forgets some days: what is left is concluded anew, as if they had never been', async () => {
  const report = await here.auren.memory
    .for(me)
    .forgetAll({ metrics: ['weight'], from: '2026-04-10', to: '2026-04-14' })
  // By hand: five days with one each, and the corrected one of the 11th or 12th.
  expect(report.observations).toEqual([{ shape: 'sample', of: 'weight', count: 6 }])
  const left = await here.auren.longTerm.days(scope(), { metrics: ['weight'], from: '2026-01-01', to: TODAY })
  expect(left).toHaveLength(55)
  expect(left.at(-1)?.date).toBe('2026-04-09')
  const [baseline] = await here.auren.memory.for(me).list({ about: 'weight', kinds: ['baseline'] })
  expect(baseline?.body).toMatchObject({ median: 70 })
  // The safety fact, the note and the conversation about something else stay.
  expect((await here.auren.threads.list(scope())).map(({ id }) => id)).toEqual(['about-rest'])
  expect(await here.auren.memory.for(me).list({ kinds: ['note', 'safety'] })).toHaveLength(2)
  expect(await about('resting_heart_rate')).toContain('baseline')
})

it('does not come back with the same delivery under another key, nor can it be read as of then', async () => {
  await send('again', [weight(3.5, Number(SECRET.plain)), weight(2, 70)])
  const q = { metric: 'weight', from: NOW - 5.5 * DAY, to: NOW }
  expect(await here.auren.longTerm.samples(scope(), q)).toEqual([])
  expect(await here.auren.longTerm.samples(scope(), { ...q, asOf: NOW + 500 })).toEqual([])
  const { changed } = await here.auren.memory
    .for(me)
    .forgetAll({ metrics: ['weight'], from: '2026-04-10' }, { dryRun: false })
    .then(({ observations }) => ({ changed: observations }))
  // What came again was kept in the history as refused, and goes likewise.
  expect(changed).toEqual([{ shape: 'sample', of: 'weight', count: 2 }])
})

it('forgets words with what was made of them, notes it in the audit log, and leaves the number in no table', async () => {
  await forget(here.client, output, { text: 'canary supper', yes: true })
  expect(await here.auren.memory.for(me).list({ kinds: ['note'] })).toEqual([])
  const rows = (await here.auren.identity?.auditRows({ about: me, limit: 50 })) ?? []
  expect(rows.map(({ action }) => action)).toContain('data.forget')
  await here.close()
  const sql = await openPglite({ dataDir: placesIn(here.config.dataDir).database })
  const found: string[] = []
  const tables = await sql.transaction((tx) =>
    tx.query<{ name: string }>("select tablename as name from pg_tables where schemaname = 'auren'"),
  )
  for (const { name } of tables) {
    const [row] = await sql.transaction((tx) =>
      tx.query<{ n: number }>(
        `select count(*)::int4 as n from auren.${name} t where t::text like $1 or t::text like $2`,
        [`%${SECRET.plain}%`, `%${SECRET.packed}%`],
      ),
    )
    if ((row?.n ?? 0) > 0) found.push(name)
  }
  await sql.close()
  expect(tables.length).toBeGreaterThan(30)
  expect(found).toEqual([])
})
