import { createOracle, type DeliveryNode, startNode, steppingClock, storedBeats, until } from '@auren/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startKafka } from '../../../test/servers/kafka.js'
import type { Server } from '../../../test/servers/server.js'
import { service } from '../../../test/services.js'
import { openKafkaWorld, openOnServer } from './delivery-worlds.js'

// T3 of the guarantees: the broker killed, and stopped for longer than any session, with deliveries on their way.

const server = service('postgres')

describe.skipIf(server === null || service('kafka') === null)('while the broker is hurt', () => {
  let broker: Server
  beforeAll(async () => {
    broker = await startKafka()
  })
  afterAll(() => broker.remove())

  const hurt: [name: string, hurt: (held: Server, meanwhile: () => Promise<void>) => Promise<void>][] = [
    [
      'killed and started again',
      async (held, meanwhile) => {
        await held.kill()
        await meanwhile()
        await held.start()
      },
    ],
    [
      'killed twice',
      async (held, meanwhile) => {
        await held.kill()
        await held.start()
        await held.kill()
        await meanwhile()
        await held.start()
      },
    ],
    [
      'stopped for longer than sessions and requests last',
      async (held, meanwhile) => {
        held.pause()
        const until = performance.now() + 15_000
        while (performance.now() < until) await meanwhile()
        held.resume()
      },
    ],
  ]

  it.each(hurt)('%s: accepts all the while, stores once, and goes on by itself', async (_name, harm) => {
    const world = await openKafkaWorld(broker.address, await openOnServer(server as string))
    const { now } = steppingClock()
    const oracle = createOracle()
    const nodes: DeliveryNode[] = []
    try {
      const accepting = await startNode(world, now, { work: 'none' })
      nodes.push(accepting, await startNode(world, now), await startNode(world, now))
      let sent = 0
      const send = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i++, sent++)
          await oracle.send(accepting.ingest, `person ${sent % 5}`, [[sent, 40 + (sent % 120)]])
      }
      await send(40)
      await until(async () => (await accepting.journal.lag()).stored > 0)
      const before = (await accepting.journal.lag()).stored
      await harm(broker, async () => {
        await send(20)
        await new Promise((resolve) => setTimeout(resolve, 500))
      })
      await send(20)
      await accepting.ingest.settled()
      for (const user of oracle.users())
        expect(await storedBeats(accepting.longTerm, user)).toEqual(oracle.expected(user))
      const { waiting, accepted, stored, published, duplicates, quarantined } = await accepting.journal.lag()
      expect({ waiting, lost: accepted - stored, quarantined }).toEqual({ waiting: 0, lost: 0, quarantined: 0 })
      console.info(`accepted ${accepted} (${before} stored before), published ${published}, dropped ${duplicates}`)
    } finally {
      for (const node of nodes) await node.close()
      await world.close()
    }
  })
})
