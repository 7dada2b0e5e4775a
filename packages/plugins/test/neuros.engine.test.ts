import { createFactEngine, createNeuros, type DayRow, daysBefore, MERGED } from '@auren/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMemoryLongTerm } from '../../core/src/testing/memory-long-term.js'
import { collect, node, ports, said } from '../../core/test/reasoning/ports.js'
import { neuros } from '../src/neuros/index.js'
import { sentenceParser } from '../src/neuros/sentence-parser/index.js'
import type { Sql } from '../src/storage/sql/port.js'
import { createThreads } from '../src/storage/sql/threads.js'
import { understood } from './neuros/turn.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

const today = '2026-11-23'

/** A day of one merged metric. */
function day(metric: string, date: string, value: number): DayRow {
  const all = { value, n: 1, sum: value, min: value, max: value, mean: value, first: value, last: value }
  return { metric, source: MERGED, date, ...all, sd: null, leq: null, bands: null, coverage: 1, parts: null }
}

/** Sixty quiet days, and the values of today. */
function history(now: Record<string, number>): DayRow[] {
  const usual: Record<string, number> = {
    resting_heart_rate: 58,
    hrv_rmssd: 45,
    sleep_duration: 27_000,
    respiratory_rate: 14,
  }
  return Object.entries(usual).flatMap(([metric, value]) =>
    Array.from({ length: 61 }, (_, back) => {
      const wobble = (((back * 7) % 5) - 2) * (value / 100)
      return day(metric, daysBefore(today, back), back === 0 ? (now[metric] ?? value) : value + wobble)
    }),
  )
}

async function tell(now: Record<string, number>, intent: 'recovery' | 'overview'): Promise<string> {
  const longTerm = createMemoryLongTerm({ days: history(now) })
  const nodes = neuros().map((each) =>
    each.id === 'sentence-parser' ? sentenceParser(() => understood({ intent, complete: true })) : each,
  )
  const all = ports(nodes, { longTerm, engine: createFactEngine({ longTerm }) })
  const parts = await collect(createNeuros(all).ask({ userId: 'ann', threadId: 't', text: 'How am I?' }))
  expect(parts.filter((part) => part.type === 'degraded')).toEqual([])
  return said(parts).join('\n')
}

describe('NEUROS over the fact engine', () => {
  it('tells a strained day by its numbers, each against the usual range', async () => {
    const text = await tell({ resting_heart_rate: 67, hrv_rmssd: 28 }, 'overview')
    // Each metric wobbles by 0, 1 and 2 hundredths of itself: the median is the value, the MAD one hundredth, and
    // the usual range the median ± 2 × 1.4826 × MAD, so 58 ± 1.72, 45 ± 1.33 and 27,000 ± 801.
    expect(text.split('\n').slice(0, 3)).toEqual([
      'Time asleep 7 h 30 min on 23 Nov 2026: inside your usual range of 7 h 17 min to 7 h 43 min.',
      'Heart rate variability (RMSSD) 28 ms on 23 Nov 2026: below your usual range of 43.7 ms to 46.3 ms.',
      'Resting heart rate 67 bpm on 23 Nov 2026: above your usual range of 56.3 bpm to 59.7 bpm.',
    ])
    expect(text).toMatch(/^Based on 28 of 28 days before, coverage 100 %\.$/m)
    expect(text).toContain('your body looks strained')
  })
  it('tells a usual day as one', async () => {
    const text = await tell({}, 'recovery')
    expect(text).toContain('None of these signs of recovery is outside your usual range.')
    expect(text).not.toContain('strained')
  })
})

describe('threads on PGlite', () => {
  let sql: Sql
  beforeAll(async () => {
    sql = await openTestSql()
  })
  afterAll(() => sql.close())

  it('survive a restart, journal included', async () => {
    const threads = createThreads(sql, await openTestVault(sql, 'ann'))
    const seen: number[] = []
    const nodes = neuros().map((each) =>
      each.id === 'sentence-parser' ? sentenceParser(() => understood({ intent: 'smalltalk' })) : each,
    )
    const watch = node('watch', {
      phase: 'recall',
      reads: ['conversation'],
      writes: [],
      async run(state) {
        seen.push(state.conversation.length)
        return {}
      },
    })
    const open = () => {
      const all = ports([...nodes, watch], {})
      return createNeuros({
        ...all,
        threads,
        journal: { transaction: (fn) => sql.transaction(fn), person: async () => undefined },
      })
    }
    const first = open()
    const { run } = await first.begin({ userId: 'ann', threadId: 't', text: 'hello' })
    const parts: unknown[] = []
    for await (const part of first.replay({ userId: 'ann', run })) parts.push(part)
    await first.close()

    const second = open()
    const again: unknown[] = []
    for await (const part of second.replay({ userId: 'ann', run })) again.push(part)
    expect(again).toEqual(parts)
    await collect(second.ask({ userId: 'ann', threadId: 't', text: 'hello again' }))
    expect(seen).toEqual([0, 2])
    expect((await threads.turns({ user: 'ann', purpose: 'display' }, 't')).map(({ role }) => role)).toEqual([
      'person',
      'neuros',
      'person',
      'neuros',
    ])
  })
})
