import { connect, createServer, type Socket } from 'node:net'

/** Which way bytes go: from the client up to the server, or down. */
export type Way = 'up' | 'down'

/** A TCP proxy on 127.0.0.1 whose connections can be hurt. */
export interface Proxy {
  readonly port: number
  /** Connections that are open now. */
  open(): number
  /** Bytes that were passed on, all connections together. */
  passed(way: Way): number
  /** Cuts all connections off, and all new ones at once, until {@link heal}. */
  cut(): void
  /** Passes nothing more on and keeps all connections open; what comes is held back until {@link heal}. */
  hang(way?: Way): void
  /** Passes at most so many bytes per second on, per connection. */
  slow(bytesPerSecond: number, way?: Way): void
  /** Cuts off the connection that passes the last of so many more bytes that way: in mid-request, or in mid-answer. */
  cutAfter(bytes: number, way: Way): void
  /** Ends every fault; what was held back is passed on. */
  heal(): void
  close(): Promise<void>
}

interface Rule {
  hang: boolean
  bytesPerSecond: number
  /** Bytes left until the cut; shared by all connections, so that the first to get there is the one that is cut. */
  left: number
}

const free = (): Rule => ({ hang: false, bytesPerSecond: Number.POSITIVE_INFINITY, left: Number.POSITIVE_INFINITY })

/** Starts a proxy before a server. @param target `host:port`, or a URL with both */
export async function startProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target.includes('://') ? target : `tcp://${target}`)
  const rules: Record<Way, Rule> = { up: free(), down: free() }
  const passed: Record<Way, number> = { up: 0, down: 0 }
  const pairs = new Set<[Socket, Socket]>()
  const waiting = new Set<() => void>()
  let refusing = false

  const reset = (pair: [Socket, Socket]): void => {
    pairs.delete(pair)
    for (const socket of pair) socket.resetAndDestroy()
  }

  const relay = async (pair: [Socket, Socket], from: Socket, to: Socket, way: Way): Promise<void> => {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (let rest = chunk; rest.length > 0; ) {
        const rule = rules[way]
        if (rule.hang) {
          await new Promise<void>((resolve) => waiting.add(resolve))
          continue
        }
        // Slow: a tenth of a second's share at a time.
        const share = Math.max(1, Math.min(rest.length, Math.ceil(rule.bytesPerSecond / 10), rule.left))
        const part = rest.subarray(0, share)
        rest = rest.subarray(share)
        if (rule.left <= 0) return reset(pair)
        const flowing = to.write(part)
        passed[way] += part.length
        rule.left -= part.length
        if (rule.left <= 0) {
          rules[way] = { ...rule, left: Number.POSITIVE_INFINITY }
          // What was passed must arrive before the cut does.
          await new Promise<void>((resolve) => to.write('', () => resolve()))
          return reset(pair)
        }
        if (!flowing) await new Promise<void>((resolve) => to.once('drain', resolve).once('close', resolve))
        if (Number.isFinite(rule.bytesPerSecond))
          await new Promise((resolve) => setTimeout(resolve, (1000 * part.length) / rule.bytesPerSecond))
      }
    }
    to.end()
  }

  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (refusing) {
      client.resetAndDestroy()
      return
    }
    const upstream = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
    const pair: [Socket, Socket] = [client, upstream]
    pairs.add(pair)
    for (const socket of pair) {
      socket.setNoDelay(true)
      socket.on('error', () => reset(pair))
      socket.on('close', () => {
        if (client.destroyed && upstream.destroyed) pairs.delete(pair)
      })
    }
    relay(pair, client, upstream, 'up').catch(() => reset(pair))
    relay(pair, upstream, client, 'down').catch(() => reset(pair))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()

  const wake = (): void => {
    for (const resolve of waiting) resolve()
    waiting.clear()
  }
  const both = (way: Way | undefined): Way[] => (way === undefined ? ['up', 'down'] : [way])
  const cut = (): void => {
    refusing = true
    for (const pair of [...pairs]) reset(pair)
  }
  const heal = (): void => {
    refusing = false
    rules.up = free()
    rules.down = free()
    wake()
  }

  return {
    port: typeof address === 'object' && address ? address.port : 0,
    open: () => pairs.size,
    passed: (way) => passed[way],
    cut,
    hang: (way) => {
      for (const one of both(way)) rules[one] = { ...rules[one], hang: true }
    },
    slow: (bytesPerSecond, way) => {
      for (const one of both(way)) rules[one] = { ...rules[one], bytesPerSecond }
    },
    cutAfter: (bytes, way) => {
      rules[way] = { ...rules[way], left: bytes }
    },
    heal,
    async close() {
      cut()
      wake()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
