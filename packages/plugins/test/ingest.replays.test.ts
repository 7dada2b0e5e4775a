import {
  AurenError,
  defineWearable,
  type NormalizeContext,
  type ObservationInput,
  type ReplayView,
  type WearablePlugin,
} from '@auren/core'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { shadowOf } from '../../core/src/memory/shadow.js'
import { arm } from '../../core/src/testing/failpoints.js'
import { openRig, pieces, type Rig, start } from './ingest-rig.js'

const minute = 60_000
const day = 24 * 3_600_000
const Payload = z.object({ items: z.array(z.unknown()) })
type Payload = z.infer<typeof Payload>
type Normalize = (payload: Payload, ctx: NormalizeContext) => Iterable<ObservationInput>

interface Item {
  id?: string
  metric?: string
  at: number
  value: number
  version?: number
  bogus?: boolean
  gone?: boolean
}
const common = { source: { name: 'Mender', type: 'watch' as const }, offset: 60, zoneBasis: 'carried' as const }
const sample = (
  { id, metric = 'heart_rate', at, value, version }: Item,
  more: Partial<Extract<ObservationInput, { shape: 'sample' }>> = {},
): ObservationInput => ({
  shape: 'sample',
  metric,
  start: at,
  value,
  unit: metric === 'weight' ? 'kg' : '/min',
  ...common,
  ...(id === undefined ? {} : { recordId: id }),
  ...(version === undefined ? {} : { version }),
  ...more,
})

/** Has a bug: weight comes in pounds and is taken for kilograms; what it calls bogus is believed; deletions are overread. */
const buggy: Normalize = function* ({ items }, ctx) {
  for (const item of items as (Item | string)[])
    if (typeof item === 'string') ctx.reject(item, 'unreadable', 'a word')
    else if (!item.gone) yield sample(item)
}
const mended: Normalize = function* ({ items }, ctx) {
  for (const item of items as (Item | string)[]) {
    if (typeof item === 'string') {
      if (item.startsWith('late ')) yield sample({ at: Number(item.slice(5)), value: 77 })
      else ctx.reject(item, 'unreadable', 'a word')
    } else if (item.gone)
      yield {
        shape: 'deletion',
        recordId: String(item.id),
        ...(item.version === undefined ? {} : { version: item.version }),
      }
    else if (!item.bogus)
      yield item.metric === 'weight' ? sample({ ...item, value: item.value * 0.45359237 }) : sample(item)
  }
}

let normalize: Normalize = buggy
const mender = defineWearable({
  kind: 'wearable',
  id: 'mender',
  version: '1.0.0',
  payload: Payload,
  posted: true,
  documents: (document) => (Array.isArray(document) ? [{ items: document }] : null),
  normalize: (payload, ctx) => normalize(payload as Payload, ctx),
  webhook: {
    verify: ({ headers }) => ({ ok: true, ...(headers.id ? { deliveryKey: headers.id } : {}) }),
    plan: (body) => {
      const { account, items } = body as { account: string; items: unknown[] }
      return [{ account, payload: { items } }]
    },
  },
  file: {
    recognises: (name) => name.endsWith('.mend'),
    async *read(file, { cursor }) {
      const lines = Buffer.from(await file.read(0, file.size))
        .toString()
        .split('\n')
      for (let at = Number(cursor ?? 0); at < lines.length; at++) {
        const rejected: { item: unknown; reason: string; detail: string }[] = []
        const observations = [
          ...normalize(
            JSON.parse(lines[at] as string) as Payload,
            {
              reject: (item: unknown, reason: string, detail: string) => rejected.push({ item, reason, detail }),
            } as unknown as NormalizeContext,
          ),
        ]
        yield { observations, rejected, cursor: at + 1, progress: { bytes: at + 1, total: lines.length } }
      }
    },
  },
}) as WearablePlugin

let rig: Rig
let persons = 0
let user = ''
let account = ''
let disarm: () => void = () => undefined
beforeAll(async () => {
  rig = await openRig({ plugins: [mender] })
})
afterAll(() => rig.close())
beforeEach(async () => {
  normalize = buggy
  user = `mina ${++persons}`
  account = `account of ${user}`
  await rig.auren.ingest.connections.adopt(user, 'mender', account, { accessToken: 't' })
})
afterEach(() => disarm())

