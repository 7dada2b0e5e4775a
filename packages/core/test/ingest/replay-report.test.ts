import { describe, expect, it } from 'vitest'
import { ReplayReport, tally } from '../../src/ingest/replay-report.js'
import { type Spans, widen } from '../../src/ingest/snapshot.js'
import type { Observation } from '../../src/observation/schema.js'

const tag = (name: string, start: number): Extract<Observation, { shape: 'tag' }> => ({
  shape: 'tag',
  tag: name,
  start,
  source: { name: 'Notes', type: 'app' },
  offset: null,
  zoneBasis: 'absent',
})
const told = (before: ReturnType<typeof tag>) =>
  ({ place: [], change: 'withdrawn', before, after: null, amendment: null }) as const

describe('what a replay reports', () => {
  it('stays small whatever the vendor names its tags, and counts all of it', () => {
    const report = ReplayReport.parse({})
    for (let i = 0; i < 5000; i++) tally(report, told(tag(`tag ${i}`, i)), '2026-01-01')
    expect(report.kinds).toHaveLength(500)
    expect(report.untold).toBe(4500)
    // A kind that is told already goes on being told.
    tally(report, told(tag('tag 7', 1)), '2026-01-01')
    expect(report.kinds[7]).toMatchObject({ of: 'tag 7', withdrawn: 2, days: [{ date: '2026-01-01', withdrawn: 2 }] })
  })

  it('stays small over a hundred years of one metric', () => {
    const report = ReplayReport.parse({})
    const day = (i: number) => new Date(i * 86_400_000).toISOString().slice(0, 10)
    for (let i = 0; i < 36_500; i++) tally(report, told(tag('coffee', i)), day(i))
    expect(report.kinds[0]).toMatchObject({ withdrawn: 36_500 })
    expect(report.untold).toBe(34_500)
    expect(JSON.stringify(report).length).toBeLessThan(200_000)
  })
})

it('what a document spans stays small, too: of what is beyond it, nothing is said to be missing', () => {
  const spans: Spans = {}
  widen(
    spans,
    Array.from({ length: 5000 }, (_, i) => tag(`tag ${i}`, i)),
  )
  expect(Object.keys(spans)).toHaveLength(1000)
  widen(spans, [tag('tag 3', 9000)])
  expect(spans['tag tag 3']).toEqual([3, 9000])
})
