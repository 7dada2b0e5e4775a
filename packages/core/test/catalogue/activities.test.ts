import { describe, expect, it } from 'vitest'
import {
  activities,
  activityNamed,
  activityOfHealthConnect,
  activityOfHealthKit,
  kindsOf,
} from '../../src/catalogue/activities.js'

describe('activities', () => {
  it('have names of one form, each once', () => {
    const ids = activities.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[a-z]+(_[a-z]+)*$/)
    expect(ids.length).toBeGreaterThanOrEqual(100)
  })

  it('give each word of a person one meaning', () => {
    const words = activities.flatMap(({ id, aliases }) => [
      id.replaceAll('_', ' '),
      ...aliases.map((alias) => alias.replaceAll('-', ' ')),
    ])
    const twice = words.filter((word, index) => words.indexOf(word) !== index)
    expect(twice).toEqual([])
    for (const { id, aliases } of activities) for (const alias of aliases) expect(activityNamed(alias), alias).toBe(id)
  })

  it('give each platform type one meaning, and widen only to what there is', () => {
    for (const types of [activities.flatMap((a) => a.healthKit), activities.flatMap((a) => a.healthConnect)])
      expect(new Set<unknown>(types).size).toBe(types.length)
    const ids = new Set(activities.map(({ id }) => id))
    for (const { of } of activities) if (of !== null) expect(ids.has(of), of).toBe(true)
  })

  it.each([
    ['Run', 'running'],
    ['jogging', 'running'],
    ['Bike', 'cycling'],
    ['Aerobic Workout', 'aerobics'],
    ['interval workout', 'high_intensity_interval_training'],
    ['HIIT', 'high_intensity_interval_training'],
    ['Outdoor  Bike', 'cycling'],
    ['Weights', 'strength_training'],
    ['e-bike', 'e_bike_cycling'],
    ['cross_country_skiing', 'cross_country_skiing'],
  ])('understand %s', (words, id) => {
    expect(activityNamed(words)).toBe(id)
  })

  it('do not guess', () => {
    expect(activityNamed('tango with wolves')).toBeNull()
    expect(activityNamed('__proto__')).toBeNull()
    expect(activityOfHealthKit('constructor')).toBeNull()
    expect(activityOfHealthConnect(9999)).toBeNull()
  })

  // Constants of HealthKit's HKWorkoutActivityType and of androidx.health.connect's ExerciseSessionRecord.
  it('know the platforms', () => {
    expect(activityOfHealthKit('HKWorkoutActivityTypeTraditionalStrengthTraining')).toBe('strength_training')
    expect(activityOfHealthKit('HKWorkoutActivityTypeHighIntensityIntervalTraining')).toBe(
      'high_intensity_interval_training',
    )
    expect(activityOfHealthKit('SwimBikeRun')).toBe('triathlon')
    expect(activityOfHealthConnect(56)).toBe('running')
    expect(activityOfHealthConnect(8)).toBe('cycling')
    expect(activityOfHealthConnect(83)).toBe('yoga')
    expect(activityOfHealthConnect(0)).toBe('other')
  })

  it('widen a question to all kinds', () => {
    expect(kindsOf('cycling')).toContain('indoor_cycling')
    expect(kindsOf('yoga')).toEqual(['yoga'])
  })
})
