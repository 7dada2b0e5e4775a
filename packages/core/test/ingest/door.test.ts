import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { fixedClock } from '../../src/testing/clock.js'
import { account, plainStore, pulse, type Rig, rig, start, toy, user } from './toy.js'

const open: Rig[] = []
const made = async (...args: Parameters<typeof rig>): Promise<Rig> => {
  const held = await rig(...args)
  open.push(held)
  return held
}
afterEach(async () => {
  for (const held of open.splice(0)) await held.close()
})
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('a webhook', () => {
  it('answers a challenge', async () => {
    const { ingest } = await made()
    const answer = await ingest.webhook('toy', {
      method: 'GET',
      headers: {},
      query: { challenge: 'c' },
      body: new Uint8Array(),
      now: start,
    })
    expect(answer).toMatchObject({ status: 200, body: 'c' })
  })

  it('refuses a wrong signature and keeps nothing', async () => {
    const { post, journal } = await made()
    await expect(post(bytes('{}'), { 'x-toy-signature': 'ff' })).rejects.toMatchObject({
      code: 'AUREN_SIGNATURE_INVALID',
      status: 401,
    })
    expect(await journal.lag()).toMatchObject({ accepted: 0, quarantined: 0 })
  })

  it('stores what it accepted, and answers as the vendor wants it', async () => {
    const { deliver, ingest, store } = await made()
    expect(await deliver([pulse(start, 60), pulse(start + 1000, 61)])).toBe(202)
    await ingest.settled()
    expect(store.values().sort()).toEqual([60, 61])
  })

  it('keeps what is nobody’s, and reads it once somebody has connected the account', async () => {
    const { deliver, ingest, store, journal } = await made({ connect: false })
    expect(await deliver([pulse(start, 60)])).toBe(202)
    await ingest.settled()
    expect(store.values()).toEqual([])
    const [held] = await journal.transaction((tx) => journal.listQuarantine(tx, {}))
    expect(held).toMatchObject({ user: null, reason: 'unknown_account', replayedAt: null })
    const id = held?.id ?? ''
    // Nobody may look into what is not theirs.
    await expect(ingest.quarantine.get('eve', id)).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
    await ingest.connections.adopt(user, 'toy', account, { accessToken: 't' })
    await expect(ingest.quarantine.replay('eve', id)).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
    await ingest.quarantine.replay(user, id)
    expect(await ingest.quarantine.replay(user, id)).toMatchObject({ alreadyReplayed: true })
    await ingest.settled()
    expect(store.values()).toEqual([60])
  })

  it('splits a delivery about several persons', async () => {
    const { post, ingest, journal } = await made()
    await ingest.connections.adopt('bob', 'toy', 'acct-2', { accessToken: 't' })
    const body = [
      { account, items: [pulse(start, 60)] },
      { account: 'acct-2', items: [pulse(start, 70)] },
    ]
    await post(bytes(JSON.stringify(body)))
    await ingest.settled()
    expect(await journal.lag()).toMatchObject({ accepted: 2, stored: 2, quarantined: 0 })
  })

  it('sets aside one item that cannot be read and stores the others', async () => {
    const { deliver, ingest, store } = await made()
    await deliver([pulse(start, 60), 'a word', pulse(start + 1, -5), pulse(start + 2, 62)])
    await ingest.settled()
    expect(store.values().sort()).toEqual([60, 62])
    const held = await ingest.quarantine.list({ user, open: true })
    expect(held.map(({ reason }) => reason).sort()).toEqual(['hard_range', 'unreadable'])
  })

  it('survives a normalizer that breaks: the payload is set aside, and replayed when it is mended', async () => {
    const clock = fixedClock(start)
    const broken = await made({ clock })
    expect(await broken.deliver([pulse(start, 60), 'broken'])).toBe(202)
    await broken.ingest.settled()
    const [held] = await broken.ingest.quarantine.list({ user, open: true })
    expect(held).toMatchObject({ reason: 'normalizer_failed' })
    // Else either of the two may store what is replayed, and each has a store of its own.
    await broken.close()
    clock.advance(3_600_000)
    const mended = toy({
      *normalize(payload: { items: unknown[] }) {
        for (const item of payload.items) if (typeof item === 'object') yield item as ReturnType<typeof pulse>
      },
    } as never)
    const later = await made({ clock, journal: broken.journal, plugin: mended as never, connect: false })
    expect(await later.ingest.quarantine.replay(user, held?.id ?? '')).toEqual({
      accepted: 1,
      quarantined: 0,
      alreadyReplayed: false,
    })
    await later.ingest.settled()
    // Known since it was first received, not since it was replayed.
    expect(later.store.dump()).toEqual([expect.stringContaining(`"first":${start}`)])
  })

  it('gives an account that changed hands to whoever has it now', async () => {
    const { deliver, ingest, journal, store } = await made()
    // The first owner sorts first, and has let go of it.
    await journal.transaction(async (tx) => {
      const [first] = await journal.connections.list(tx, { provider: 'toy', account })
      if (!first) throw new Error('not connected')
      await journal.connections.save(tx, { ...first, status: 'revoked' })
      const { id: _id, ...rest } = first
      await journal.connections.save(tx, { ...rest, user: `${user}-later`, status: 'active' })
    })
    expect(await deliver([pulse(start, 60)])).toBe(202)
    await ingest.settled()
    expect(store.dump().map((row) => JSON.parse(JSON.parse(row)[0])[0])).toEqual([`${user}-later`])
  })

  it('answers 503 and keeps nothing where the store is away', async () => {
    const held = await made()
    const journal = { ...held.journal, receiveAll: () => Promise.reject(Object.assign(new Error('gone'))) }
    const away = await made({ journal: journal as never, connect: false, started: false })
    await expect(away.deliver([pulse(start, 60)])).rejects.toThrow('gone')
    expect(await held.journal.lag()).toMatchObject({ accepted: 0 })
  })
})

