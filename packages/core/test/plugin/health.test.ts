import { afterEach, expect, it, vi } from 'vitest'
import { AurenError } from '../../src/errors.js'
import type { EventBus } from '../../src/events/bus.js'
import { memoryHot } from '../../src/memory/hot.js'
import { healthOf } from '../../src/plugin/health.js'
import { createMemoryJournal } from '../../src/testing/memory-journal.js'

afterEach(() => {
  vi.useRealTimers()
})

const bus = (connected: boolean) =>
  ({ health: () => ({ connected, since: 7, code: connected ? null : 'AUREN_LOG_UNAVAILABLE' }) }) as unknown as EventBus

it('is well where the store answers, and names what is away without harm', async () => {
  const journal = createMemoryJournal({ now: () => 0 })
  expect(await healthOf({ journal, bus: undefined, hot: memoryHot() })).toEqual({ store: null, degraded: [] })
  const hot = { ...memoryHot(), health: () => ({ connected: false, since: 9, code: 'AUREN_TIMEOUT' as const }) }
  expect(await healthOf({ journal, bus: bus(true), hot: memoryHot() })).toEqual({ store: null, degraded: [] })
  expect(await healthOf({ journal, bus: bus(false), hot })).toEqual({
    store: null,
    degraded: [
      { name: 'log', since: 7, code: 'AUREN_LOG_UNAVAILABLE' },
      { name: 'hot', since: 9, code: 'AUREN_TIMEOUT' },
    ],
  })
})

it('says why the store cannot be used, and waits for a hung one no longer than it must', async () => {
  const journal = createMemoryJournal({ now: () => 0 })
  const away = { ...journal, transaction: () => Promise.reject(new AurenError('AUREN_STORE_UNAVAILABLE', 'gone')) }
  expect(await healthOf({ journal: away, bus: undefined, hot: memoryHot() })).toMatchObject({
    store: 'AUREN_STORE_UNAVAILABLE',
  })
  vi.useFakeTimers()
  const hung = { ...journal, transaction: () => new Promise<never>(() => undefined) }
  const asked = healthOf({ journal: hung, bus: undefined, hot: memoryHot() })
  await vi.advanceTimersByTimeAsync(3000)
  expect(await asked).toMatchObject({ store: 'AUREN_TIMEOUT' })
})
