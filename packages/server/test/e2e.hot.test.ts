import { channel } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Installation, install } from './harness.js'

const TODAY = '2026-03-31'
const remote = new Set<string>()
const note = (message: unknown): void => {
  const { socket } = message as { socket: Socket }
  socket.once('connect', () => remote.add(socket.remoteAddress ?? 'unknown'))
}
let here: Installation

const night = (day: number, value: number) => ({
  shape: 'sample' as const,
  metric: 'resting_heart_rate',
  start: Date.UTC(2026, 2, day, 6),
  value,
  unit: '/min',
  source: { name: 'Watch', type: 'watch' as const },
  offset: 60,
  zoneBasis: 'carried' as const,
})

beforeAll(async () => {
  channel('net.client.socket').subscribe(note)
  here = await install()
  await here.auren.ingest.observations({
    userId: 'local',
    provider: 'test',
    observations: Array.from({ length: 31 }, (_, i) => night(1 + i, 50 + (i % 5))),
  })
  await here.auren.ingest.settled()
}, 60_000)
afterAll(async () => {
  channel('net.client.socket').unsubscribe(note)
  await here.close()
  await here.remove()
})

const today = () =>
  here.client.call<{ items: { metric: string; fact: { value: number } }[] }>(
    'neuros',
    'GET',
    `/v1/today?today=${TODAY}`,
  )

describe('the hot tier', () => {
  it('changes no answer: cold, warm, and after what it held has become old', async () => {
    const cold = await today()
    expect(await today()).toEqual(cold)
    expect(cold.items.find((item) => item.metric === 'resting_heart_rate')?.fact.value).toBe(50)
    await here.auren.ingest.observations({ userId: 'local', provider: 'test', observations: [night(31, 71)] })
    await here.auren.ingest.settled()
    const corrected = await today()
    expect(corrected.items.find((item) => item.metric === 'resting_heart_rate')?.fact.value).toBe(71)
  })
})

describe('the network', () => {
  it('sees connections to this machine only', async () => {
    for await (const _ of here.client.events('neuros', 'POST', '/v1/threads/t/messages', {
      text: 'What was my average resting heart rate last week?',
      today: TODAY,
    }));
    expect(remote.size).toBeGreaterThan(0)
    for (const address of remote) expect(['127.0.0.1', '::1', '::ffff:127.0.0.1']).toContain(address)
  })
})
