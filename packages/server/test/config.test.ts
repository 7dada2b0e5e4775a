import { generateKeyPairSync } from 'node:crypto'
import { closedBy, closedProviders } from '@auren/core'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../src/config.js'
import { wearablesOf } from '../src/wearables.js'

const key = Buffer.alloc(32, 7).toString('base64')
const deployed = { POSTGRES_URL: 'postgres://auren_user:secret@127.0.0.1:5432/auren_production', AUREN_MASTER_KEY: key }

const jwtKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string

describe('configuration', () => {
  it('needs nothing', () => {
    const config = readConfig({ HOME: '/home/ada' })
    expect(config.ports).toEqual({ neuros: 8000, biometric: 8888, pwa: 5173, worker: 8890 })
    expect(config).toMatchObject({
      model: null,
      wearables: {},
      corsOrigins: null,
      host: '127.0.0.1',
      postgres: null,
      localPerson: true,
    })
  })

  it('takes an empty variable for an unset one', () => {
    expect(readConfig({ POSTGRES_URL: '', AUREN_NEUROS_PORT: '' }).ports.neuros).toBe(8000)
  })

  it.each([
    ['AUREN_NEUROS_PORT', { AUREN_NEUROS_PORT: 'eight thousand' }],
    ['AUREN_PWA_PORT', { AUREN_PWA_PORT: '70000' }],
    ['AUREN_HOST', { AUREN_HOST: '0.0.0.0' }],
    ['AUREN_ZONE', { AUREN_ZONE: 'Mars/Olympus' }],
    ['AUREN_MODEL_URL', { AUREN_MODEL: 'm', AUREN_MODEL_URL: 'not a url' }],
    ['AUREN_MODEL ', { AUREN_MODEL_URL: 'http://127.0.0.1:1/v1' }],
    ['OURA_VERIFICATION_TOKEN', { OURA_CLIENT_ID: 'a', OURA_CLIENT_SECRET: 'b' }],
    ['POSTGRES_URL', { POSTGRES_URL: '127.0.0.1:5432', AUREN_MASTER_KEY: key }],
    ['AUREN_MASTER_KEY', { POSTGRES_URL: 'postgres://127.0.0.1/auren' }],
    ['KAFKA_BOOTSTRAP_SERVERS', { ...deployed, KAFKA_BOOTSTRAP_SERVERS: 'kafka' }],
    ['REDIS_URL', { ...deployed, REDIS_URL: '127.0.0.1:6379' }],
    ['AUREN_ROLES', { ...deployed, AUREN_ROLES: 'neuros,cook' }],
    ['AUREN_ROLES', { AUREN_ROLES: 'neuros' }],
    ['AUREN_LOCAL_PERSON', { ...deployed, NODE_ENV: 'production', AUREN_LOCAL_PERSON: 'true' }],
    [
      'AUREN_PUBLIC_BIOMETRIC_URL',
      {
        ...deployed,
        NODE_ENV: 'production',
        AUREN_JWT_KEY: jwtKey,
        AUREN_PUBLIC_BIOMETRIC_URL: 'http://auren.example',
      },
    ],
    ['AUREN_KAFKA_PASSWORD', { ...deployed, AUREN_KAFKA_USERNAME: 'auren' }],
    ['KAFKA_BOOTSTRAP_SERVERS', { KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:9092' }],
    ['REDIS_URL', { REDIS_URL: 'redis://127.0.0.1' }],
  ])('names %s where it is wrong', (name, env) => {
    expect(() => readConfig(env)).toThrow(name.trim())
    expect(() => readConfig(env)).toThrow(expect.objectContaining({ code: 'AUREN_CONFIG_INVALID' }))
  })

  it('lets nobody in without a token once there are servers', () => {
    const config = readConfig({
      ...deployed,
      AUREN_HOST: '0.0.0.0',
      REDIS_URL: 'redis://127.0.0.1:6379',
      KAFKA_BOOTSTRAP_SERVERS: 'kafka-1:9092, kafka-2:9092',
      AUREN_ROLES: 'biometric,worker',
    })
    expect(config).toMatchObject({
      localPerson: false,
      roles: new Set(['biometric', 'worker']),
      kafka: { brokers: ['kafka-1:9092', 'kafka-2:9092'], topic: 'biometric-events', ssl: false },
      redis: { url: 'redis://127.0.0.1:6379' },
    })
  })

  it('says no secret in its errors', () => {
    try {
      readConfig({ POSTGRES_URL: 'http://auren_user:hunter2hunter2@db', AUREN_MASTER_KEY: 'no-key-hunter2' })
      expect.unreachable()
    } catch (error) {
      expect(String(error)).not.toContain('hunter2')
    }
  })

  it('takes the flag before the variable', () => {
    expect(readConfig({ AUREN_DATA: '/a' }, { data: '/b' }).dataDir).toBe('/b')
  })
})

it('keeps from models what a vendor closes to them, also after its secrets were taken out', () => {
  const closed = (environment: Record<string, string>) =>
    closedBy(
      closedProviders(
        wearablesOf(readConfig({ HOME: '/home/ada', ...environment })).flatMap((plugin) =>
          plugin.kind === 'wearable' ? [plugin] : [],
        ),
      ),
    )
  const of = (...sources: string[]) => ({ sources, query: { pattern: 'baseline', metric: 'power' } as const })
  const none = closed({})
  expect(['strava/1/Edge 530', 'terra/1/STRAVA: Edge 530', 'junction/1/strava'].map((key) => none(of(key)))).toEqual([
    true,
    true,
    true,
  ])
  expect(none(of('terra/1/Edge 530', 'oura/1/Ring'))).toBe(false)
  const opened = closed({ TERRA_SIGNING_SECRET: 's', TERRA_MODELS: 'open' })
  expect(opened(of('terra/1/STRAVA: Edge 530'))).toBe(false)
  expect(opened(of('junction/1/strava'))).toBe(true)
})
