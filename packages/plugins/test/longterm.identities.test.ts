import { type Batch, comparePlaces, identityKey, type KnownIdentity, type LongTerm } from '@auren/core'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deletionOf } from '../../core/src/ingest/amend.js'
import { createLongTerm } from '../src/storage/sql/longterm/index.js'
import type { Sql } from '../src/storage/sql/port.js'
import type { SqlVault } from '../src/storage/sql/vault.js'
import { deliveries } from './longterm-deliveries.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

let sql: Sql
let vault: SqlVault
let longTerm: LongTerm
let persons = 0

beforeAll(async () => {
  sql = await openTestSql()
  vault = await openTestVault(sql)
  longTerm = createLongTerm(sql, vault)
})
afterAll(() => sql.close())

async function person(): Promise<string> {
  const user = `person ${++persons}`
  await sql.transaction((tx) => vault.create(tx, user))
  return user
}
const write = (user: string, ...batches: Batch[]) => sql.transaction((tx) => longTerm.write(tx, user, batches))
type Q = Parameters<LongTerm['identities']>[1]
async function known(user: string, provider: string, more: Partial<Q> = {}): Promise<KnownIdentity[]> {
  const all: KnownIdentity[] = []
  for await (const one of longTerm.identities({ user, purpose: 'operate' }, { provider, ...more })) all.push(one)
  return all
}
async function scanned(user: string): Promise<string[]> {
  const all: string[] = []
  for await (const { provider, account = '', receivedAt, lastReceivedAt: _, rawRef, ...said } of longTerm.scan({
    user,
    purpose: 'export',
  }))
    all.push(JSON.stringify([provider, account, receivedAt, rawRef, said]))
  return all.sort()
}

/** What is taken back was taken back before, in the same words, before it came. */
const deletedBefore: Batch[] = [
  {
    provider: 'ring',
    account: 'acc',
    receivedAt: 1000,
    rawRef: 'raw 0',
    observations: [
      {
        shape: 'deletion',
        target: { shape: 'sample', of: 'weight', start: 1_774_674_000_000 },
        source: { name: 'Phone', type: 'phone' },
      },
    ],
  },
  {
    provider: 'ring',
    account: 'acc',
    receivedAt: 1010,
    rawRef: 'raw 1',
    observations: [
      {
        shape: 'sample',
        metric: 'weight',
        start: 1_774_674_000_000,
        value: 60,
        unit: 'kg',
        source: { name: 'Phone', type: 'phone' },
        offset: null,
        zoneBasis: 'carried',
      },
    ],
  },
]

describe('identities', () => {
  it('are what is exported, in one order that is the same for everybody, and can be gone on with anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, fc.nat(), async (batches, at) => {
        const [user, other] = [await person(), await person()]
        await write(user, ...batches)
        for (const batch of batches) await write(other, batch)
        const providers = [...new Set(batches.map(({ provider }) => provider))]
        const held: KnownIdentity[] = []
        for (const provider of providers) {
          const all = await known(user, provider)
          held.push(...all)
          for (const [i, { place }] of all.entries())
            if (i > 0) expect(comparePlaces((all[i - 1] as KnownIdentity).place, place)).toBeLessThan(0)
          expect((await known(other, provider)).map(({ place }) => place)).toEqual(all.map(({ place }) => place))
          const whole = await known(user, provider, { all: true })
          expect(whole.filter(({ withdrawn }) => withdrawn === null)).toEqual(all)
          const cut = at % Math.max(1, whole.length)
          const after = whole[cut]?.place
          if (after) expect(await known(user, provider, { all: true, after })).toEqual(whole.slice(cut + 1))
        }
        expect(
          held
            .map(({ provider, account, first, rawRef, observation }) =>
              JSON.stringify([provider, account, first, rawRef, observation]),
            )
            .sort(),
        ).toEqual(await scanned(user))
      }),
      { numRuns: 60 },
    )
  })

  it('can be taken back one by one and said again, whatever their records and versions, and the rest of a record stays', async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, fc.nat(), async (batches, pick) => {
        const user = await person()
        await write(user, ...batches)
        const before = await scanned(user)
        const held = (
          await Promise.all([...new Set(batches.map(({ provider }) => provider))].map((p) => known(user, p)))
        ).flat()
        const one = held[pick % Math.max(1, held.length)]
        if (!one?.observation) return
        const { provider, account, rawRef, observation } = one
        const at = Math.max(...batches.map(({ receivedAt }) => receivedAt)) + 10
        const amending = { provider, account, amends: true }
        await write(user, { ...amending, receivedAt: at, rawRef: 'w', observations: [deletionOf(observation)] })
        const key = (text: string): boolean => {
          const [p, a, , , said] = JSON.parse(text)
          return identityKey(p, a, said) === identityKey(provider, account, observation)
        }
        expect(await scanned(user)).toEqual(before.filter((text) => !key(text)))
        const gone = (await known(user, provider, { all: true })).find(
          (held) => comparePlaces(held.place, one.place) === 0,
        )
        expect(gone).toMatchObject({ observation, withdrawn: { by: 'deletion', last: at } })
        await write(user, { ...amending, receivedAt: at + 1, rawRef, observations: [observation] })
        expect(await scanned(user)).toEqual(before)
      }),
      { numRuns: 60, examples: [[deletedBefore, 0]] },
    )
  })

  it('say why they do not hold', async () => {
    const user = await person()
    const pulse = (start: number, more = {}) =>
      ({
        shape: 'sample',
        metric: 'heart_rate',
        start,
        value: 60,
        unit: '/min',
        source: { name: 'Watch', type: 'watch' },
        offset: null,
        zoneBasis: 'absent',
        ...more,
      }) as const
    const batch = (receivedAt: number, observations: Batch['observations']): Batch => ({
      provider: 'p',
      account: 'a',
      receivedAt,
      rawRef: `raw ${receivedAt}`,
      observations,
    })
    await write(
      user,
      batch(1, [
        pulse(0, { recordId: 'r' }),
        pulse(1, { recordId: 'r' }),
        pulse(2, { recordId: 's' }),
        pulse(3),
        pulse(4),
      ]),
      batch(2, [pulse(0, { recordId: 'r' }), { shape: 'deletion', recordId: 's' }]),
      batch(3, [
        { shape: 'deletion', target: { shape: 'sample', of: 'heart_rate', start: 3 }, source: pulse(3).source },
        {
          shape: 'deletion',
          target: { shape: 'sample', of: 'heart_rate', start: 4 },
          source: pulse(4).source,
          sticky: true,
        },
        { shape: 'deletion', target: { shape: 'sample', of: 'heart_rate', start: 5 }, source: pulse(5).source },
      ]),
    )
    expect(
      (await known(user, 'p', { all: true })).map(({ observation, withdrawn }) => [observation !== null, withdrawn]),
    ).toEqual([
      [true, null],
      [true, { by: 'newer_record', rawRef: null, last: 2 }],
      [true, { by: 'record_deletion', rawRef: null, last: 2 }],
      [true, { by: 'deletion', rawRef: 'raw 3', last: 3 }],
      [true, { by: 'person', rawRef: 'raw 3', last: 3 }],
      [false, { by: 'deletion', rawRef: 'raw 3', last: 3 }],
    ])
  })
})
