import type { Acknowledged, BusMessage } from '@auren/core'
import type { ICustomPartitioner, Kafka, Message, Producer } from 'kafkajs'
import { fewRetries, unavailable } from './client.js'
import type { Health } from './health.js'
import type { Topics } from './topics.js'

/** Publishes batches, one after the other. */
export interface Publisher {
  publish(topic: string, messages: readonly BusMessage[]): Promise<Acknowledged[]>
  close(): Promise<void>
}

/**
 * A publisher over an idempotent producer with one request in flight. A producer whose batch failed is thrown away: it
 * would give the next batch the same sequence numbers, and brokers that did take the first one would take the next for
 * its repetition, and drop it.
 */
export function createPublisher(client: () => Promise<Kafka>, topics: Topics, health: Health): Publisher {
  let producer: Promise<Producer> | null = null
  let last: Promise<unknown> = Promise.resolve()

  const connect = async (): Promise<Producer> => {
    const opened = (await client()).producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: byKey,
      metadataMaxAge: 60_000,
      retry: fewRetries,
    })
    await opened.connect()
    return opened
  }

  const send = async (topic: string, messages: readonly BusMessage[]): Promise<Acknowledged[]> => {
    await topics.ensure()
    producer ??= connect()
    const mine = producer
    try {
      const sent = messages.map(toMessage)
      const answers = await (await mine).send({ topic, acks: -1, messages: sent })
      health.up()
      return placesOf(
        messages,
        sent,
        new Map(answers.map((answer) => [answer.partition, Number(answer.baseOffset ?? answer.offset ?? Number.NaN)])),
      )
    } catch (cause) {
      producer = null
      mine.then((held) => held.disconnect()).catch(() => undefined)
      topics.reset()
      const error = unavailable('publishing', cause)
      health.down(error.message)
      throw error
    }
  }

  return {
    publish(topic, messages) {
      const mine = last.then(() => send(topic, messages))
      last = mine.catch(() => undefined)
      return mine
    },
    async close() {
      await last
      const held = producer
      producer = null
      await held?.then((opened) => opened.disconnect()).catch(() => undefined)
    },
  }
}

/** Where the partitioner put messages: kafkajs tells the first position of each partition's batch, and no more. */
const chosen = new WeakMap<Message, number>()

/** Keys are hashes in hex: their first 32 bits are as good as any other hash of them. */
const byKey: ICustomPartitioner =
  () =>
  ({ partitionMetadata, message }) => {
    const partitions = partitionMetadata.map(({ partitionId }) => partitionId).sort((a, b) => a - b)
    const hash = Number.parseInt(String(message.key).replaceAll('-', '').slice(0, 8), 16)
    const partition = partitions[hash % partitions.length] ?? 0
    chosen.set(message, partition)
    return partition
  }

function toMessage({ key, headers, value }: BusMessage): Message {
  return { key, headers: { ...headers }, value: Buffer.from(value.buffer, value.byteOffset, value.byteLength) }
}

/** Messages of a partition stand in its batch in the order in which they were given. */
function placesOf(
  messages: readonly BusMessage[],
  sent: readonly Message[],
  first: ReadonlyMap<number, number>,
): Acknowledged[] {
  const next = new Map(first)
  return messages.map(({ id }, i) => {
    const partition = chosen.get(sent[i] as Message)
    const position = partition === undefined ? undefined : next.get(partition)
    if (partition === undefined || position === undefined || !Number.isSafeInteger(position) || position < 0)
      throw new Error('the brokers did not say where the records are')
    next.set(partition, position + 1)
    return { id, partition, position }
  })
}
