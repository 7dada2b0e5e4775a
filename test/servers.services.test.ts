import { once } from 'node:events'
import { connect, createServer, type Server as TcpServer } from 'node:net'
import { Kafka, logLevel } from 'kafkajs'
import { Client } from 'pg'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { startKafka } from './servers/kafka.js'
import { startPostgres } from './servers/postgres.js'
import { startProxy } from './servers/proxy.js'
import { service } from './services.js'

// The servers that tests hurt must be hurt as a test thinks, or what it proves is nothing.

describe.skipIf(service('postgres') === null)('a PostgreSQL of its own', () => {
  it('keeps what it committed through SIGKILL, with durable settings, and answers nothing while stopped', async () => {
    const server = await startPostgres({ settings: { max_connections: '20' } })
    onTestFinished(() => server.remove())
    const ask = async (text: string): Promise<unknown[][]> => {
      const client = new Client({ connectionString: server.address })
      client.on('error', () => undefined)
      await client.connect()
      try {
        return (await client.query({ text, rowMode: 'array' })).rows as unknown[][]
      } finally {
        await client.end()
      }
    }
    expect(await ask("select current_setting('fsync'), current_setting('synchronous_commit')")).toEqual([['on', 'on']])
    expect(await ask("select current_setting('max_connections'), current_user")).toEqual([['20', 'postgres']])
    await ask('create table kept as select generate_series(1, 1000) as n')
    const before = server.pid()
    await server.kill()
    await expect(ask('select 1')).rejects.toThrow()
    expect(() => server.pid()).toThrow()
    await server.start()
    expect(server.pid()).not.toBe(before)
    expect(await ask('select count(*)::int from kept')).toEqual([[1000]])

    server.pause()
    const answer = ask('select 2')
    const first = await Promise.race([answer, heartbeat(50).then(() => 'nothing')])
    expect(first).toBe('nothing')
    server.resume()
    expect(await answer).toEqual([[2]])

    await server.stop()
    await server.start()
    expect(await ask('select count(*)::int from kept')).toEqual([[1000]])
  })
})

describe.skipIf(service('kafka') === null)('a Kafka of its own', () => {
  it('keeps what it acknowledged through SIGKILL and a start on the same port', async () => {
    const broker = await startKafka()
    onTestFinished(() => broker.remove())
    const kafka = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING })
    const admin = kafka.admin()
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
    onTestFinished(() => admin.disconnect())
    onTestFinished(() => producer.disconnect())
    await admin.connect()
    await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }] })
    await producer.connect()
    await producer.send({ topic: 'kept', acks: -1, messages: [{ value: 'a' }, { value: 'b' }] })
    await broker.kill()
    await broker.start()
    expect((await admin.fetchTopicOffsets('kept')).map(({ high }) => high)).toEqual(['2'])
    await producer.send({ topic: 'kept', acks: -1, messages: [{ value: 'c' }] })
    expect((await admin.fetchTopicOffsets('kept')).map(({ high }) => high)).toEqual(['3'])
  })
})

describe('the proxy', () => {
  let echo: TcpServer
  const listening = (async () => {
    echo = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.pipe(socket)
    })
    echo.listen(0, '127.0.0.1')
    await once(echo, 'listening')
    return (echo.address() as { port: number }).port
  })()
  afterAll(() => {
    echo.close()
  })

  const open = async () => {
    const proxy = await startProxy(`127.0.0.1:${await listening}`)
    onTestFinished(() => proxy.close())
    const dial = () => {
      const socket = connect(proxy.port, '127.0.0.1')
      const got: Buffer[] = []
      socket.on('data', (data) => got.push(data))
      // A cut is seen as a reset or as an end, whichever comes first.
      socket.on('error', () => undefined)
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
      onTestFinished(() => {
        socket.destroy()
      })
      return {
        socket,
        closed,
        bytes: () => Buffer.concat(got).length,
        text: () => Buffer.concat(got).toString(),
        until: async (n: number) => {
          while (Buffer.concat(got).length < n) await once(socket, 'data')
        },
      }
    }
    return { proxy, dial }
  }

  it('passes on what it is given, in both directions', async () => {
    const { proxy, dial } = await open()
    const { socket, until, bytes } = dial()
    socket.write(Buffer.alloc(3_000_000, 7))
    await until(3_000_000)
    expect([bytes(), proxy.passed('up'), proxy.passed('down')]).toEqual([3_000_000, 3_000_000, 3_000_000])
  })

  it.each(['up', 'down'] as const)('cuts a connection after exactly so many bytes %s', async (way) => {
    const { proxy, dial } = await open()
    proxy.cutAfter(1000, way)
    const { socket, closed, bytes } = dial()
    socket.write(Buffer.alloc(5000))
    await closed
    expect([bytes() <= 1000, proxy.passed(way), proxy.open()]).toEqual([true, 1000, 0])
    // That was the one: the next connection lives.
    const next = dial()
    next.socket.write('hello')
    await next.until(5)
    expect(next.text()).toBe('hello')
  })

  it('holds back what comes while it hangs, and loses nothing of it', async () => {
    const { proxy, dial } = await open()
    const { socket, until, text } = dial()
    socket.write('a')
    await until(1)
    proxy.hang('down')
    socket.write('b')
    while (proxy.passed('up') < 2) await heartbeat(1)
    expect(text()).toBe('a')
    proxy.heal()
    await until(2)
    expect(text()).toBe('ab')
  })

  it('refuses everybody while it is cut', async () => {
    const { proxy, dial } = await open()
    const held = dial()
    held.socket.write('a')
    await held.until(1)
    proxy.cut()
    await held.closed
    expect(proxy.open()).toBe(0)
    const refused = dial()
    refused.socket.write('b')
    await refused.closed
    expect(refused.bytes()).toBe(0)
    proxy.heal()
    const back = dial()
    back.socket.write('b')
    await back.until(1)
    expect(back.text()).toBe('b')
  })
})

/** Lets so many turns of the event loop pass. */
async function heartbeat(turns: number): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setTimeout(resolve, 1))
}
