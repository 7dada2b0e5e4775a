import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, describe, expect, it } from 'vitest'
import { AurenError, isAurenError } from '../../src/errors.js'
import { createGate } from '../../src/ingest/gate.js'
import { channels, type StoredMessage } from '../../src/telemetry.js'
import { arm, type Failpoint } from '../../src/testing/failpoints.js'
import { plainStore, pulse, type Rig, rig, start } from './toy.js'

let disarm: () => void = () => undefined
const open: Rig[] = []
afterEach(async () => {
  disarm()
  for (const held of open.splice(0)) await held.close()
})
const made = async (...args: Parameters<typeof rig>): Promise<Rig> => {
  const held = await rig(...args)
  open.push(held)
  return held
}

/** Sends as a vendor does: again, until it is accepted. */
async function insist(send: () => Promise<number>): Promise<void> {
  for (let tries = 0; tries < 5; tries++) {
    try {
      await send()
      return
    } catch (error) {
      if (isAurenError(error) && error.status < 500) throw error
    }
  }
  throw new Error('never accepted')
}

const places: Failpoint[] = [
  'ingest:before-receive',
  'ingest:after-receive',
  'ingest:before-commit',
  'ingest:after-commit',
  'relay:before-commit',
  'relay:after-commit',
  'consume:after-read',
  'consume:after-write',
  'consume:before-commit',
  'consume:after-commit',
]
const failures: [string, () => unknown][] = [
  ['the store goes away', () => new AurenError('AUREN_STORE_UNAVAILABLE', 'gone')],
  ['something nobody expected', () => new TypeError('unexpected')],
]

describe('whatever fails once, wherever: each sample counts once', () => {
  for (const [what, failure] of failures)
    it.each(places.flatMap((place) => [1, 2].map((nth) => [place, nth] as const)))(
      `${what}: %s, time %i`,
      async (place, nth) => {
        const { deliver, ingest, store, journal } = await made()
        let fired = 0
        disarm = arm(
          place,
          () => {
            fired++
            throw failure()
          },
          nth,
        )
        const values: number[] = []
        for (let i = 0; i < 6; i++) {
          values.push(60 + i)
          await insist(() => deliver([pulse(start + i * 1000, 60 + i)]))
          if (i === 2) await ingest.settled()
        }
        await ingest.settled()
        expect(fired).toBe(1)
        expect(store.values().sort()).toEqual(values)
        const { accepted, stored, waiting, quarantined } = await journal.lag()
        expect({ accepted, stored, waiting, quarantined }).toEqual({
          accepted: 6,
          stored: 6,
          waiting: 0,
          quarantined: 0,
        })
      },
    )
})

describe('over capacity', () => {
  it('deliveries are put off with 503 and a time, until there is room again', async () => {
    let waiting = 0
    const gate = createGate({ waiting: async (most) => Math.min(most, waiting) }, 10)
    for (let i = 0; i < 200; i++) await gate()
    waiting = 10
    const refused: unknown[] = []
    for (let i = 0; i < 100; i++) await gate().catch((error) => refused.push(error))
    expect(refused.length).toBeGreaterThan(0)
    for (const error of refused) expect(error).toMatchObject({ code: 'AUREN_STORE_BUSY', status: 503, retryAfter: 30 })
    waiting = 9
    await gate()
  })
})

it('tells what it stores by counts, and nothing of whom or what', async () => {
  const heard: StoredMessage[] = []
  const listen = (message: unknown): void => {
    heard.push(message as StoredMessage)
  }
  subscribe(channels.stored, listen)
  try {
    const { deliver, ingest } = await made({ store: plainStore() })
    await deliver([pulse(start, 60), pulse(start + 1, 61)])
    await ingest.settled()
  } finally {
    unsubscribe(channels.stored, listen)
  }
  const some = expect.any(Number)
  expect(heard).toEqual([{ partition: some, next: 1, envelopes: 1, observations: 2, quarantined: 0, ms: some }])
})
