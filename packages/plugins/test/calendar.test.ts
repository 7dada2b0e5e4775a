import { describe, expect, it } from 'vitest'
import { place } from '../src/wearables/dexcom/times.js'
import { timeOf } from '../src/wearables/health-connect/base.js'
import { placeTreatment } from '../src/wearables/nightscout/times.js'
import { stampOf } from '../src/wearables/open-mhealth/times.js'
import { polar } from '../src/wearables/polar/index.js'
import { normalizerOf } from './reading.js'

/** How each vendor's own reader of times takes a time with `Z`; null where it takes it for none. */
const readers: readonly (readonly [string, (time: string) => number | null])[] = [
  ['dexcom', (time) => place(time, null)?.start ?? null],
  ['health-connect', (time) => timeOf(time)?.at ?? null],
  ['nightscout', (time) => placeTreatment({ created_at: time })?.start ?? null],
  ['open-mhealth', (time) => stampOf(time)?.at ?? null],
]

describe('a day that its month does not have', () => {
  it.each(readers)('is no day of the month after for %s', (_, read) => {
    expect(read('2024-02-29T10:00:00Z')).toBe(Date.UTC(2024, 1, 29, 10))
    for (const none of ['2026-02-29', '2026-02-30', '2026-04-31', '2026-13-01'])
      expect([none, read(`${none}T10:00:00Z`)]).toEqual([none, null])
  })

  it('is set aside by Polar, with the rest kept, whether the person’s zone is known or not', () => {
    const normalize = normalizerOf(polar({ clientId: 'client', clientSecret: 'secret', webhookSecret: 'secret' }))
    const exercise = (id: string, start_time: string) => ({ id, start_time, duration: 'PT1H', sport: 'RUNNING' })
    const items = [exercise('a', '2026-02-30T10:00:00'), exercise('b', '2026-03-01T10:00:00')]
    for (const zone of ['Europe/Berlin', undefined]) {
      const { observations, rejected } = normalize({ kind: 'exercise', items }, zone)
      expect(observations.map(({ recordId }) => recordId)).toEqual(['exercise/b'])
      expect(rejected).toHaveLength(1)
    }
  })
})
