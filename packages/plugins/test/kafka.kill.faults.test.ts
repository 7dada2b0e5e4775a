import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import {
  createOracle,
  type DeliveryNode,
  type Failpoint,
  type Oracle,
  startNode,
  steppingClock,
  storedBeats,
  until,
} from '@auren/core/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { service } from '../../../test/services.js'
import { type KafkaPlace, openKafkaWorld, openOnServer } from './delivery-worlds.js'

// T1 and T13 of the guarantees with real processes: workers killed at every place between acceptance and storage, and
// one that is stopped for longer than its session while another takes its partitions over.

const server = service('postgres')
const broker = service('kafka')
const places: readonly Failpoint[] = [
  'relay:before-commit',
  'relay:after-commit',
  'consume:after-read',
  'consume:after-write',
  'consume:before-commit',
  'consume:after-commit',
]
const rounds = Number(process.env.AUREN_SEEDS ?? 18)
const sessionTimeoutMs = 1500
const running = new Set<ChildProcess>()

function startWorker(place: KafkaPlace, failpoint?: string): ChildProcess {
  const child = spawn(
    process.execPath,
    [
      '--conditions=auren-source',
      '--import',
      'tsx',
      join(import.meta.dirname, 'kafka-worker.ts'),
      JSON.stringify(place),
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...(failpoint === undefined ? {} : { AUREN_FAILPOINT: failpoint }) },
    },
  )
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

describe.skipIf(server === null || broker === null)('workers on Kafka', () => {
  let world: Awaited<ReturnType<typeof openKafkaWorld>>
  let accepting: DeliveryNode
  let oracle: Oracle
  let sent = 0

  beforeAll(async () => {
    world = await openKafkaWorld(broker as string, await openOnServer(server as string), sessionTimeoutMs)
    accepting = await startNode(world, steppingClock().now, { work: 'none' })
    oracle = createOracle()
  })
  afterEach(() => {
    for (const child of running) child.kill('SIGKILL')
  })
  afterAll(async () => {
    await accepting.close()
    await world.close()
  })

  const send = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++, sent++)
      await oracle.send(accepting.ingest, `person ${sent % 7}`, [[sent, 40 + (sent % 120)]])
  }
  const hold = async (): Promise<void> => {
    await accepting.ingest.settled()
    for (const user of oracle.users())
      expect(await storedBeats(accepting.longTerm, user)).toEqual(oracle.expected(user))
    const { waiting, accepted, stored, quarantined } = await accepting.journal.lag()
    expect({ waiting, lost: accepted - stored, quarantined }).toEqual({ waiting: 0, lost: 0, quarantined: 0 })
  }

  it(`killed ${rounds} times between acceptance and storage: everything is stored once`, async () => {
    let fired = 0
    let inFlight = 0
    for (let round = 0; round < rounds; round++) {
      const at = `${places[round % places.length]}@${1 + Math.floor(round / places.length)}`
      await send(10)
      const child = startWorker(world.place, at)
      const gone = once(child, 'exit')
      // It dies when it passes the place, which takes work: there is more until it has.
      while (child.exitCode === null && child.signalCode === null) {
        await send(1)
        await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 100))])
      }
      expect(child.signalCode).toBe('SIGKILL')
      fired++
      inFlight += (await accepting.journal.lag()).waiting > 0 ? 1 : 0
    }
    startWorker(world.place)
    await hold()
    const { published, duplicates } = await accepting.journal.lag()
    console.info(
      `fired ${fired}, in flight ${inFlight}, recovered all; sent ${sent}, published ${published}, dropped ${duplicates}`,
    )
    expect(fired).toBe(rounds)
    expect(inFlight).toBeGreaterThan(0)
  })

  it('a zombie, stopped for longer than its session, changes nothing when it wakes', async () => {
    const zombie = startWorker(world.place)
    await send(20)
    await hold()
    zombie.kill('SIGSTOP')
    await send(20)
    const heir = startWorker(world.place)
    await hold()
    await send(20)
    zombie.kill('SIGCONT')
    await send(20)
    await hold()
    heir.kill('SIGKILL')
    await send(20)
    await hold()
    await until(() => !running.has(heir))
  })
})
