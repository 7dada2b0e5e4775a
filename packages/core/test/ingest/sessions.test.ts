import { describe, expect, it } from 'vitest'
import { asleepSeconds, chooseSleep, linkWorkouts, type SessionCandidate } from '../../src/ingest/sessions.js'

const hour = 3_600_000
const session = (id: string, from: number, to: number, more: Partial<SessionCandidate> = {}): SessionCandidate => ({
  id,
  kind: 'sleep',
  source: 'ring',
  type: 'ring',
  start: from * hour,
  end: to * hour,
  date: '2026-01-02',
  nap: false,
  activity: null,
  stages: [],
  laps: 0,
  measures: {},
  version: null,
  first: 0,
  ...more,
})
const mains = (roles: Map<string, { main: boolean }>) => [...roles].flatMap(([id, { main }]) => (main ? [id] : []))

describe('sleep', () => {
  it('takes a growing night as revisions of one', () => {
    const roles = chooseSleep([
      session('early', 23, 26, { first: 1 }),
      session('later', 23, 29, { first: 2 }),
      session('whole', 23, 31, { first: 3 }),
    ])
    expect(mains(roles)).toEqual(['whole'])
    expect(roles.get('early')).toEqual({ main: false, nap: false, counts: false })
  })

  it('believes the newest revision, also where it is shorter', () => {
    expect(mains(chooseSleep([session('long', 22, 32, { first: 1 }), session('cut', 23, 30, { first: 2 })]))).toEqual([
      'cut',
    ])
  })

  it('makes the longest of the day the main sleep and the rest naps', () => {
    const roles = chooseSleep([session('nap', 38, 39), session('night', 23, 30), session('doze', 42, 42.5)])
    expect(mains(roles)).toEqual(['night'])
    expect(roles.get('nap')).toEqual({ main: false, nap: true, counts: true })
    expect(roles.get('doze')).toEqual({ main: false, nap: true, counts: true })
  })

  it('counts rivals of one night once, and takes the account that knows when the person slept', () => {
    const roles = chooseSleep([
      session('bed', 22, 32, { source: 'phone', type: 'phone' }),
      session('asleep', 23, 31, { measures: { sleep_duration: 25_000 } }),
    ])
    expect(mains(roles)).toEqual(['asleep'])
    expect(roles.get('bed')?.counts).toBe(false)
  })

  it('lets the person rank sources', () => {
    const rivals = [session('ring', 23, 31), session('watch', 23, 30.5, { source: 'watch', type: 'watch' })]
    expect(mains(chooseSleep(rivals))).toEqual(['watch'])
    expect(mains(chooseSleep(rivals, { sleep_session: ['ring'] }))).toEqual(['ring'])
  })

  const asleep = (from: number, to: number) => [
    { stage: 'asleep_unspecified' as const, start: from * hour, end: to * hour },
  ]
  const staged = (from: number, to: number) => [
    { stage: 'light' as const, start: from * hour, end: (from + 1) * hour },
    { stage: 'deep' as const, start: (from + 1) * hour, end: to * hour },
  ]

  it('believes the watch’s staged night, not the longer one that a phone has guessed', () => {
    const app = session('app', 22, 32, { source: 'app', type: 'phone', stages: asleep(22, 32) })
    const watch = session('watch', 23, 30.5, { source: 'watch', type: 'watch', stages: staged(23, 30.5) })
    for (const rivals of [
      [app, watch],
      [watch, app],
    ]) {
      const roles = chooseSleep(rivals)
      expect(mains(roles)).toEqual(['watch'])
      expect(roles.get('app')).toEqual({ main: false, nap: false, counts: false })
    }
    expect(mains(chooseSleep([app, watch], { '*': ['app'] }))).toEqual(['app'])
  })

  it('takes stages before length where the devices are of one kind', () => {
    const plain = session('plain', 22, 32, { source: 'a', type: 'watch', stages: asleep(22, 32) })
    const deep = session('deep', 23, 30, { source: 'b', type: 'watch', stages: staged(23, 30) })
    expect(mains(chooseSleep([plain, deep]))).toEqual(['deep'])
    expect(mains(chooseSleep([plain, { ...deep, stages: asleep(23, 30) }]))).toEqual(['plain'])
  })

  it('counts both parts of a night that another device held for one', () => {
    const watch = { source: 'watch', type: 'watch' as const }
    const roles = chooseSleep([
      session('first', 23, 26, { ...watch, stages: staged(23, 26) }),
      session('second', 27, 31, { ...watch, stages: staged(27, 31) }),
      session('whole', 23, 31, { source: 'phone', type: 'phone', stages: asleep(23, 31) }),
    ])
    expect(mains(roles)).toEqual(['second'])
    expect(roles.get('first')).toEqual({ main: false, nap: true, counts: true })
    expect(roles.get('whole')?.counts).toBe(false)
  })

  it('keeps nights apart that overlap by less than half of the shorter', () => {
    const roles = chooseSleep([session('a', 23, 31), session('b', 30, 33, { source: 'watch' })])
    expect([...roles.values()].every(({ counts }) => counts)).toBe(true)
  })

  it('does not make a day’s only nap its night', () => {
    expect(mains(chooseSleep([session('nap', 13, 14, { nap: true })]))).toEqual([])
    expect(mains(chooseSleep([session('day sleeper', 9, 16, { nap: true })]))).toEqual(['day sleeper'])
  })

  it('reads time asleep from the vendor, else from the stages, else says nothing', () => {
    const stages = [
      { stage: 'light' as const, start: 0, end: hour },
      { stage: 'awake' as const, start: hour, end: 2 * hour },
      { stage: 'deep' as const, start: 2 * hour, end: 3 * hour },
    ]
    expect(asleepSeconds({ measures: { sleep_duration: 9 }, stages })).toBe(9)
    expect(asleepSeconds({ measures: {}, stages })).toBe(7200)
    expect(asleepSeconds({ measures: {}, stages: [{ stage: 'in_bed', start: 0, end: hour }] })).toBeNull()
  })
})

describe('workouts', () => {
  const workout = (id: string, from: number, to: number, more: Partial<SessionCandidate> = {}) =>
    session(id, from, to, { kind: 'workout', ...more })

  it('link by overlap and compatible type, and the richest stands for them', () => {
    const roles = linkWorkouts([
      workout('watch', 10, 11, { activity: 'running', measures: { distance: 9000, energy_active: 600 } }),
      workout('app', 10.1, 11, { source: 'app', activity: 'running', measures: { distance: 9100 } }),
      workout('auto', 10, 10.9, { source: 'phone', activity: 'other' }),
      workout('yoga', 10, 11, { source: 'studio', activity: 'yoga' }),
    ])
    expect(mains(roles).sort()).toEqual(['watch', 'yoga'])
  })

  it('keeps two that follow each other', () => {
    const roles = linkWorkouts([
      workout('run', 10, 11, { activity: 'running' }),
      workout('again', 11, 12, { activity: 'running' }),
    ])
    expect(mains(roles)).toEqual(['run', 'again'])
  })
})
