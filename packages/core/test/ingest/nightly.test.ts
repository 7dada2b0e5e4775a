import { afterEach, describe, expect, it } from 'vitest'
import { AurenError } from '../../src/errors.js'
import { CONSOLIDATE_JOB, createNightly, nextNight } from '../../src/ingest/nightly.js'
import type { Profile } from '../../src/memory/ports.js'
import { createMemoryJournal } from '../../src/testing/memory-journal.js'

const HOUR = 3_600_000
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

function setUp(options: { profile?: Profile; fail?: () => Error | null } = {}) {
  let clock = Date.parse('2026-05-04T12:00:00Z')
  const done: { user: string; at: number }[] = []
  const journal = createMemoryJournal({ now: () => clock })
  const nightly = createNightly({
    journal,
    longTerm: { profile: async () => options.profile ?? {} },
    consolidate: async (user) => {
      done.push({ user, at: clock })
      const error = options.fail?.()
      if (error) throw error
    },
    zone: 'UTC',
    now: () => clock,
    log: () => undefined,
  })
  closing.push(() => nightly.close())
  const jobs = (user: string) => journal.transaction((tx) => journal.listJobs(tx, { user, kind: CONSOLIDATE_JOB }))
  const at = async (time: number) => {
    clock = time
    await nightly.drained()
  }
  return { nightly, journal, done, jobs, at, now: () => clock }
}

describe('the work of the night', () => {
  it('is at three in the person’s own zone, minutes apart, also where the clocks skip that hour', () => {
    const at = (zone: string, now: string) => new Date(nextNight('ann', zone, Date.parse(now))).toISOString()
    const spread = nextNight('ann', 'UTC', Date.parse('2026-05-04T00:00:00Z')) - Date.parse('2026-05-04T03:00:00Z')
    expect(spread).toBeGreaterThanOrEqual(0)
    expect(spread).toBeLessThan(90 * 60_000)
    const plus = (time: string) => new Date(Date.parse(time) + spread).toISOString()
    expect(at('Asia/Tokyo', '2026-05-04T12:00:00Z')).toBe(plus('2026-05-04T18:00:00Z'))
    expect(at('America/Los_Angeles', '2026-05-04T12:00:00Z')).toBe(plus('2026-05-05T10:00:00Z'))
    // Athens goes from 03:00 to 04:00 on 29 March 2026.
    expect(at('Europe/Athens', '2026-03-28T12:00:00Z')).toBe(plus('2026-03-29T01:00:00Z'))
    const persons = new Set(Array.from({ length: 50 }, (_, i) => nextNight(`p${i}`, 'UTC', 0)))
    expect(persons.size).toBeGreaterThan(25)
  })

  it('is one job for each person who has data, done every night', async () => {
    const { nightly, jobs, done, at, now } = setUp()
    nightly.start()
    nightly.stored(['ann', 'bob'])
    nightly.stored(['ann'])
    await nightly.drained()
    expect([(await jobs('ann')).length, (await jobs('bob')).length, done.length]).toEqual([1, 1, 0])
    const first = nextNight('ann', 'UTC', now())
    for (let night = 0; night < 3; night++) await at(first + night * 24 * HOUR)
    expect(done.filter(({ user }) => user === 'ann')).toHaveLength(3)
    const [job] = await jobs('ann')
    expect(job).toMatchObject({ state: 'waiting', runAt: first + 3 * 24 * HOUR })
  })

  it('follows the person to the zone that they are in', async () => {
    const zones = [
      { from: 0, zone: 'Europe/Berlin' },
      { from: Date.parse('2026-05-01T00:00:00Z'), zone: 'Asia/Tokyo' },
    ]
    const { nightly, jobs, now } = setUp({ profile: { zones } })
    nightly.stored(['ann'])
    nightly.start()
    await nightly.drained()
    expect((await jobs('ann'))[0]?.runAt).toBe(nextNight('ann', 'Asia/Tokyo', now()))
  })

  it('comes soon after an import, and then at night again', async () => {
    const { nightly, jobs, done, at, now } = setUp()
    nightly.start()
    nightly.stored(['ann'])
    await nightly.drained()
    const soon = now() + HOUR
    await nightly.imported('ann')
    await at(soon)
    expect(done).toEqual([{ user: 'ann', at: soon }])
    expect((await jobs('ann'))[0]?.runAt).toBe(nextNight('ann', 'UTC', soon))
  })

  it('is not forced on who has withdrawn the consent, and tried again where a failure passes', async () => {
    let error: Error | null = new AurenError('AUREN_FORBIDDEN', 'withdrawn')
    const { nightly, jobs, done, at, now } = setUp({ fail: () => error })
    nightly.start()
    nightly.stored(['ann'])
    const first = nextNight('ann', 'UTC', now())
    await nightly.drained()
    await at(first)
    expect(done).toHaveLength(1)
    expect((await jobs('ann'))[0]).toMatchObject({ state: 'waiting', runAt: first + 24 * HOUR, error: null })
    error = new AurenError('AUREN_STORE_UNAVAILABLE', 'away', { retryable: true })
    await at(first + 24 * HOUR)
    expect((await jobs('ann'))[0]?.runAt).toBeLessThan(first + 25 * HOUR)
    error = null
    await at(first + 25 * HOUR)
    expect(done).toHaveLength(3)
    expect((await jobs('ann'))[0]?.runAt).toBe(first + 48 * HOUR)
  })
})
