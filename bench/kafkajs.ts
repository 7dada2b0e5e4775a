// What kafkajs does against real brokers: node --conditions=auren-source --import tsx bench/kafkajs.ts [version …]
// Each scenario says what was tried and what came of it; docs/decisions/kafkajs.md tells what follows.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Consumer, type EachBatchPayload, Kafka, logLevel, type Producer } from 'kafkajs'
import { kafkaVersion, startKafka } from '../test/servers/kafka.js'
import type { Server } from '../test/servers/server.js'

const versions = process.argv.slice(2)
const topic = 'measured'
const partitions = 3

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(2)} s`
const tell = (scenario: string, result: string): void => {
  process.stdout.write(`  ${scenario.padEnd(44)} ${result}\n`)
}

async function measure(broker: Server): Promise<void> {
  const kafka = client(broker)
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions }] })
  const topics = await admin.fetchTopicMetadata({ topics: [topic] })
  tell('create a topic, read it back', `${topics.topics[0]?.partitions.length} partitions`)

  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, retry: { retries: 2 } })
  await producer.connect()
  await throughput(producer)
  await produceThrough(producer, 'kill -9, start again', async () => {
    await broker.kill()
    await sleep(2000)
    await broker.start()
  })
  await produceThrough(producer, 'SIGSTOP 6 s', async () => {
    broker.pause()
    await sleep(6000)
    broker.resume()
  })
  const offsets = await admin.fetchTopicOffsets(topic)
  const kept = offsets.reduce((sum, { high }) => sum + Number(high), 0)
  tell(
    'acknowledged, and in the log',
    `${sent.acknowledged} and ${kept}${kept > sent.acknowledged ? ' (duplicates)' : ''}`,
  )

  await consume(kafka, producer, broker)
  await silent(kafka, producer)
  await producer.disconnect()
  await admin.deleteTopics({ topics: [topic] })
  await admin.disconnect()
  await absent(broker)
}

function client(broker: Server): Kafka {
  return new Kafka({
    clientId: 'measure',
    brokers: [broker.address],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1000,
    requestTimeout: 3000,
    // Fails soon: trying again is the adapter's.
    retry: { initialRetryTime: 100, maxRetryTime: 300, retries: 2 },
  })
}

const sent = { acknowledged: 0 }

/** Sends one batch until it is acknowledged, as the relay would. Returns how often it had to be sent anew. */
async function send(producer: Producer, size: number): Promise<number> {
  const messages = Array.from({ length: size }, () => ({
    key: `user-${Math.floor(Math.random() * 50)}`,
    value: Buffer.alloc(1024, 7),
    headers: { id: randomUUID() },
  }))
  for (let again = 0; ; again++) {
    try {
      await producer.send({ topic, acks: -1, messages })
      sent.acknowledged += size
      return again
    } catch {
      if (again > 500) throw new Error('a batch was not acknowledged in 500 tries')
    }
  }
}

async function throughput(producer: Producer): Promise<void> {
  sent.acknowledged = 0
  const started = performance.now()
  for (let i = 0; i < 200; i++) await send(producer, 100)
  tell('20,000 of 1 KiB, batches of 100, one in flight', seconds(started))
}

async function produceThrough(producer: Producer, fault: string, hurt: () => Promise<void>): Promise<void> {
  let over = false
  let resent = 0
  let longest = 0
  const load = (async () => {
    while (!over) {
      const started = performance.now()
      resent += await send(producer, 10)
      longest = Math.max(longest, performance.now() - started)
      await sleep(20)
    }
  })()
  await sleep(500)
  const hurting = performance.now()
  await hurt()
  const outage = performance.now() - hurting
  over = true
  await load
  tell(
    `produce through ${fault}`,
    `outage ${(outage / 1000).toFixed(1)} s, longest wait ${(longest / 1000).toFixed(1)} s, tried anew by us ${resent} times`,
  )
}

interface Seen {
  /** Messages by partition and offset; a second sight of one is a repetition. */
  places: Set<string>
  repeated: number
  events: string[]
  lastFetch: number
}

/** A consumer that keeps its own place and commits nothing, as AUREN's. */
async function startConsumer(kafka: Kafka, group: string, seen: Seen, name: string): Promise<Consumer> {
  const consumer = kafka.consumer({
    groupId: group,
    sessionTimeout: 1000,
    heartbeatInterval: 300,
    rebalanceTimeout: 2000,
    maxWaitTimeInMs: 250,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 5 },
  })
  const note = (event: string): void => {
    seen.events.push(`${name} ${event}`)
  }
  consumer.on('consumer.crash', ({ payload }) => note(`crash restart=${payload.restart} ${payload.error.name}`))
  consumer.on('consumer.stop', () => note('stop'))
  consumer.on('consumer.disconnect', () => note('disconnect'))
  consumer.on('consumer.rebalancing', () => note('rebalancing'))
  consumer.on('consumer.group_join', () => note('join'))
  consumer.on('consumer.fetch', () => {
    seen.lastFetch = performance.now()
  })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    autoCommit: true,
    eachBatchAutoResolve: false,
    eachBatch: async ({ batch, resolveOffset, heartbeat, isStale }: EachBatchPayload) => {
      for (const message of batch.messages) {
        if (isStale()) return
        const place = `${batch.partition}:${message.offset}`
        if (seen.places.has(place)) seen.repeated++
        seen.places.add(place)
        resolveOffset(message.offset)
      }
      await heartbeat()
    },
  })
  return consumer
}

const nothing = (): Seen => ({ places: new Set(), repeated: 0, events: [], lastFetch: 0 })

async function until(what: string, test: () => boolean, patience = 60_000): Promise<string> {
  const started = performance.now()
  while (!test()) {
    if (performance.now() - started > patience) return `NOT within ${patience / 1000} s: ${what}`
    await sleep(20)
  }
  return seconds(started)
}

const tally = (events: readonly string[]): string => {
  const counts = new Map<string, number>()
  for (const event of events) counts.set(event, (counts.get(event) ?? 0) + 1)
  return [...counts].map(([event, n]) => (n > 1 ? `${event} x${n}` : event)).join(', ') || 'none'
}

async function consume(kafka: Kafka, producer: Producer, broker: Server): Promise<void> {
  const group = 'measuring'
  const seen = nothing()
  const total = sent.acknowledged
  const started = performance.now()
  const first = await startConsumer(kafka, group, seen, 'a')
  await until('all consumed', () => seen.places.size >= total)
  tell('join and consume all', `${seen.places.size} in ${seconds(started)}, session 1 s accepted`)

  for (const [fault, hurt] of [
    [
      'kill -9, down 3 s, start again',
      () =>
        broker
          .kill()
          .then(() => sleep(3000))
          .then(() => broker.start()),
    ],
    [
      'SIGSTOP 6 s',
      async () => {
        broker.pause()
        await sleep(6000)
        broker.resume()
      },
    ],
  ] as const) {
    seen.events.length = 0
    seen.repeated = 0
    await hurt()
    await send(producer, 100)
    const target = sent.acknowledged
    const time = await until('consuming went on', () => seen.places.size >= target)
    tell(`consume through ${fault}`, `went on in ${time}; repeated ${seen.repeated}; events: ${tally(seen.events)}`)
  }

  seen.events.length = 0
  seen.repeated = 0
  let over = false
  const load = (async () => {
    while (!over) {
      await send(producer, 10)
      await sleep(20)
    }
  })()
  for (let i = 0; i < 4; i++) {
    const other = await startConsumer(kafka, group, seen, 'b')
    await sleep(1500)
    await other.disconnect()
    await sleep(500)
  }
  over = true
  await load
  const time = await until('all after rebalances', () => seen.places.size >= sent.acknowledged)
  tell(
    'four members come and go under load',
    `all there in ${time}; repeated ${seen.repeated}; events: ${tally(seen.events)}`,
  )
  await first.disconnect()
}

/** A handler that never returns: what does kafkajs say? */
async function silent(kafka: Kafka, producer: Producer): Promise<void> {
  const events: string[] = []
  let lastFetch = performance.now()
  const consumer = kafka.consumer({
    groupId: 'silent',
    sessionTimeout: 1000,
    heartbeatInterval: 300,
    maxWaitTimeInMs: 250,
  })
  for (const name of ['crash', 'stop', 'disconnect', 'rebalancing'] as const)
    consumer.on(`consumer.${name}`, () => events.push(name))
  consumer.on('consumer.fetch', () => {
    lastFetch = performance.now()
  })
  let release: () => void = () => {}
  const stuck = new Promise<void>((resolve) => {
    release = resolve
  })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({ eachBatch: () => stuck })
  await send(producer, 10)
  await sleep(5000)
  tell('a handler that hangs for 5 s', `events: ${tally(events)}; last FETCH event ${seconds(lastFetch)} ago`)
  const state = await kafka.admin()
  await state.connect()
  const described = await state.describeGroups(['silent'])
  tell(
    '… what the broker says of its group',
    `${described.groups[0]?.state}, ${described.groups[0]?.members.length} members`,
  )
  await state.disconnect()
  const stopping = performance.now()
  const stopped = consumer.disconnect().then(() => 'stopped')
  const waited = await Promise.race([stopped, sleep(2000).then(() => 'still waiting for the handler')])
  tell('… disconnect() meanwhile', `${waited} after ${seconds(stopping)}`)
  release()
  await stopped
}

/** Starting while no broker is there. */
async function absent(broker: Server): Promise<void> {
  await broker.kill()
  const kafka = client(broker)
  const producer = kafka.producer({ retry: { retries: 2 } })
  const started = performance.now()
  const error = await producer.connect().then(
    () => 'connected',
    (reason: Error) => reason.name,
  )
  tell('connect() with no broker', `${error} after ${seconds(started)}`)
  const consumer = kafka.consumer({ groupId: 'absent', retry: { retries: 2 } })
  const events: string[] = []
  consumer.on('consumer.crash', ({ payload }) => events.push(`crash restart=${payload.restart}`))
  const outcome = await consumer.connect().then(
    () => 'connected',
    (reason: Error) => reason.name,
  )
  tell('consumer.connect() with no broker', `${outcome}; events: ${tally(events)}`)
}

for (const version of versions.length > 0 ? versions : ['3.9.2', kafkaVersion]) {
  process.stdout.write(`Kafka ${version}\n`)
  const broker = await startKafka({ version })
  try {
    await measure(broker)
  } finally {
    await broker.remove()
  }
}
