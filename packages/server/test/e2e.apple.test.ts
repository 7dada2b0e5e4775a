import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateAppleExport } from '../../../bench/generate/apple-export.js'
import type { Truth } from '../../../bench/generate/apple-truth.js'
import { answerOf, factsOf, type Installation, importOverHttp, install } from './harness.js'
import { dailyMeans, readRecords } from './raw-apple.js'

const TODAY = '2025-07-01'
let here: Installation
let xml = ''
let truth: Truth

beforeAll(async () => {
  here = await install()
  const parts = generateAppleExport({ months: 3, seed: 7 })
  for (;;) {
    const next = parts.next()
    if (next.done) {
      truth = next.value
      break
    }
    xml += next.value
  }
  const imported = await importOverHttp(here.client, 'export.xml', Buffer.from(xml), 'apple-health')
  expect(imported).toMatchObject({ state: 'done', error: null, duplicate: false })
  await here.auren.ingest.settled()
}, 180_000)
afterAll(async () => {
  await here.close()
  await here.remove()
})

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const between = (map: ReadonlyMap<string, number> | Record<string, number>, from: string, to: string): number[] =>
  [...(map instanceof Map ? map : Object.entries(map as Record<string, number>))]
    .filter(([date]) => date >= from && date <= to)
    .map(([, value]) => value)

describe('three months of an invented person, over HTTP', () => {
  it('mean resting heart rate of last week', async () => {
    // Last week is the ISO week before 1 July 2025: 23 to 29 June.
    const raw = dailyMeans(readRecords(xml), 'RestingHeartRate')
    const [fact] = await factsOf(here.client, 'What was my average resting heart rate last week?', TODAY)
    expect(fact).toMatchObject({ status: 'ok', from: '2025-06-23', to: '2025-06-29', unit: '/min' })
    expect(fact?.value).toBeCloseTo(mean(between(raw, '2025-06-23', '2025-06-29')), 6)
  })

  it('number of nights under six hours in a month', async () => {
    const nights = between(truth.asleep.watch, '2025-05-01', '2025-05-31')
    const short = nights.filter((seconds) => seconds < 6 * 3600).length
    const [fact] = await factsOf(here.client, 'How many nights did I sleep less than 6 hours in May 2025?', TODAY)
    expect(fact).toMatchObject({ status: 'ok', from: '2025-05-01', to: '2025-05-31' })
    expect(fact?.value).toBe(short)
  })

  it('two months compared', async () => {
    const raw = dailyMeans(readRecords(xml), 'RestingHeartRate')
    const [fact] = await factsOf(here.client, 'Compare my resting heart rate in May 2025 and June 2025', TODAY)
    const may = mean(between(raw, '2025-05-01', '2025-05-31'))
    const june = mean(between(raw, '2025-06-01', '2025-06-30'))
    expect([fact?.value, fact?.comparison?.value].map((v) => Number(v).toFixed(6)).toSorted()).toEqual(
      [may, june].map((v) => v.toFixed(6)).toSorted(),
    )
    expect(Math.abs(fact?.comparison?.difference ?? 0)).toBeCloseTo(Math.abs(may - june), 6)
  })

  it('the best day', async () => {
    const best = Object.entries(truth.steps).reduce((a, b) => (b[1] > a[1] ? b : a))
    const [fact] = await factsOf(here.client, 'What was my best day for steps?', TODAY)
    expect(fact?.date).toBe(best[0])
    expect(fact?.value).toBeCloseTo(best[1], 3)
  })

  it('counts a walk once that phone and watch both saw', async () => {
    const days = await here.auren.longTerm.days(
      { user: 'local', purpose: 'display' },
      { metrics: ['steps'], from: '2025-04-02', to: '2025-06-29' },
    )
    const merged = new Map(days.map((row) => [row.date, row.value]))
    for (const [date, steps] of Object.entries(truth.steps)) {
      if (date >= '2025-04-02' && date <= '2025-06-29') expect(merged.get(date), date).toBeCloseTo(steps, 3)
    }
  })

  it('leads every number of an answer back to measurements', async () => {
    const { sentences, facts } = await answerOf(here.client, 'What was my average resting heart rate last week?', TODAY)
    expect(sentences.length).toBeGreaterThan(0)
    const cited = new Set(sentences.flatMap((sentence) => sentence.facts))
    expect(cited.size).toBeGreaterThan(0)
    for (const id of cited) expect(facts.map((fact) => fact.id)).toContain(id)
    const trace = await here.client.call<{
      samples: { value: number; rawRef: string }[]
      rows: { value: number; source: string }[]
      text: string
    }>('neuros', 'GET', '/v1/trace?metric=resting_heart_rate&date=2025-06-25')
    const raw = readRecords(xml).find((record) => record.type === 'RestingHeartRate' && record.date === '2025-06-25')
    expect(trace.samples.map((sample) => sample.value)).toContain(Number(raw?.value))
    expect(trace.rows.find(({ source }) => source === 'merged')?.value).toBe(Number(raw?.value))
    expect(trace.text).toMatch(/ bpm on 25 Jun 2025$/)
    expect(trace.samples[0]?.rawRef).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('changes nothing when the same file comes again, as XML or by another name', async () => {
    const before = await here.auren.longTerm.version({ user: 'local', purpose: 'display' })
    const again = await importOverHttp(here.client, 'renamed.xml', Buffer.from(xml))
    expect(again).toMatchObject({ state: 'done', duplicate: true })
    expect(await here.auren.longTerm.version({ user: 'local', purpose: 'display' })).toBe(before)
  })
})
