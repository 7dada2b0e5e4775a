import { readFileSync } from 'node:fs'
import { accept, type WearablePlugin } from '@auren/core'
import { describe, expect, it } from 'vitest'
import { strava } from '../src/wearables/strava/index.js'
import { terra } from '../src/wearables/terra/index.js'
import { withings } from '../src/wearables/withings/index.js'

/** What a payload of the fixtures becomes, in the catalogue's units. */
function become(plugin: WearablePlugin, file: string) {
  const text = readFileSync(new URL(`../fixtures/${plugin.id}/${file}`, import.meta.url), 'utf8')
  const receivedAt = Date.UTC(2026, 3, 2)
  const rejected: string[] = []
  const made = plugin.normalize(plugin.payload.parse(JSON.parse(text)), {
    receivedAt,
    account: 'a',
    zoneAt: () => null,
    reject: (_item, reason) => rejected.push(reason),
  })
  const { accepted, aside } = accept(made, {
    provider: plugin.id,
    account: 'a',
    receivedAt,
    registry: plugin.metrics ?? {},
  })
  return { accepted, aside: [...rejected, ...aside.map(({ reason }) => reason)] }
}

describe('payloads of invented people', () => {
  it('of Withings: a weighing, and a goal that is none', () => {
    const { accepted } = become(withings({ clientId: 'a', clientSecret: 'b', callbackSecret: 'c' }), 'measures.json')
    expect(accepted).toMatchObject([
      { metric: 'weight', value: 71.35, unit: 'kg', start: Date.UTC(2024, 2, 31, 1), offset: 120 },
      { metric: 'body_fat', value: 18.7 },
    ])
    expect(accepted).toHaveLength(2)
  })

  it('of Strava: a run', () => {
    const { accepted, aside } = become(strava({ clientId: '1', clientSecret: 'b', verifyToken: 'c' }), 'activity.json')
    expect(accepted[0]).toMatchObject({
      shape: 'session',
      kind: 'workout',
      activity: 'running',
      start: Date.UTC(2026, 2, 28, 9, 30),
      end: Date.UTC(2026, 2, 28, 10, 20),
      offset: 60,
      measures: { distance: 10_020.5, heart_rate: 148.5 },
    })
    expect(aside).toEqual([])
  })

  it('of Terra: a night', () => {
    const { accepted, aside } = become(terra({ signingSecret: 's' }), 'sleep.json')
    expect(accepted[0]).toMatchObject({
      shape: 'session',
      kind: 'sleep',
      start: Date.UTC(2026, 2, 27, 22, 30),
      end: Date.UTC(2026, 2, 28, 6),
      offset: 60,
      measures: { sleep_duration: 24_000, sleep_deep: 5400, sleep_awake: 3000 },
    })
    expect(aside).toEqual([])
  })
})