describe('T6: duplicates', () => {
  it('the same delivery ten times at once counts once', async () => {
    const { deliver, ingest, store, journal } = await made()
    const statuses = await Promise.all(Array.from({ length: 10 }, () => deliver([pulse(start, 60)], { id: 'd1' })))
    expect(statuses).toEqual(Array(10).fill(202))
    await ingest.settled()
    expect(store.values()).toEqual([60])
    expect(await journal.lag()).toMatchObject({ accepted: 1, stored: 1 })
  })

  it('the same samples in overlapping deliveries give the table of one', async () => {
    const windows = fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 20 })), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(windows, async (list) => {
        const held = await rig()
        const union = new Set<number>()
        for (const [index, [from, length]] of list.entries()) {
          const times = Array.from({ length }, (_, i) => from + i)
          for (const time of times) union.add(time)
          await held.deliver(
            times.map((time) => pulse(start - time * 1000, 50 + (time % 30))),
            { id: `w${index}` },
          )
        }
        await held.ingest.settled()
        expect(held.store.dump()).toHaveLength(union.size)
        await held.close()
      }),
      { numRuns: 25 },
    )
  })
})

describe('T7: permutations', () => {
  it('1,000 events of interleaved persons give the same tables in any order', async () => {
    const events = Array.from({ length: 1000 }, (_, i) => ({
      account: `acct-${(i % 5) + 1}`,
      at: start + i * 1000,
      // Every third event says something else of a time that was told of before.
      item: pulse(
        start - (i % 300) * 60_000,
        50 + (i % 37),
        i % 3 === 0 ? { recordId: `r${i % 100}`, version: i } : {},
      ),
    }))
    const run = async (order: readonly number[]): Promise<string[]> => {
      const clock = fixedClock(start)
      const held = await rig({ clock })
      for (let n = 2; n <= 5; n++)
        await held.ingest.connections.adopt(`person-${n}`, 'toy', `acct-${n}`, { accessToken: 't' })
      for (const index of order) {
        const event = events[index] as (typeof events)[number]
        clock.set(event.at)
        await held.deliver([event.item], { id: `e${index}`, account: event.account })
      }
      await held.ingest.settled()
      await held.close()
      return held.store.dump()
    }
    const sorted = await run([...events.keys()])
    expect(sorted.length).toBeGreaterThan(500)
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...events.keys()], { minLength: 1000, maxLength: 1000 }), async (order) => {
        expect(await run(order)).toEqual(sorted)
      }),
      { numRuns: 3 },
    )
  })
})

