import type { ObservationInput, TracedPage, TracedRow } from '@auren/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { memory } from '../src/cli/commands/memory.js'
import { type Installation, install, recordedOutput } from './harness.js'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 3, 15, 10)
const { output, printed } = recordedOutput()
let here: Installation
let me: string
let receipt: string
let baseline: string

beforeAll(async () => {
  here = await install({}, { now: () => NOW })
  ;({ user: me } = await here.client.call<{ user: string }>('neuros', 'GET', '/v1/auth/me'))
  const watch = { name: 'Watch', type: 'watch' as const }
  const base = { source: watch, offset: 120, zoneBasis: 'carried' as const }
  const days = Array.from({ length: 40 }, (_, i) => i + 1)
  const observations = days.flatMap((day): ObservationInput[] => {
    const start = NOW - day * DAY
    return [
      { shape: 'sample', metric: 'weight', start, value: 70 + (day % 3), unit: 'kg', recordId: `w-${day}`, ...base },
      {
        shape: 'session',
        kind: 'sleep',
        start: start - 12 * 3_600_000,
        end: start - 4 * 3_600_000,
        measures: { sleep_deep: 3600 + day },
        ...base,
      },
    ]
  })
  ;({ id: receipt } = await here.auren.ingest.observations({ userId: me, provider: 'app.own', key: 'a', observations }))
  await here.auren.ingest.processed(me, receipt)
  await here.auren.memory.for(me).consolidate()
  baseline = await idOf('weight')
}, 60_000)
afterAll(async () => {
  await here?.close()
  await here?.remove()
})

/** The 28-day baseline of a metric. */
const idOf = async (metric: string): Promise<string> =>
  (await here.auren.memory.for(me).list({ about: metric, kinds: ['baseline'] })).find(({ body }) => body.window === 28)
    ?.id as string

async function pages(id: string, limit: number): Promise<TracedRow[]> {
  const rows: TracedRow[] = []
  for (let after = ''; ; ) {
    const query = `limit=${limit}${after && `&after=${encodeURIComponent(after)}`}`
    const page = await here.client.call<TracedPage>('neuros', 'GET', `/v1/memories/${id}/observations?${query}`)
    expect(page.rows.length).toBeLessThanOrEqual(limit)
    rows.push(...page.rows)
    if (page.next === null) return rows
    after = page.next
  }
}

it('leads from a baseline down to each measurement, its device, its record and its delivery, in pages', async () => {
  const rows = await pages(baseline, 5)
  // By hand: 28 days that ended yesterday, one weighing each, oldest first.
  expect(rows).toHaveLength(28)
  expect(rows.map(({ recordId }) => recordId)).toEqual(Array.from({ length: 28 }, (_, i) => `w-${28 - i}`))
  expect(rows[0]).toEqual({
    metric: 'weight',
    date: '2026-03-18',
    shape: 'sample',
    source: expect.stringMatching(/^app\.own\/[0-9a-f]{8}\/Watch$/),
    start: NOW - 28 * DAY,
    end: null,
    value: 71,
    recordId: 'w-28',
    receivedAt: NOW,
    rawRef: receipt,
    delivery: { provider: 'app.own', receivedAt: NOW, file: false },
  })
  expect(await pages(baseline, 500)).toEqual(rows)
})

it('leads to nights for what is measured in them', async () => {
  const rows = await pages(await idOf('sleep_deep'), 100)
  expect(rows).toHaveLength(28)
  expect(rows.at(-1)).toMatchObject({ shape: 'session', date: '2026-04-14', value: 3601, rawRef: receipt })
})

it('is printed to be read, and goes on where it stopped', async () => {
  printed.splice(0)
  await memory.trace(here.client, output, baseline, { limit: '3' })
  const said = printed.splice(0).join('\n')
  expect(said).toMatch(/^baseline: Usual weight over 28 days/)
  expect(said).toContain(`app.own ${receipt}`)
  const after = /--after (\S+)$/.exec(said)?.[1] as string
  await memory.trace(here.client, output, baseline, { limit: '1', after })
  expect(printed.splice(0).join('\n')).toContain('2026-03-21')
  const wrong = `/v1/memories/${baseline}/observations?after=elsewhere`
  await expect(here.client.call('neuros', 'GET', wrong)).rejects.toMatchObject({ code: 'AUREN_INPUT_INVALID' })
})