async function deliver(items: unknown[], of = account, after = minute): Promise<void> {
  rig.advance(after)
  const body = Buffer.from(JSON.stringify({ account: of, items }))
  await rig.auren.ingest.webhook('mender', { method: 'POST', headers: {}, query: {}, body, now: start })
  await rig.auren.ingest.settled()
}
async function replay(more: Partial<Parameters<typeof rig.auren.ingest.replays.start>[1]> = {}): Promise<ReplayView> {
  rig.advance(minute)
  const { id } = await rig.auren.ingest.replays.start(user, { provider: 'mender', dryRun: false, ...more })
  await rig.auren.ingest.settled()
  return rig.auren.ingest.replays.get(user, id)
}
const dry = (more: Parameters<typeof replay>[0] = {}) => replay({ ...more, dryRun: true })
const values = async (metric: string, asOf?: number): Promise<number[]> =>
  (
    await rig.longTerm.samples(
      { user, purpose: 'display' },
      { metric, from: start - 400 * day, to: start + day, ...(asOf === undefined ? {} : { asOf }) },
    )
  ).map(({ value }) => Number(value.toFixed(3)))
const shadows = async (): Promise<number> =>
  Number((await rig.query<{ n: number }>("select count(*) as n from auren.chunks where user_id like '~%'"))[0]?.n)
const of = (view: ReplayView, metric: string) => view.report.kinds.find((kind) => kind.of === metric)

