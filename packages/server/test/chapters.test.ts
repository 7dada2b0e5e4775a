import type { ConsolidationReport, LadderRow } from '@auren/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { memory } from '../src/cli/commands/memory.js'
import { consolidate } from '../src/cli/commands/records.js'
import { type Installation, install, recordedOutput } from './harness.js'

let here: Installation
const { output, printed } = recordedOutput()
const DAY = 86_400_000
const BEGIN = Date.UTC(2024, 0, 1)
/** Forty weeks at 54 to 58, thirty at 64 to 68. */
const pulse = (i: number): number => 54 + ((i * 3) % 5) + (i >= 280 ? 10 : 0)

beforeAll(async () => {
  here = await install()
  await here.auren.ingest.observations({
    userId: 'local',
    provider: 'test',
    observations: Array.from({ length: 490 }, (_, i) => ({
      shape: 'sample' as const,
      metric: 'resting_heart_rate',
      start: BEGIN + i * DAY + DAY / 4,
      value: pulse(i),
      unit: '/min',
      source: { name: 'Watch', type: 'watch' as const },
      offset: 60,
      zoneBasis: 'carried' as const,
    })),
  })
  await here.auren.ingest.settled()
})
afterAll(async () => {
  await here?.close()
  await here?.remove()
})

it('are none before the first night, and the command says what to do', async () => {
  expect(await memory.chapters(here.client, output, {})).toBe(0)
  expect(printed.splice(0)).toEqual([
    'There are no chapters yet: they need eight weeks of data, and a night (or: auren consolidate).',
  ])
})

it('are told by the command line and by HTTP, with their numbers, once the data are consolidated', async () => {
  expect(await consolidate(here.client, output)).toBe(0)
  expect(printed.splice(0)[0]).toMatch(
    /^Computed \d+ weeks, \d+ months, 6 quarters, 2 years; 95 came out new or different\.$/,
  )
  await memory.chapters(here.client, output, { about: 'resting_heart_rate' })
  expect(printed.splice(0)).toEqual([
    '2024-01 to 2024-10 (40 weeks): resting heart rate 56 bpm.',
    '2024-10 to 2025-05 (30 weeks): 10 bpm higher resting heart rate (66 bpm).',
  ])
  const [, second] = await here.client.call<{ levels: object[]; derivedFrom: string[]; algorithm: string }[]>(
    'neuros',
    'GET',
    '/v1/chapters',
  )
  expect(second).toMatchObject({
    algorithm: 'chapters@1.1.0',
    derivedFrom: ['days:resting_heart_rate/2024-10-07/2025-05-04'],
    levels: [{ series: 'resting_heart_rate', median: 66, n: 30, coverage: 1, shift: 10 }],
  })
  expect(await here.client.call('neuros', 'GET', '/v1/chapters?about=steps')).toEqual([])
  expect(await here.client.call('neuros', 'GET', '/v1/chapters?as_of=1000')).toEqual([])
})

it('stand on a ladder that can be read', async () => {
  const months = await here.client.call<LadderRow[]>(
    'neuros',
    'GET',
    '/v1/ladder?metric=resting_heart_rate&from=2024-10-01&to=2024-11-30',
  )
  expect(months.map(({ period, median, state }) => [period, median, state])).toEqual([
    ['2024-10', 65, 'far above'],
    ['2024-11', 66, 'far above'],
  ])
  const years = await here.client.call<LadderRow[]>('neuros', 'GET', '/v1/ladder?metric=resting_heart_rate&rung=year')
  expect(years.map(({ period, n }) => [period, n])).toEqual([
    ['2024', 366],
    ['2025', 124],
  ])
})

it('are not computed again where nothing changed', async () => {
  const report = await here.client.call<ConsolidationReport>('neuros', 'POST', '/v1/consolidations')
  expect(report).toMatchObject({ written: 0, retired: 0, detectors: ['baselines'] })
  expect(Object.values(report.ladder.computed)).toEqual([0, 0, 0, 0])
})

it('are made at night by themselves: whoever has data has one job that waits for it', async () => {
  expect(await here.auren.lag()).toMatchObject({ jobs: 0, planned: 1 })
})
