import { describe, expect, it } from 'vitest'
import { sleep } from '../src/neuros/sleep/index.js'
import { deviation, runAlone, understood } from './neuros/turn.js'

const metricOf = (query: unknown) => (query as { metric: string }).metric
/** What was asked of the baselines; the rest asks which night is the newest. */
const judged = <Q>(asked: readonly Q[]) =>
  asked.filter((query) => typeof query === 'object' && query !== null && 'pattern' in query)

describe('sleep', () => {
  it('tells the night against the usual range, duration first, the rest where it is outside', async () => {
    const { update, asked } = await runAlone(
      sleep(),
      { understanding: understood({ intent: 'sleep' }) },
      {
        metrics: ['sleep_duration', 'sleep_deep', 'sleep_rem', 'steps'],
        answer: (query) => deviation(metricOf(query), metricOf(query) === 'sleep_rem' ? 40 : 60),
      },
    )
    expect(judged(asked).map(metricOf)).toEqual(['sleep_duration', 'sleep_deep', 'sleep_rem'])
    expect(update.findings?.map((finding) => finding.sentences[0])).toEqual([
      '{{fact:sleep_duration-2026-11-23}}: inside your usual range of {{fact:sleep_duration-2026-11-23.baseline}}.',
      '{{fact:sleep_rem-2026-11-23}}: below your usual range of {{fact:sleep_rem-2026-11-23.baseline}}.',
    ])
  })
  it('looks at ninety days where twenty-eight are too few, and says nothing of what it cannot judge', async () => {
    const { asked, update } = await runAlone(
      sleep(),
      { understanding: understood({ intent: 'overview' }) },
      {
        metrics: ['sleep_duration'],
        answer: (query) =>
          deviation('sleep_duration', null, '2026-11-23', {
            status: (query as { window: number }).window === 28 ? 'not_enough_data' : 'no_data',
          }),
      },
    )
    expect(judged(asked).map((query) => (query as unknown as { window: number }).window)).toEqual([28, 90])
    expect(update).toMatchObject({ facts: {}, findings: [] })
  })
  it('judges the newest night of the last three, and says nothing where there is none', async () => {
    const run = (date: string | null) =>
      runAlone(
        sleep(),
        { understanding: understood({ intent: 'sleep' }) },
        {
          metrics: ['sleep_duration'],
          answer: (query) => ({ ...deviation('sleep_duration', 60), ...('pattern' in query ? {} : { date }) }),
        },
      )
    const found = await run('2026-11-22')
    expect(judged(found.asked)).toMatchObject([{ pattern: 'deviation', date: '2026-11-22' }])
    const none = await run(null)
    expect(judged(none.asked)).toEqual([])
    expect(none.update).toEqual({})
  })
  it('keeps quiet when something else is asked', async () => {
    expect((await runAlone(sleep(), { understanding: understood({ intent: 'numbers' }) })).update).toEqual({})
  })
})