describe('a replay', () => {
  it('tells what would change before anything does, and changes just that', async () => {
    await deliver([
      { metric: 'weight', at: start - 2 * day, value: 180, id: 'w1' },
      { metric: 'weight', at: start - day, value: 182, id: 'w2' },
      { at: start - day, value: 60 },
      { at: start - day + 1, value: 200, bogus: true, id: 'b1' },
      `late ${start - 3 * day}`,
      'nonsense',
    ])
    const before = await rig.digest(user)
    expect((await rig.auren.ingest.quarantine.list({ user, open: true })).length).toBe(2)
    expect((await dry()).report.kinds.every(({ added, changed, withdrawn }) => added + changed + withdrawn === 0)).toBe(
      true,
    )

    normalize = mended
    const told = await dry()
    expect(told).toMatchObject({
      state: 'done',
      dryRun: true,
      unread: 0,
      aside: [{ reason: 'unreadable', count: 1 }],
      progress: { stage: 'done', deliveries: 1, total: 1, observations: 4 },
    })
    expect(of(told, 'weight')).toMatchObject({ added: 0, changed: 2, withdrawn: 0, unchanged: 0 })
    expect(of(told, 'weight')?.days).toEqual([
      { date: '2026-01-03', added: 0, changed: 1, withdrawn: 0 },
      { date: '2026-01-04', added: 0, changed: 1, withdrawn: 0 },
    ])
    expect(of(told, 'weight')?.examples[0]).toEqual({
      change: 'changed',
      date: '2026-01-03',
      source: 'Mender',
      recordId: 'w1',
      before: { value: 180, unit: 'kg', start: start - 2 * day },
      after: { value: 180 * 0.45359237, unit: 'kg', start: start - 2 * day },
    })
    expect(of(told, 'heart_rate')).toMatchObject({ added: 1, changed: 0, withdrawn: 1, unchanged: 1, kept: 0 })
    // Nothing has changed, and nothing is left lying about.
    expect(await rig.digest(user)).toEqual(before)
    expect(await shadows()).toBe(0)

    rig.advance(minute)
    const known = (await rig.query<{ at: number }>('select max(received_at) as at from auren.inbox'))[0]?.at as number
    const done = await replay()
    expect(done.report).toEqual(told.report)
    expect(await values('weight')).toEqual([81.647, 82.554])
    expect(await values('heart_rate')).toEqual([77, 60])
    // What was known then is still known as of then.
    expect(await values('weight', known)).toEqual([180, 182])
    expect(await values('heart_rate', known)).toEqual([60, 200])
    // What was read now is not set aside any more; what still is not, is.
    expect((await rig.auren.ingest.quarantine.list({ user, open: true })).map(({ reason }) => reason)).toEqual([
      'unreadable',
    ])
    const days = await rig.longTerm.days(
      { user, purpose: 'display' },
      { metrics: ['weight'], from: '2026-01-01', to: '2026-01-05' },
    )
    expect(days.map(({ value }) => Number(value.toFixed(3)))).toEqual([81.647, 82.554])
    // New values go back to the delivery that they were read from.
    const [now] = await rig.longTerm.samples({ user, purpose: 'display' }, { metric: 'weight', from: 0, to: start })
    expect((await rig.journal.transaction((tx) => rig.journal.raw(tx, now?.rawRef ?? '')))?.delivery.account).toBe(
      account,
    )

    const again = await replay()
    expect(again.report.kinds.every(({ added, changed, withdrawn }) => added + changed + withdrawn === 0)).toBe(true)
    expect(await shadows()).toBe(0)
  })

  it('reads deliveries in the order in which they came: corrections, records that shrink, deletions', async () => {
    await deliver([
      { id: 'r', at: start - day, value: 61 },
      { id: 'r', at: start - day + 1, value: 62 },
      { id: 'v', at: start - day + 2, value: 63, version: 1 },
      { id: 'd', at: start - day + 3, value: 64 },
      { metric: 'weight', id: 'r', at: start - day, value: 170 },
    ])
    await deliver([
      { id: 'r', at: start - day, value: 71 },
      { id: 'v', at: start - day + 2, value: 73, version: 5 },
      { metric: 'weight', id: 'r', at: start - day, value: 171 },
      { id: 'd', at: 0, value: 0, gone: true },
    ])
    await deliver([{ id: 'v', at: start - day + 2, value: 70, version: 3 }])
    expect(await values('heart_rate')).toEqual([71, 73, 64])
    normalize = mended
    const told = await dry()
    expect(of(told, 'heart_rate')).toMatchObject({ added: 0, changed: 0, withdrawn: 1, unchanged: 2 })
    expect(of(told, 'weight')).toMatchObject({ changed: 1 })
    await replay()
    // The rest of an amended record stays, and the deletion that was overread is made up for.
    expect(await values('heart_rate')).toEqual([71, 73])
    expect(await values('weight')).toEqual([77.564])
    // The vendor's next words count as ever.
    await deliver([
      { id: 'r', at: start - day, value: 72 },
      { metric: 'weight', id: 'r', at: start - day, value: 172 },
      { id: 'v', at: start - day + 2, value: 80, version: 6 },
    ])
    expect(await values('heart_rate')).toEqual([72, 80])
    expect(await values('weight')).toEqual([78.018])
    normalize = buggy
    await replay()
    expect(await values('heart_rate')).toEqual([72, 80, 64])
    expect(await values('weight')).toEqual([172])
  })

  it('reads kept files, siblings and all, and not those whose import was stopped', async () => {
    const line = (items: unknown[]): string => JSON.stringify({ items })
    const file = [
      line([{ metric: 'weight', at: start - day, value: 180 }]),
      line([
        { metric: 'weight', at: start - day, value: 190 },
        { at: start - day, value: 60 },
      ]),
    ].join('\n')
    rig.advance(minute)
    await rig.auren.ingest.file('mender', pieces(Buffer.from(file)), { userId: user, name: 'a.mend' })
    expect(await values('weight')).toEqual([180, 190])
    normalize = mended
    const told = await dry()
    expect(of(told, 'weight')).toMatchObject({ added: 0, changed: 2, withdrawn: 0 })
    await replay()
    expect(await values('weight')).toEqual([81.647, 86.183])
    expect(await values('heart_rate')).toEqual([60])
  })

  it('reads what a person posted, in the vendor’s form and in its own', async () => {
    for (const body of [
      [{ metric: 'weight', at: start - 2 * day, value: 180 }],
      { items: [{ metric: 'weight', at: start - day, value: 190 }] },
    ]) {
      rig.advance(minute)
      await rig.auren.ingest.posted('mender', { userId: user, body: Buffer.from(JSON.stringify(body)) })
    }
    await rig.auren.ingest.settled()
    expect(await values('weight')).toEqual([180, 190])
    normalize = mended
    expect(of(await dry(), 'weight')).toMatchObject({ changed: 2, kept: 0 })
    await replay()
    expect(await values('weight')).toEqual([81.647, 86.183])
  })

  it('keeps to one account, and to the days that were asked for', async () => {
    const other = `${account} 2`
    await rig.auren.ingest.connections.adopt(user, 'mender', other, { accessToken: 't' })
    await deliver([
      { metric: 'weight', at: start - 9 * day, value: 150 },
      { metric: 'weight', at: start - 5 * day, value: 160 },
    ])
    await deliver([{ metric: 'weight', at: start - 4 * day, value: 170 }], other)
    normalize = mended
    expect(of(await dry(), 'weight')?.changed).toBe(3)
    expect(of(await dry({ account: other }), 'weight')?.changed).toBe(1)
    expect(of(await dry({ to: '2025-12-30' }), 'weight')?.changed).toBe(1)
    await replay({ account, from: '2025-12-31', to: '2025-12-31' })
    expect(await values('weight')).toEqual([150, 72.575, 170])
  })

  it('leaves what it cannot speak for: what an app said, what cannot be read any more, and what a person took back', async () => {
    await rig.auren.ingest.observations({
      userId: user,
      provider: 'mender',
      observations: [sample({ at: start - day, value: 50 })],
    })
    await deliver([{ at: start - 2 * day, value: 51, bogus: true }])
    await deliver([{ at: start - 3 * day, value: 52 }])
    normalize = (payload, ctx) => {
      if ((payload.items as Item[]).some(({ bogus }) => bogus)) throw new TypeError('worse than before')
      return mended(payload, ctx)
    }
    const told = await dry()
    expect(told.unread).toBe(2)
    expect(of(told, 'heart_rate')).toMatchObject({ added: 0, changed: 0, withdrawn: 0, unchanged: 1, kept: 2 })
    await replay()
    expect(await values('heart_rate')).toEqual([52, 51, 50])
  })

  it.each(['replay:before-commit', 'replay:after-commit'] as const)(
    'survives a failure at %s, wherever',
    async (name) => {
      const calm = user
      const items = (n: number) =>
        Array.from({ length: 30 }, (_, i) => ({ metric: 'weight', at: start - (n * 30 + i) * day, value: 150 + i }))
      for (let n = 0; n < 3; n++) await deliver(items(n))
      const twins: string[] = []
      for (let nth = 1; nth <= 3; nth++) {
        user = `${calm} ${name} ${nth}`
        twins.push(user)
        await rig.auren.ingest.connections.adopt(user, 'mender', user, { accessToken: 't' })
        for (let n = 0; n < 3; n++) await deliver(items(n), user)
      }
      normalize = mended
      user = calm
      await replay()
      const wanted = await values('weight')
      expect(wanted[0]).toBeLessThan(100)
      for (const [i, twin] of twins.entries()) {
        user = twin
        disarm = arm(
          name,
          () => {
            throw new AurenError('AUREN_STORE_UNAVAILABLE', 'armed')
          },
          i + 1,
        )
        const { id } = await replay()
        disarm()
        for (let tries = 0; tries < 3; tries++) {
          rig.advance(minute)
          await rig.auren.ingest.settled()
        }
        expect(await rig.auren.ingest.replays.get(user, id)).toMatchObject({ state: 'done' })
        expect(of(await rig.auren.ingest.replays.get(user, id), 'weight')).toMatchObject({ changed: 90 })
        expect(await values('weight')).toEqual(wanted)
      }
      expect(await shadows()).toBe(0)
    },
  )

  it('does not bring back what was deleted or shortened while it ran', async () => {
    normalize = mended
    const record = (id: string, version: number | undefined, hours: readonly number[]) =>
      hours.map((h) => ({ id, at: start - day + h * 3_600_000, value: 60 + h, ...(version ? { version } : {}) }))
    await deliver(record('gone', undefined, [1]))
    await deliver(record('v gone', 1, [2]))
    await deliver(record('shorter', undefined, [3, 4]))
    await deliver(record('v shorter', 1, [5, 6]))
    disarm = arm('replay:after-commit', () => {
      throw new AurenError('AUREN_STORE_UNAVAILABLE', 'armed')
    })
    const { id, state } = await replay()
    disarm()
    expect(state).toBe('waiting')
    // Before the next try is due.
    const now = (items: unknown[]) => deliver(items, account, 1)
    await now([{ id: 'gone', at: 0, value: 0, gone: true }])
    await now([{ id: 'v gone', at: 0, value: 0, gone: true, version: 2 }])
    await now(record('shorter', undefined, [3]))
    await now(record('v shorter', 2, [5]))
    expect(await values('heart_rate')).toEqual([63, 65])
    expect((await rig.auren.ingest.replays.get(user, id)).state).toBe('waiting')
    rig.advance(minute)
    await rig.auren.ingest.settled()
    const done = await rig.auren.ingest.replays.get(user, id)
    expect(done.state).toBe('done')
    expect(await values('heart_rate')).toEqual([63, 65])
    expect(of(done, 'heart_rate')).toMatchObject({ added: 0, changed: 0, withdrawn: 0, unchanged: 2, kept: 4 })
  })

  it('leaves what would have come had the normalizer been right from the start', async () => {
    const item = fc.record(
      {
        id: fc.constantFrom('r1', 'r2', 'v1', 'v2'),
        metric: fc.constantFrom('heart_rate', 'weight'),
        at: fc.constantFrom(start - 3 * day, start - 2 * day, start - day),
        value: fc.constantFrom(60, 61, 150),
        version: fc.constantFrom(1, 2, 3),
        bogus: fc.boolean(),
        gone: fc.constant(true),
      },
      { requiredKeys: ['at', 'value'] },
    )
    const items = fc.array(item, { minLength: 1, maxLength: 4 }).map((list) =>
      list.map(({ id, version, gone, ...rest }) => ({
        ...rest,
        ...(id === undefined ? {} : { id }),
        // Records named v… state versions, the others never do; one payload says one thing of each.
        ...(id?.startsWith('v') ? { version: version ?? 1 } : {}),
        ...(gone && id?.startsWith('r') ? { gone } : {}),
      })),
    )
    const distinct = items.filter((list) => {
      const keys = list.map(({ id, metric, at, ...rest }) => `${id} ${metric} ${at} ${'version' in rest}`)
      return (
        new Set(keys).size === keys.length &&
        !list.some((one) => 'gone' in one && list.some((two) => two !== one && two.id === one.id))
      )
    })
    const holds = async (of: string): Promise<string[]> => {
      const all: string[] = []
      for await (const { observation } of rig.longTerm.identities(
        { user: of, purpose: 'operate' },
        { provider: 'mender' },
      )) {
        if (observation) all.push(JSON.stringify({ ...observation, version: undefined }))
      }
      return all
    }
    await fc.assert(
      fc.asyncProperty(fc.array(distinct, { minLength: 1, maxLength: 5 }), async (deliveries) => {
        const [late, right] = [`late ${++persons}`, `right ${persons}`]
        for (const [person, as] of [
          [late, buggy],
          [right, mended],
        ] as const) {
          normalize = as
          await rig.auren.ingest.connections.adopt(person, 'mender', person, { accessToken: 't' })
          for (const [n, list] of deliveries.entries()) await deliver([...list, { at: n, value: 60 }], person)
        }
        user = late
        const told = await dry()
        const done = await replay()
        expect(done.report).toEqual(told.report)
        expect(await holds(late)).toEqual(await holds(right))
        const again = await dry()
        expect(again.report.kinds.filter(({ added, changed, withdrawn }) => added + changed + withdrawn > 0)).toEqual(
          [],
        )
      }),
      { numRuns: 40 },
    )
  })

  it('is nobody else’s, one at a time, and goes with its person', async () => {
    await deliver([{ metric: 'weight', at: start - day, value: 150 }])
    normalize = mended
    const { id } = await dry()
    await expect(rig.auren.ingest.replays.get('somebody else', id)).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
    await expect(rig.auren.ingest.replays.start(user, { provider: 'none', dryRun: true })).rejects.toMatchObject({
      code: 'AUREN_PLUGIN_UNKNOWN',
    })
    const first = await rig.auren.ingest.replays.start(user, { provider: 'mender', dryRun: true })
    const second = rig.auren.ingest.replays.start(user, { provider: 'mender', dryRun: true })
    await expect(second).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
    await rig.auren.ingest.replays.cancel(user, first.id)
    await rig.auren.ingest.settled()
    await rig.auren.memory.for(user).erase()
    const left = await rig.query('select user_id from auren.persons where user_id = $1 or user_id = $2', [
      user,
      shadowOf(user),
    ])
    expect(left).toEqual([])
    expect(await rig.auren.ingest.replays.list(user)).toEqual([])
  })
})