describe('T9: poison', () => {
  const refused: [string, Uint8Array][] = [
    ['no JSON', bytes('{"items": [')],
    ['nothing', new Uint8Array()],
    ['invalid UTF-8', Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['nesting of 100,000', bytes('['.repeat(100_000) + ']'.repeat(100_000))],
    ['another shape', bytes('{"hello": 1}')],
    ['a number', bytes('42')],
    ['null', bytes('null')],
  ]
  it.each(refused)('%s is refused with 400', async (_, body) => {
    const { post } = await made()
    await expect(post(body)).rejects.toMatchObject({ status: 400 })
  })

  it('whatever is in a payload, its neighbours are stored and nothing is lost from sight', async () => {
    const { post, ingest, store, journal } = await made()
    const strange = [
      '{"shape":"sample","__proto__":{"polluted":1}}',
      JSON.stringify({ ...pulse(start, 1), value: 'NaN' }),
      JSON.stringify(pulse(start, 60, { metric: '__proto__' })),
      JSON.stringify(pulse(start, 60, { metric: 'nope' })),
      '{"shape":"sample","value":1e999}',
      JSON.stringify({ ...pulse(start, -1) }),
      JSON.stringify({
        shape: 'tag',
        tag: 'note',
        start,
        text: 'n\u0000l \ud800 '.repeat(10),
        source: { name: 'x\ud800', type: 'app' },
        offset: null,
        zoneBasis: 'absent',
      }),
      `"${'x'.repeat(1_000_000)}"`,
      JSON.stringify({
        shape: 'session',
        kind: 'sleep',
        start: start - 8 * 3_600_000,
        end: start,
        measures: JSON.parse('{"__proto__": 5}'),
        source: { name: 'W', type: 'watch' },
        offset: 0,
        zoneBasis: 'carried',
      }),
    ]
    for (const [index, item] of strange.entries()) {
      await post(
        bytes(`{"account":"${account}","items":[${JSON.stringify(pulse(start + index * 1000, 60 + index))},${item}]}`),
      )
    }
    await ingest.settled()
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
    const pulses = store.values().filter((value) => typeof value === 'number')
    expect(pulses).toHaveLength(strange.length)
    const { accepted, stored, waiting } = await journal.lag()
    expect({ stored, waiting }).toEqual({ stored: accepted, waiting: 0 })
  })

  it('an event that cannot be stored is set aside with its reason; the others of its person go on', async () => {
    const store = plainStore((batches) => {
      for (const batch of batches)
        for (const held of batch.observations) if ('value' in held && held.value === 66) throw new TypeError('poison')
    })
    const { deliver, ingest, journal } = await made({ store })
    const values = Array.from({ length: 40 }, (_, i) => 50 + i)
    await deliver(values.map((value, i) => pulse(start + i * 1000, value)))
    await deliver([pulse(start - 1000, 99)])
    await ingest.settled()
    expect(store.values().sort()).toEqual([...values.filter((value) => value !== 66), 99].sort())
    const held = await ingest.quarantine.list({ user, open: true })
    expect(held).toHaveLength(1)
    expect(JSON.stringify(held[0]?.item)).toContain('66')
    expect(await journal.lag()).toMatchObject({ waiting: 0, quarantined: 1 })
  })
})

describe('observations of an app of one’s own', () => {
  it('count once per key', async () => {
    const { ingest, store } = await made()
    const send = () =>
      ingest.observations({
        userId: user,
        provider: 'my-app',
        key: 'k',
        observations: [pulse(start, 60), pulse(start, -1)],
      })
    const first = await send()
    expect(first).toMatchObject({ duplicate: false, accepted: 1, quarantined: 1 })
    expect(first.items).toMatchObject([{ status: 'accepted' }, { status: 'quarantined', reason: 'hard_range' }])
    expect(await send()).toEqual({ ...first, duplicate: true })
    await ingest.settled()
    expect(store.values()).toEqual([60])
  })

  it('refuse a key that named another batch', async () => {
    const { ingest, store } = await made()
    const send = (value: number) =>
      ingest.observations({ userId: user, provider: 'my-app', key: 'k', observations: [pulse(start, value)] })
    await send(60)
    await expect(send(61)).rejects.toMatchObject({ code: 'AUREN_KEY_REUSED', status: 422 })
    await ingest.settled()
    expect(store.values()).toEqual([60])
  })
})

describe('a replay', () => {
  it('goes through the checks again and is once', async () => {
    const { deliver, ingest, store } = await made()
    await deliver([pulse(start, -1)])
    const [held] = await ingest.quarantine.list({ user, open: true })
    expect(await ingest.quarantine.replay(user, held?.id ?? '')).toMatchObject({ accepted: 0, quarantined: 1 })
    await ingest.settled()
    expect(store.values()).toEqual([])
    expect(await ingest.quarantine.list({ user, open: true })).toHaveLength(1)
  })

  it('is nobody else’s business', async () => {
    const { deliver, ingest } = await made()
    await deliver([pulse(start, -1)])
    const [held] = await ingest.quarantine.list({ user, open: true })
    await expect(ingest.quarantine.get('eve', held?.id ?? '')).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
  })
})
