import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lumenRing, Night } from '../src/index.js'
import { run } from '../src/main.js'

const nights = Night.array().parse(
  JSON.parse(readFileSync(join(import.meta.dirname, '..', 'fixtures', 'nights.json'), 'utf8')),
)
const now = Date.parse('2026-03-05T09:00:00Z')

describe('the invented ring', () => {
  it('answers from signed payloads, with the number that the hypnograms hold', async () => {
    const { answer, statuses } = await run(nights, 'What was my average sleep in the last 3 days?', now)
    expect(statuses).toEqual([200, 200, 200])
    // Plain counting: five minutes for each letter that is not W.
    const seconds = nights.map((night) => [...night.hypnogram].filter((letter) => letter !== 'W').length * 300)
    const minutes = Math.round(seconds.reduce((sum, value) => sum + value, 0) / seconds.length / 60)
    expect(answer).toContain(`${Math.floor(minutes / 60)} h ${minutes % 60} min`)
  })

  it('knows the word for the ring’s own score', async () => {
    const { answer } = await run(nights, 'What was my average glow in the last 3 days?', now)
    const glows = nights.flatMap((night) => night.glow ?? [])
    const mean = glows.reduce((sum, value) => sum + value, 0) / glows.length
    expect(answer).toContain(mean.toFixed(1))
  })

  it('counts a night once, however often it is delivered', async () => {
    const once = await run(nights, 'How many nights did I sleep in the last 7 days?', now)
    const twice = await run([...nights, ...nights], 'How many nights did I sleep in the last 7 days?', now)
    expect(twice.answer).toBe(once.answer)
  })

  it('refuses what it did not sign', () => {
    const { webhook } = lumenRing({ secret: 'right' })
    const body = new TextEncoder().encode('{}')
    expect(
      webhook?.verify({
        method: 'POST',
        headers: { 'x-lumen-timestamp': String(now / 1000), 'x-lumen-signature': '0'.repeat(64) },
        query: {},
        body,
        now,
      }),
    ).toMatchObject({ ok: false })
    expect(webhook?.verify({ method: 'POST', headers: {}, query: {}, body, now })).toMatchObject({ ok: false })
  })
})
