import { describe, expect, it } from 'vitest'
import { readConfig } from '../src/config.js'

describe('configuration', () => {
  it('needs nothing', () => {
    const config = readConfig({ HOME: '/home/ada' })
    expect(config.ports).toEqual({ neuros: 8000, biometric: 8888, pwa: 5173 })
    expect(config).toMatchObject({ model: null, oura: null, corsOrigins: null, host: '127.0.0.1' })
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
    ['POSTGRES_URL', { POSTGRES_URL: 'postgres://127.0.0.1/auren' }],
    ['KAFKA_BOOTSTRAP_SERVERS', { KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:9092' }],
    ['REDIS_URL', { REDIS_URL: 'redis://127.0.0.1' }],
  ])('names %s where it is wrong', (name, env) => {
    expect(() => readConfig(env)).toThrow(name.trim())
    expect(() => readConfig(env)).toThrow(expect.objectContaining({ code: 'AUREN_CONFIG_INVALID' }))
  })

  it('takes the flag before the variable', () => {
    expect(readConfig({ AUREN_DATA: '/a' }, { data: '/b' }).dataDir).toBe('/b')
  })
})
