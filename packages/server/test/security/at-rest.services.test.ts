import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { service } from '../../../../test/services.js'
import { openPostgres } from '../../../plugins/src/storage/postgres/sql.js'
import { parseMasterKeys } from '../../../plugins/src/storage/sql/master-key.js'
import { createVault } from '../../../plugins/src/storage/sql/vault.js'
import { type Place, serverWorld, type World } from '../faults/place.js'
import { canaries, foundIn, leaveCanaries } from './canaries.js'
import { startTwo, type Two } from './two-persons.js'

const [postgres, redis, kafka] = [service('postgres'), service('redis'), service('kafka')]
const ready = postgres !== null && redis !== null && kafka !== null

describe.skipIf(!ready)('a deployment’s stores (C12, C14)', () => {
  let world: World
  let place: Place
  let two: Two
  let left: Awaited<ReturnType<typeof leaveCanaries>>
  let secrets: Record<string, string>
  beforeAll(async () => {
    world = serverWorld({ postgres: postgres as string, redis: redis as string, kafka: kafka as string })
    place = await world.create()
    two = await startTwo({ ...place.env, AUREN_LOCAL_PERSON: 'false' })
    left = await leaveCanaries(two)
    // What is asked for today stands in Redis from then on.
    await two.call('neuros', 'GET', '/v1/today', two.ann.token)
    secrets = {
      ...canaries,
      token: left.token,
      tokenBits: left.token.slice(10),
      master: place.env.AUREN_MASTER_KEY as string,
    }
  })
  afterAll(async () => {
    await two?.close()
    await world?.close()
  })

  const dump = (): Buffer => {
    // As the superuser: row-level security holds for the owner, too.
    const address = new URL(postgres as string)
    address.pathname = new URL(place.env.POSTGRES_URL as string).pathname
    const { stdout, stderr, status } = spawnSync('pg_dump', [address.href], {
      maxBuffer: 256 * 1024 * 1024,
    })
    expect(status, String(stderr)).toBe(0)
    return stdout
  }
  /** Every key and value in Redis, of this installation and of others: nobody's may hold these words. */
  const redisBytes = async (): Promise<Buffer> => {
    const client = new Redis(redis as string)
    try {
      const parts: Buffer[] = []
      let cursor = '0'
      do {
        const [next, keys] = await client.scanBuffer(cursor, 'COUNT', 500)
        cursor = String(next)
        for (const key of keys) parts.push(key, (await client.dumpBuffer(key)) ?? Buffer.alloc(0))
      } while (cursor !== '0')
      return Buffer.concat(parts)
    } finally {
      await client.quit()
    }
  }
  interface Message {
    key: Buffer
    value: Buffer
    headers: Buffer
  }
  /** Every record of the installation's topics. */
  const messages = async (): Promise<Message[]> => {
    const client = new Kafka({ brokers: [kafka as string], logLevel: logLevel.NOTHING })
    const admin = client.admin()
    await admin.connect()
    const topic = place.env.AUREN_KAFKA_TOPIC as string
    const topics = (await admin.listTopics()).filter((name) => name === topic || name === `${topic}.dlq`)
    let wanted = 0
    for (const name of topics) for (const { high } of await admin.fetchTopicOffsets(name)) wanted += Number(high)
    await admin.disconnect()
    const found: Message[] = []
    const consumer = client.consumer({ groupId: `${topic}-look-${randomUUID()}` })
    await consumer.connect()
    await consumer.subscribe({ topics, fromBeginning: true })
    try {
      await new Promise<void>((done, fail) => {
        if (wanted === 0) return done()
        consumer
          .run({
            eachMessage: async ({ message }) => {
              const { key, value, headers } = message
              found.push({
                key: key ?? Buffer.alloc(0),
                value: value ?? Buffer.alloc(0),
                headers: Buffer.from(JSON.stringify(headers, (_name, part: unknown) => part)),
              })
              if (found.length >= wanted) done()
            },
          })
          .catch(fail)
      })
    } finally {
      await consumer.disconnect()
    }
    return found
  }

  it('hold no word, token, password or raw byte in the clear', async () => {
    const text = dump()
    expect(foundIn(text, { provider: 'app.watch', person: two.ann.user })).toEqual(['provider', 'person'])
    expect(foundIn(text, secrets)).toEqual([])
    expect(foundIn(await redisBytes(), { ...secrets, person: two.ann.user })).toEqual([])
    const records = await messages()
    expect(records.length).toBeGreaterThan(0)
    for (const { key, value, headers } of records)
      expect(
        foundIn(Buffer.concat([key, value, headers]), { ...secrets, person: two.ann.user, metric: 'heart_rate' }),
      ).toEqual([])
  })

  it('hold nothing of a person after DELETE /v1/me, and what Kafka holds opens no more', async () => {
    const sealed = (await messages()).map(({ value }) => value).filter((value) => value.length > 0)
    const sql = await openPostgres({ url: place.env.POSTGRES_URL as string, pool: 2 })
    try {
      const vault = createVault(sql, parseMasterKeys(place.env.AUREN_MASTER_KEY as string))
      const opened = await Promise.allSettled(sealed.map((value) => vault.open(two.ann.user, value)))
      // Her own open as long as there is her key.
      expect(opened.some(({ status }) => status === 'fulfilled')).toBe(true)

      const erased = await two.call(
        'neuros',
        'DELETE',
        `/v1/me?confirm=${encodeURIComponent('erase everything')}`,
        two.ann.token,
      )
      expect(erased.status, erased.text).toBe(200)
      const words = { ...secrets, person: two.ann.user, account: two.oura.account }
      expect(foundIn(dump(), words)).toEqual([])
      expect(foundIn(await redisBytes(), words)).toEqual([])

      const after = createVault(sql, parseMasterKeys(place.env.AUREN_MASTER_KEY as string))
      for (const value of sealed)
        await expect(after.open(two.ann.user, value)).rejects.toMatchObject({
          code: expect.stringMatching(/AUREN_(NOT_FOUND|KEY_INVALID)/),
        })
      // Nor with keys that were held open from before.
      await expect(vault.seal(two.ann.user, new Uint8Array(1))).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
    } finally {
      await sql.close()
    }
  })

  it('refuse what was received before the erasure, and who was erased', async () => {
    const before = (await two.here.auren.lag()).quarantined
    expect((await two.notify(left.delivery)).status).toBe(200)
    await two.here.auren.ingest.settled()
    expect((await two.here.auren.lag()).quarantined).toBe(before)
    expect(foundIn(dump(), { raw: canaries.raw, person: two.ann.user })).toEqual([])
    for (const token of [two.ann.token, left.token])
      expect((await two.call('neuros', 'GET', '/v1/memories', token)).status).toBe(401)
    const login = { body: { name: canaries.name, password: canaries.password } }
    expect((await two.call('neuros', 'POST', '/v1/auth/login', null, login)).status).toBe(401)
    // The others' are whole, and so is the log.
    expect((await two.call('neuros', 'GET', '/v1/memories', two.ben.token)).status).toBe(200)
    expect((await two.call('neuros', 'GET', '/v1/audit/verify', two.operator.token)).json.brokenAt).toBeNull()
  })
})
