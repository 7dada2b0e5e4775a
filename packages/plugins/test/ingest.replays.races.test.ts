import { AurenError, type ReplayView } from '@auren/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { arm } from '../../core/src/testing/failpoints.js'
import { baselines } from '../src/detectors/baselines/index.js'
import { openRig, type Rig, start } from './ingest-rig.js'
import { buggy, type Item, mended, mender, mending } from './mender.js'

const minute = 60_000
const day = 24 * 3_600_000

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
  mending.normalize = buggy
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
const values = async (metric: string, asOf?: number): Promise<number[]> =>
  (
    await rig.longTerm.samples(
      { user, purpose: 'display' },
      { metric, from: start - 400 * day, to: start + day, ...(asOf === undefined ? {} : { asOf }) },
    )
  ).map(({ value }) => Number(value.toFixed(3)))
const of = (view: ReplayView, metric: string) => view.report.kinds.find((kind) => kind.of === metric)

describe('a replay beside what goes on', () => {
  it('takes nothing out of the quarantine that it has not made', async () => {
    await deliver([{ at: start - 2 * day, value: 60 }, `late ${start - day}`])
    const open = async () => (await rig.auren.ingest.quarantine.list({ user, open: true })).length
    expect(await open()).toBe(1)
    mending.normalize = mended
    // Neither outside of its days,
    await replay({ to: '2025-12-31' })
    expect([await open(), await values('heart_rate')]).toEqual([1, [60]])
    // nor before it is done,
    disarm = arm('replay:after-commit', () => {
      throw new AurenError('AUREN_CONFLICT', 'armed')
    })
    expect((await replay()).state).toBe('dead')
    disarm()
    expect([await open(), await values('heart_rate')]).toEqual([1, [60]])
    // and then once.
    await replay()
    expect([await open(), await values('heart_rate')]).toEqual([0, [60, 77]])
    mending.normalize = buggy
    await replay()
    expect([await open(), await values('heart_rate')]).toEqual([1, [60]])
  })

  it('asks for no consolidation where nothing was changed', async () => {
    const other = await openRig({ plugins: [mender, baselines()] })
    const run = async (dryRun: boolean) => {
      other.advance(minute)
      await other.auren.ingest.replays.start(user, { provider: 'mender', dryRun })
      await other.auren.ingest.settled()
      const jobs = await other.query<{ at: number }>("select run_at as at from auren.jobs where kind = 'consolidate'")
      return jobs.map(({ at }) => (at - start) / minute)
    }
    try {
      await other.auren.ingest.connections.adopt(user, 'mender', account, { accessToken: 't' })
      const body = Buffer.from(JSON.stringify({ account, items: [{ metric: 'weight', at: start - day, value: 150 }] }))
      await other.auren.ingest.webhook('mender', { method: 'POST', headers: {}, query: {}, body, now: start })
      await other.auren.ingest.settled()
      mending.normalize = mended
      // Not before the night; ten minutes after the second minute.
      expect((await run(true))[0]).toBeGreaterThan(12 * 60)
      expect(await run(false)).toEqual([12])
    } finally {
      await other.close()
    }
  })

  it('leaves what was received before it began, and committed after it had read', async () => {
    const other = await openRig({
      plugins: [mender],
      journal: (journal) => ({
        ...journal,
        deliveries: async (tx, q) =>
          (await journal.deliveries(tx, q)).filter(({ deliveryKey }) => !deliveryKey.includes('slow')),
      }),
    })
    const of = async (items: Item[], headers: Record<string, string> = {}) => {
      const body = Buffer.from(JSON.stringify({ account, items }))
      await other.auren.ingest.webhook('mender', { method: 'POST', headers, query: {}, body, now: start })
      await other.auren.ingest.settled()
      other.advance(1)
    }
    try {
      mending.normalize = mended
      await other.auren.ingest.connections.adopt(user, 'mender', account, { accessToken: 't' })
      await of([{ at: start - 2 * day, value: 60 }])
      await of([{ id: 'v', at: start - day, value: 62, version: 1 }])
      await of([{ at: start - day, value: 61 }], { id: 'slow 1' })
      await of([{ id: 'v', at: 0, value: 0, version: 2, gone: true }], { id: 'slow 2' })
      const { id } = await other.auren.ingest.replays.start(user, { provider: 'mender', dryRun: false })
      await other.auren.ingest.settled()
      const { report, state } = await other.auren.ingest.replays.get(user, id)
      expect(state).toBe('done')
      expect(report.kinds).toMatchObject([{ added: 0, changed: 0, withdrawn: 0, unchanged: 1, kept: 2 }])
      const left = await other.longTerm.samples(
        { user, purpose: 'display' },
        { metric: 'heart_rate', from: start - 3 * day, to: start },
      )
      expect(left.map(({ value }) => value)).toEqual([60, 61])
    } finally {
      await other.close()
    }
  })

  it('does not bring back what was deleted or shortened while it ran', async () => {
    mending.normalize = mended
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
})
