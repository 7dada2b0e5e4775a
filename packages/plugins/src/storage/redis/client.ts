import { AurenError } from '@auren/core'

const PEER = 'ioredis'

/** What is used of ioredis: the same for one server and for a cluster. */
export interface RedisClient {
  connect(): Promise<unknown>
  ping(): Promise<unknown>
  hget(key: string, field: string): Promise<string | null>
  eval(script: string, keys: number, ...args: (string | number)[]): Promise<unknown>
  unlink(...keys: string[]): Promise<unknown>
  scan(cursor: string, ...args: (string | number)[]): Promise<[cursor: string, keys: string[]]>
  /** Servers that hold keys: itself, or the masters of the cluster. */
  masters(): RedisClient[]
  on(event: 'ready' | 'error', listener: (error: Error) => void): unknown
  disconnect(): void
}

/** Where Redis is. */
export interface ConnectionOptions {
  url: string
  cluster: boolean
  connectTimeoutMs: number
}

/**
 * A client that answers or fails at once: what cannot be sent now is not kept for later, and what was not answered when
 * a connection broke is not sent again.
 * @throws AurenError AUREN_PEER_MISSING
 */
export async function createClient({ url, cluster, connectTimeoutMs }: ConnectionOptions): Promise<RedisClient> {
  const { Redis, Cluster } = await import('ioredis').catch((cause: unknown) => {
    throw new AurenError('AUREN_PEER_MISSING', `redis() needs the package ${PEER}. Install it: npm install ${PEER}`, {
      cause,
      plugin: 'redis',
    })
  })
  const waits = (times: number): number => Math.min(50 * 2 ** Math.min(times, 10), 2000)
  const options = {
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    // A server that vanished without a word would hold the connection for a quarter of an hour.
    socketTimeout: 5000,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: waits,
  }
  if (!cluster) {
    const client = new Redis(url, options)
    return Object.assign(client, { masters: () => [client as unknown as RedisClient] }) as unknown as RedisClient
  }
  const { hostname, port, username, password, protocol } = new URL(url)
  const client = new Cluster([{ host: hostname, port: Number(port) || 6379 }], {
    lazyConnect: true,
    enableOfflineQueue: false,
    clusterRetryStrategy: waits,
    slotsRefreshTimeout: connectTimeoutMs,
    redisOptions: {
      ...options,
      ...(username ? { username: decodeURIComponent(username) } : {}),
      ...(password ? { password: decodeURIComponent(password) } : {}),
      ...(protocol === 'rediss:' ? { tls: {} } : {}),
    },
  })
  return Object.assign(client, {
    masters: () => client.nodes('master') as unknown as RedisClient[],
  }) as unknown as RedisClient
}
