import type { Lane } from '@auren/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readerOf } from '../src/storage/postgres/decode.js'
import { postgres } from '../src/storage/postgres/index.js'
import { createPlaces } from '../src/storage/postgres/places.js'
import { openPostgres } from '../src/storage/postgres/sql.js'
import { sqlError, sqlState } from '../src/storage/sql/failure.js'

const masterKey = Buffer.alloc(32, 7).toString('base64')

describe('options', () => {
  it('are checked, and what is secret is not repeated', async () => {
    expect(() => postgres({ url: 'postgres://a:b@c/d', masterKey: 'short' })).toThrow('AUREN_MASTER_KEY')
    for (const wrong of [
      { url: 'secret' },
      { url: 'mysql://user:secret@host/db' },
      { url: 'postgres://user:secret@host/db', pool: 1 },
      { url: 'postgres://user:secret@host/db', pool: 2.5 },
      { url: 'postgres://user:secret@host/db', limits: { statement: 0 } },
    ]) {
      const error = await openPostgres(wrong).catch((caught: unknown) => caught)
      expect(error).toMatchObject({ code: 'AUREN_CONFIG_INVALID' })
      expect(String(error)).not.toContain('secret')
      expect(() => postgres({ ...wrong, masterKey })).toThrow(String((error as Error).message))
    }
  })

  it('say when there is no server, without the password', async () => {
    const error = await openPostgres({ url: 'postgres://user:secret@127.0.0.1:1/db' }).catch(
      (caught: unknown) => caught,
    )
    expect(error).toMatchObject({ code: 'AUREN_STORE_UNAVAILABLE', retryable: true, cause: { code: '08001' } })
    expect(JSON.stringify([error, String((error as Error).cause)])).not.toContain('secret')
  })
})

describe('values', () => {
  // Type OIDs and text forms: PostgreSQL's pg_type.dat and chapter 8 of its manual.
  it.each([
    [16, 't', true],
    [16, 'f', false],
    [17, '\\x00ff10', new Uint8Array([0, 255, 16])],
    [17, '\\x', new Uint8Array(0)],
    [20, '-9007199254740991', -9007199254740991],
    [20, '9007199254740992', 9007199254740992n],
    [23, '-2147483648', -2147483648],
    [701, '1e-300', 1e-300],
    [701, 'NaN', Number.NaN],
    [701, '-Infinity', Number.NEGATIVE_INFINITY],
    [1700, '1.50', 1.5],
    [25, 'NULL', 'NULL'],
    [1082, '2024-02-29', '2024-02-29'],
    [2950, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    [3802, '{"a": [1, null]}', { a: [1, null] }],
    [2278, '', null],
    [1007, '{}', []],
    [1007, '{1,NULL,-3}', [1, null, -3]],
    [1016, '{1,9007199254740993,NULL}', [1, 9007199254740993n, null]],
    [1022, '{0.1,NaN,-Infinity,1e-300}', [0.1, Number.NaN, Number.NEGATIVE_INFINITY, 1e-300]],
    [1000, '{t,f,NULL}', [true, false, null]],
    [1009, '{a,"b,c",NULL,"NULL","","\\"\\\\ {}",ä€😀}', ['a', 'b,c', null, 'NULL', '', '"\\ {}', 'ä€😀']],
    [1001, '{"\\\\x00ff",NULL}', [new Uint8Array([0, 255]), null]],
  ])('of type %i: %s', (type, text, value) => {
    expect(readerOf(type)(text)).toEqual(value)
  })
})

describe('places', () => {
  it('never exceed the pool, keep bulk to half of it, and leave one to bulk', async () => {
    const lane = fc.constantFrom<Lane>('interactive', 'bulk')
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 9 }), fc.array(lane, { maxLength: 40 }), async (size, asked) => {
        const { acquire } = createPlaces(size, 60_000)
        const running = { interactive: 0, bulk: 0 }
        await Promise.all(
          asked.map(async (one) => {
            const leave = await acquire(one)
            running[one]++
            expect(running.interactive + running.bulk).toBeLessThanOrEqual(size)
            expect(running.bulk).toBeLessThanOrEqual(Math.max(1, Math.floor(size / 2)))
            expect(running.interactive).toBeLessThan(size)
            await Promise.resolve()
            running[one]--
            leave()
            leave()
          }),
        )
      }),
    )
  })

  it('go to interactive first, each lane in the order of asking', async () => {
    const { acquire } = createPlaces(2, 60_000)
    const [first, second] = [await acquire('interactive'), await acquire('bulk')]
    const order: string[] = []
    const all = ['bulk 1', 'interactive 1', 'bulk 2', 'interactive 2'].map(async (name) => {
      const leave = await acquire(name.split(' ')[0] as Lane)
      order.push(name)
      leave()
    })
    first()
    second()
    await Promise.all(all)
    expect(order.filter((name) => name.startsWith('i'))).toEqual(['interactive 1', 'interactive 2'])
    expect(order.filter((name) => name.startsWith('b'))).toEqual(['bulk 1', 'bulk 2'])
    expect(order[0]).toBe('interactive 1')
  })

  it('are refused as busy when none becomes free in time, and what waited leaves no trace', async () => {
    const { acquire, close } = createPlaces(2, 1)
    const leave = await acquire('interactive')
    await expect(acquire('interactive')).rejects.toMatchObject({ code: 'AUREN_STORE_BUSY', retryable: true })
    leave()
    ;(await acquire('interactive'))()
    await close()
    await expect(acquire('bulk')).rejects.toMatchObject({ code: 'AUREN_CLOSED' })
  })

  it('close when those who have one, or wait for one, have ended', async () => {
    const { acquire, close } = createPlaces(2, 60_000)
    const first = await acquire('bulk')
    const second = acquire('bulk')
    let closed = false
    const closing = close().then(() => {
      closed = true
    })
    first()
    const leave = await second
    expect(closed).toBe(false)
    leave()
    await closing
  })
})

describe('failures of the server', () => {
  // Codes: appendix A of PostgreSQL's manual.
  it.each([
    ['57P01', 'AUREN_STORE_UNAVAILABLE', true],
    ['57P03', 'AUREN_STORE_UNAVAILABLE', true],
    ['53300', 'AUREN_STORE_UNAVAILABLE', true],
    ['53100', 'AUREN_STORE_UNAVAILABLE', true],
    ['58030', 'AUREN_STORE_UNAVAILABLE', true],
    ['08006', 'AUREN_STORE_UNAVAILABLE', true],
    ['08007', 'AUREN_STORE_UNAVAILABLE', true],
    ['25P03', 'AUREN_STORE_UNAVAILABLE', true],
    ['28P01', 'AUREN_STORE_UNAVAILABLE', true],
    ['3D000', 'AUREN_STORE_UNAVAILABLE', true],
    ['40001', 'AUREN_STORE_BUSY', true],
    ['40P01', 'AUREN_STORE_BUSY', true],
    ['55P03', 'AUREN_STORE_BUSY', true],
    ['57014', 'AUREN_STORE_BUSY', true],
    ['23505', 'AUREN_CONFLICT', false],
    ['42501', 'AUREN_FORBIDDEN', false],
    ['42601', 'AUREN_INTERNAL', false],
  ])('%s is %s', (state, code, retryable) => {
    const error = sqlError({ state, message: 'what the server says' })
    expect(error).toMatchObject({ code, retryable })
    expect(sqlState(error)).toBe(state)
  })
})
