import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { AurenError } from '../errors.js'
import { channels, type StoredMessage } from '../telemetry.js'
import { everythingOf, storedBeats } from './delivery-oracle.js'
import { createWithin } from './delivery-test.js'
import { type DeliveryWorld, until } from './delivery-world.js'
import { busTests } from './events-bus.js'
import { arm, type Failpoint } from './failpoints.js'
import type { TestRunner } from './storage-kit.js'

/** Failpoints between an acceptance and what is stored. */
const places: readonly Failpoint[] = [
  'relay:before-commit',
  'relay:after-commit',
  'consume:after-read',
  'consume:after-write',
  'consume:before-commit',
  'consume:after-commit',
]

/**
 * The delivery tests: what is accepted is stored once, whatever is delivered twice, permuted, cut off, taken over, lost
 * by the log or poisonous. Held to a log by one call; an independent oracle knows what was accepted.
 * ```ts
 * import * as vitest from 'vitest'
 * testEvents({ runner: vitest, name: 'my bus', bus: true, open: async () => openMyWorld() })
 * ```
 */
export function testEvents({
  runner,
  name,
  bus = false,
  open,
}: {
  runner: TestRunner
  name: string
  /** The worlds have a topic: what only a log outside of the database can do is tested too. */
  bus?: boolean
  open(): Promise<DeliveryWorld>
}): void {
  const { describe, it, expect } = runner

  const within = createWithin(expect, open)

  describe(`delivery: ${name}`, () => {
    it(
      'stores what was accepted, and says when',
      within(async ({ start, oracle, settle }) => {
        const node = await start()
        const receipt = await oracle.send(node.ingest, 'ada', [
          [0, 60],
          [1, 61],
        ])
        await node.ingest.processed('ada', receipt)
        expect(await storedBeats(node.longTerm, 'ada')).toEqual([
          [0, 60],
          [1, 61],
        ])
        const refused = await node.ingest.processed('bob', receipt).catch((error: AurenError) => error.code)
        expect(refused).toBe('AUREN_NOT_FOUND')
        await settle(node)
      }),
    )

    it(
      'T6: counts once what is delivered ten times at once, twice, or in parts that overlap',
      within(async ({ start, oracle, settle }) => {
        const node = await start()
        const beats = Array.from({ length: 30 }, (_, i): [number, number] => [i, 50 + i])
        await Promise.all(Array.from({ length: 10 }, () => oracle.send(node.ingest, 'ada', beats, { key: 'one' })))
        await oracle.send(node.ingest, 'ada', beats, { key: 'another' })
        for (let from = 0; from < 30; from += 5) await oracle.send(node.ingest, 'ada', beats.slice(from, from + 10))
        await settle(node)
      }),
    )

    it(
      'T7: gives the same for any order of the events',
      within(async ({ start, oracle, settle }) => {
        const node = await start()
        const beats = Array.from({ length: 120 }, (_, i): [number, number] => [i * 7, 45 + (i % 90)])
        const orders = [beats, [...beats].reverse(), ...shuffles(beats, 2)]
        // Interleaved: one delivery of each person after the other.
        for (let from = 0; from < beats.length; from += 6)
          await Promise.all(
            orders.map((order, who) => oracle.send(node.ingest, `person ${who}`, order.slice(from, from + 6))),
          )
        await settle(node)
        const [first, ...others] = await Promise.all(
          orders.map((_, who) => everythingOf(node.longTerm, `person ${who}`)),
        )
        for (const other of others) expect(other).toEqual(first)
      }),
    )

    it(
      'T8: late and corrected data recompute their day',
      within(async ({ start, oracle, settle, clock }) => {
        const node = await start()
        const day = 24 * 60
        for (const at of [0, -day, -400 * day, 5]) await oracle.send(node.ingest, 'ada', [[at, 60]])
        await settle(node)
        clock.step()
        await oracle.send(node.ingest, 'ada', [
          [-day + 1, 80],
          [-400 * day, 71],
        ])
        await settle(node)
      }),
    )

    for (const place of places)
      it(
        `T1: goes on after a failure at ${place}, the first time and the second`,
        within(async ({ start, oracle, settle }) => {
          for (const nth of [1, 2]) {
            let fired = 0
            const disarm = arm(
              place,
              () => {
                fired++
                throw new AurenError('AUREN_STORE_UNAVAILABLE', 'cut off')
              },
              nth,
            )
            const node = await start()
            try {
              for (let i = 0; i < 4; i++) await oracle.send(node.ingest, 'ada', [[nth * 10 + i, 60 + i]])
              await node.ingest.settled()
              await oracle.send(node.ingest, 'bob', [[nth, 70]])
              await until(async () => {
                await node.ingest.settled()
                if (fired === 0) await oracle.send(node.ingest, 'bob', [[nth + 100, 70]])
                return fired > 0
              })
            } finally {
              disarm()
            }
            expect(fired).toBe(1)
            await settle(node)
            await node.close()
          }
        }),
      )

    it(
      'T9: sets what is poisonous aside, and stores what stands before and behind it',
      within(async ({ start, oracle, settle, world }) => {
        const poison = 66
        const node = await start({
          onWrite(batches) {
            for (const { observations } of batches)
              for (const one of observations)
                if ('value' in one && one.value === poison) throw new AurenError('AUREN_INPUT_INVALID', 'poison')
          },
        })
        for (let i = 0; i < 12; i++)
          await oracle.send(node.ingest, i % 2 ? 'ada' : 'bob', [
            [i, i % 4 === 1 ? poison : 70 + i],
            [i + 100, 71],
          ])
        for (const at of [1, 5, 9]) oracle.forget('ada', at)
        await settle(node)
        const held = await node.journal.transaction((tx) => node.journal.listQuarantine(tx, { open: true }))
        expect(held.map(({ reason }) => reason)).toEqual(['poison', 'poison', 'poison'])
        if (!world.topic) return
        const { topic } = world
        await until(async () => (await topic.read('deadLetters')).length >= 3)
        const letters = (await topic.read('deadLetters')).map(({ value }) =>
          JSON.parse(new TextDecoder().decode(value)),
        )
        expect(letters.map(({ id }) => id).sort()).toEqual(held.map(({ id }) => id).sort())
        expect(letters.map(({ reason }) => reason)).toEqual(['poison', 'poison', 'poison'])
        expect(await node.journal.transaction((tx) => node.journal.deadLetters(tx, 10))).toEqual([])
      }),
    )

    it(
      'T13: a consumer that was held and taken over changes nothing, and reads anew',
      within(async ({ start, oracle, settle }) => {
        let release: () => void = () => undefined
        let held: Promise<void> | undefined
        const node = await start({ onTransaction: () => held })
        await oracle.send(node.ingest, 'ada', [[0, 60]])
        await node.ingest.settled()
        let caught = false
        const disarm = arm('consume:after-read', () => {
          caught = true
          held = new Promise((resolve) => {
            release = resolve
          })
        })
        await oracle.send(node.ingest, 'ada', [[1, 61]])
        await until(() => caught)
        const other = await start({ work: 'none' })
        const group = `memory@${node.bus?.log ?? 'table'}`
        const before = await other.journal.transaction((tx) => other.journal.places(tx, group))
        for (const { partition } of before)
          await other.journal.transaction((tx) => other.journal.takeOver(tx, group, partition))
        held = undefined
        release()
        disarm()
        await settle(node)
        const after = await other.journal.transaction((tx) => other.journal.places(tx, group))
        // Taken over by the other one, and then again by the first: nobody went on with an old epoch.
        const raised = after.filter(({ epoch }, i) => epoch >= (before[i]?.epoch ?? 0) + 2)
        expect(raised.length).toBeGreaterThan(0)
      }),
    )

    it(
      'T14: loses nothing while consumers come and go',
      within(async ({ start, oracle, settle }) => {
        const accepting = await start({ work: 'none' })
        let sent = 0
        const send = async (): Promise<void> => {
          for (let i = 0; i < 8; i++, sent++)
            await oracle.send(accepting.ingest, `person ${sent % 5}`, [[sent, 40 + (sent % 100)]])
        }
        await send()
        expect((await accepting.journal.lag()).waiting).toBe(8)
        expect(await accepting.journal.waiting(5)).toBe(5)
        expect(await accepting.journal.waiting(9)).toBe(8)
        const workers = [await start()]
        for (let round = 0; round < 3; round++) {
          await send()
          workers.push(await start())
          await send()
          await workers.shift()?.close()
        }
        await settle(accepting)
      }),
    )

    it(
      'carries the trace of a delivery to where it is stored',
      within(async ({ start, oracle, settle, world }) => {
        const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
        const heard: StoredMessage[] = []
        const listen = (message: unknown): void => void heard.push(message as StoredMessage)
        subscribe(channels.stored, listen)
        try {
          const node = await start()
          await oracle.send(node.ingest, 'ada', [[0, 60]], { traceparent })
          await oracle.send(node.ingest, 'ada', [[1, 61]], { traceparent: 'not-a-trace' })
          await settle(node)
        } finally {
          unsubscribe(channels.stored, listen)
        }
        expect(heard.flatMap(({ traces }) => traces ?? [])).toEqual([traceparent])
        const carried = (await world.topic?.read('events')) ?? []
        expect(carried.flatMap(({ headers }) => headers.traceparent ?? [])).toEqual(world.topic ? [traceparent] : [])
      }),
    )

    it(
      'does not write what its person had erased while it waited',
      within(async ({ start, oracle, settle }) => {
        let stuck = true
        const node = await start({
          onWrite() {
            if (stuck) throw new AurenError('AUREN_STORE_UNAVAILABLE', 'not now')
          },
        })
        await oracle.send(node.ingest, 'ada', [[0, 60]])
        await oracle.send(node.ingest, 'bob', [[0, 70]])
        await until(() => node.logged.some(({ level }) => level === 'error'))
        await node.journal.transaction((tx) => node.journal.erase(tx, 'ada'))
        oracle.forget('ada', 0)
        stuck = false
        await settle(node)
      }),
    )

    if (bus) busTests(runner, within)
  })
}

/** Seeded permutations. */
function shuffles<T>(items: readonly T[], count: number): T[][] {
  const random = xoroshiro128plus(14)
  return Array.from({ length: count }, () => {
    const shuffled = [...items]
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = uniformInt(random, 0, i)
      ;[shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T]
    }
    return shuffled
  })
}
