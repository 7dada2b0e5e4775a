import { describe, expect, it } from 'vitest'
import { chooseSleep, linkWorkouts, type SessionCandidate } from '../../src/ingest/sessions.js'
import { rollUpSessions } from '../../src/memory/session-days.js'

const hour = 3_600_000
const date = '2026-01-02'
const base: SessionCandidate = {
  id: 'night',
  kind: 'sleep',
  source: 'ring',
  type: 'ring',
  start: 0,
  end: 8 * hour,
  date,
  nap: false,
  activity: null,
  stages: [],
  laps: 0,
  measures: {},
  version: null,
  first: 0,
}

describe('rows of a night', () => {
  it('are the main sleep’s fields; its session counts naps too, asleep where known', () => {
    const night = { ...base, measures: { sleep_duration: 25_000, sleep_efficiency: 91, heart_rate: 50 } }
    const nap = { ...base, id: 'nap', start: 14 * hour, end: 15 * hour }
    const rows = rollUpSessions('sleep', date, [night, nap], chooseSleep([night, nap]))
    expect(Object.fromEntries(rows.map((row) => [row.metric, row.value]))).toEqual({
      sleep_session: 25_000 + 3600,
      sleep_duration: 25_000,
      sleep_efficiency: 91,
    })
    expect(rows[0]).toMatchObject({ source: 'merged', n: 2, whole: true, sources: ['ring'] })
  })

  it('come from the stages where the vendor does not say them', () => {
    const night: SessionCandidate = {
      ...base,
      stages: [
        { stage: 'light', start: 0, end: 4 * hour },
        { stage: 'deep', start: 4 * hour, end: 5 * hour },
        { stage: 'rem', start: 5 * hour, end: 7 * hour },
        { stage: 'awake', start: 7 * hour, end: 8 * hour },
      ],
      measures: { sleep_deep: 3000 },
    }
    const rows = rollUpSessions('sleep', date, [night], chooseSleep([night]))
    expect(Object.fromEntries(rows.map((row) => [row.metric, row.value]))).toEqual({
      sleep_session: 7 * 3600,
      sleep_duration: 7 * 3600,
      sleep_deep: 3000,
      sleep_rem: 7200,
      sleep_light: 4 * 3600,
      sleep_awake: 3600,
    })
  })

  it('are none of a date without a session, and none but the session’s of a date with only a nap', () => {
    expect(rollUpSessions('sleep', '2026-01-03', [base], chooseSleep([base]))).toEqual([])
    const nap = { ...base, nap: true, end: hour }
    expect(rollUpSessions('sleep', date, [nap], chooseSleep([nap])).map((row) => row.metric)).toEqual(['sleep_session'])
  })
})

describe('rows of workouts', () => {
  it('count each once and add their seconds', () => {
    const run: SessionCandidate = {
      ...base,
      kind: 'workout',
      id: 'run',
      end: hour,
      activity: 'running',
      measures: { distance: 1 },
    }
    const twin: SessionCandidate = { ...run, id: 'twin', source: 'app', type: 'app', measures: {} }
    const ride: SessionCandidate = { ...run, id: 'ride', start: 5 * hour, end: 7 * hour, activity: 'cycling' }
    const all = [run, twin, ride]
    expect(rollUpSessions('workout', date, all, linkWorkouts(all))).toMatchObject([
      { metric: 'workout', value: 2, n: 2, sum: 3 * 3600 },
    ])
  })
})
