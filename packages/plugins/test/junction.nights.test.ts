import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { normalize, planned } from './junction-reading.js'

const fixture = JSON.parse(readFileSync(new URL('../fixtures/junction/sleep.json', import.meta.url), 'utf8')) as {
  data: Record<string, unknown>
}
const summary = { id: 's1', user_id: 'u1', updated_at: '2026-04-02T01:00:00+00:00', source: { provider: 'garmin' } }

describe('nights', () => {
  it('are six and a half hours on the night of the clock change, of the date on which they end', () => {
    const [plan] = planned(fixture)
    const { observations, rejected } = normalize(plan?.payload)
    expect(rejected).toEqual([])
    expect(observations[0]).toEqual({
      shape: 'session',
      kind: 'sleep',
      // 23:30 in Berlin (+01:00) to 07:00 (+02:00).
      start: Date.parse('2026-03-28T22:30:00Z'),
      end: Date.parse('2026-03-29T05:00:00Z'),
      nap: false,
      measures: {
        sleep_duration: 21_600,
        sleep_deep: 4800,
        sleep_light: 12_600,
        sleep_rem: 4200,
        sleep_awake: 1800,
        sleep_latency: 540,
        sleep_efficiency: 92.3,
        heart_rate: 53,
        heart_rate_min: 47,
        hrv_rmssd: 61.5,
        respiratory_rate: 14.2,
      },
      offset: 120,
      zoneBasis: 'carried',
      source: { name: 'oura', type: 'ring' },
      recordId: 'sleep/3b8f6f0a-0c5e-4f4b-8c7e-2a1d9e6b5c40',
      version: Date.parse('2026-03-29T05:20:00Z'),
    })
    expect(observations.slice(1)).toMatchObject([
      { metric: 'skin_temperature_deviation', value: -0.2, start: Date.parse('2026-03-29T05:00:00Z') },
      { metric: 'junction.sleep_score', value: 84 },
    ])
  })

  const night = (more: object) => normalize({ resource: 'sleep', items: [{ ...fixture.data, ...more }] })

  it('read an efficiency as it is documented, in per cent, and as it is shown, a fraction', () => {
    expect(night({ efficiency: 0.97 }).observations[0]).toMatchObject({ measures: { sleep_efficiency: 97 } })
    expect(night({ efficiency: null }).observations[0]).not.toHaveProperty('measures.sleep_efficiency')
  })

  it('of a store without stages have no duration, not a duration of zero', () => {
    const [session] = night({ total: 0, light: 0, rem: 0, deep: 0, awake: 0 }).observations
    expect(Object.keys((session as { measures: object }).measures)).not.toEqual(
      expect.arrayContaining(['sleep_duration']),
    )
    expect(session).not.toHaveProperty('measures.sleep_deep')
  })

  it('corrected later outrank, in whatever order they arrive; a broken one is set aside by itself', () => {
    const late = night({ updated_at: '2026-03-29T09:00:00+00:00', hr_lowest: 46 }).observations[0]
    const early = night({}).observations[0]
    expect(late).toMatchObject({ recordId: (early as { recordId: string }).recordId })
    expect((late as { version: number }).version).toBeGreaterThan((early as { version: number }).version)
    const { observations, rejected } = normalize({
      resource: 'sleep',
      items: [
        { ...fixture.data, bedtime_stop: fixture.data.bedtime_start },
        { ...fixture.data, bedtime_start: 'yesterday' },
        { id: 'x' },
        null,
        { ...fixture.data, type: 'a_type_of_tomorrow', score: null, temperature_delta: null },
      ],
    })
    expect(rejected).toEqual(['order', 'schema', 'schema', 'schema'])
    expect(observations).toHaveLength(1)
    expect(observations[0]).not.toHaveProperty('nap')
  })

  it('have no stage outside them, and no minute in two stages', () => {
    const cycle = {
      ...summary,
      session_start: '2026-04-01T22:00:00+00:00',
      session_end: '2026-04-02T06:00:00+00:00',
      stage_start_offset_second: [3600, -600, 1800, 7200],
      stage_end_offset_second: [7200, 3600, 5400, 36_000],
      stage_type: [2, 4, 1, 3],
    }
    const { observations } = normalize({ resource: 'sleep_cycle', items: [cycle] })
    const [session] = observations
    if (session?.shape !== 'session') throw new Error('no session')
    expect(session.stages?.map(({ stage, start, end }) => [stage, (end - start) / 3_600_000])).toEqual([
      ['awake', 1],
      ['deep', 0.5],
      ['light', 0.5],
      ['rem', 6],
    ])
    expect(session.stages?.at(-1)?.end).toBe(session.end)
  })

  it('take their stages from the cycle that is beside them, and from the samples of the night', () => {
    const cycle = {
      ...summary,
      sleep_id: 's1',
      session_start: '2026-03-28T22:30:00+00:00',
      session_end: '2026-03-29T05:00:00+00:00',
      stage_start_offset_second: [0, 600, 4200],
      stage_end_offset_second: [600, 4200, 4800],
      stage_type: [4, 2, 99],
      time_zone: 'Europe/Berlin',
    }
    const at = (seconds: number) => Date.parse('2026-03-28T22:30:00Z') + seconds * 1000
    const stages = [
      { stage: 'awake', start: at(0), end: at(600) },
      { stage: 'light', start: at(600), end: at(4200) },
      { stage: 'no_data', start: at(4200), end: at(4800) },
    ]
    expect(night({ sleep_cycle: cycle }).observations[0]).toMatchObject({
      stages,
      measures: { sleep_duration: 21_600 },
    })
    expect(normalize({ resource: 'sleep_cycle', items: [cycle] }).observations).toMatchObject([
      { kind: 'sleep', stages, offset: 120, zoneBasis: 'carried', recordId: 'sleep_cycle/s1', measures: {} },
    ])
    expect(normalize({ resource: 'sleep_cycle', items: [{ ...cycle, stage_type: [4] }] }).rejected).toEqual(['schema'])
    const sleep_stream = {
      hypnogram: [
        { timestamp: '2026-03-28T22:40:00+00:00', value: 3 },
        { timestamp: '2026-03-28T22:30:00+00:00', value: 1 },
      ],
      heartrate: [
        { timestamp: '2026-03-28T22:31:00+00:00', value: 0 },
        { timestamp: '2026-03-28T22:32:00+00:00', value: 51 },
      ],
      hrv: [{ value: 3 }],
    }
    const streamed = night({ sleep_stream })
    expect(streamed.observations[0]).toMatchObject({
      stages: [
        { stage: 'deep', start: at(0), end: at(600) },
        { stage: 'rem', start: at(600), end: Date.parse('2026-03-29T05:00:00Z') },
      ],
    })
    expect(streamed.observations.filter((o) => o.shape === 'sample' && o.metric === 'heart_rate')).toMatchObject([
      { value: 51, start: at(120) },
    ])
    expect(streamed.rejected).toEqual(['schema'])
  })
})
