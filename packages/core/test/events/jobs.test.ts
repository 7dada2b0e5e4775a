import { afterEach, describe, expect, it } from 'vitest'
import { AurenError } from '../../src/errors.js'
import { createJobRunner, type JobContext, type JobHandler, type JobRunner, LEASE_MS } from '../../src/events/jobs.js'
import type { Job } from '../../src/events/ports.js'
import { fixedClock } from '../../src/testing/clock.js'
import { createMemoryJournal } from '../../src/testing/memory-journal.js'
import { start } from '../ingest/toy.js'

const runners: JobRunner[] = []
afterEach(async () => {
  for (const runner of runners.splice(0)) await runner.close()
})

function setUp(handler: JobHandler, atOnce = 1) {
  const clock = fixedClock(start)
  const journal = createMemoryJournal({ now: clock.now })
  const runner = createJobRunner({
    journal,
    handlers: { work: handler },
    now: clock.now,
    log: () => undefined,
    random: () => 0.5,
    atOnce,
  })
  runners.push(runner)
  runner.start()
  const add = (payload: unknown = {}) =>
    journal.transaction((tx) => journal.addJob(tx, { kind: 'work', user: 'ada', payload }))
  const get = async (id: string): Promise<Job> => (await journal.transaction((tx) => journal.getJob(tx, id))) as Job
  return { clock, journal, runner, add, get }
}

describe('jobs', () => {
  it('are done once, with their last progress', async () => {
    let runs = 0
    const { add, runner, get } = setUp(async (job) => {
      runs++
      return { did: job.payload }
    })
    const id = await add({ n: 1 })
    await runner.drained()
    await runner.drained()
    expect(await get(id)).toMatchObject({ state: 'done', attempts: 1, progress: { did: { n: 1 } } })
    expect(runs).toBe(1)
  })

  it('run side by side where that is asked for, each once, and are drained when the last has ended', async () => {
    let now = 0
    let most = 0
    const done: unknown[] = []
    const gates: (() => void)[] = []
    const { add, runner } = setUp(async (job) => {
      most = Math.max(most, ++now)
      await new Promise<void>((resolve) => gates.push(resolve))
      now--
      done.push((job.payload as { n: number }).n)
      return {}
    }, 3)
    for (let n = 0; n < 7; n++) await add({ n })
    let drained = false
    const whole = runner.drained().then(() => {
      drained = true
    })
    while (done.length < 7) {
      expect(drained).toBe(false)
      gates.pop()?.()
      await new Promise(setImmediate)
    }
    await whole
    expect(most).toBe(3)
    expect(done.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  it('are tried again with growing pauses, and given up', async () => {
    const pauses: number[] = []
    const { add, runner, get, clock } = setUp(async () => {
      throw new AurenError('AUREN_VENDOR_FAILED', 'down')
    })
    const id = await add()
    for (;;) {
      await runner.drained()
      const job = await get(id)
      if (job.state === 'dead') break
      expect(job).toMatchObject({ state: 'waiting', error: expect.stringContaining('AUREN_VENDOR_FAILED') })
      pauses.push(job.runAt - clock.now())
      clock.set(job.runAt)
    }
    expect(pauses.length).toBe(7)
    for (const [i, pause] of pauses.entries()) if (i > 0) expect(pause).toBeGreaterThan(pauses[i - 1] as number)
  })

  it('wait as long as a vendor asks them to, however often', async () => {
    let runs = 0
    const { add, runner, get, clock } = setUp(async () => {
      if (++runs <= 20) throw new AurenError('AUREN_VENDOR_LIMIT', 'slow down', { retryAfter: 90 })
      return {}
    })
    const id = await add()
    for (let i = 0; i < 20; i++) {
      await runner.drained()
      expect((await get(id)).runAt).toBe(clock.now() + 90_000)
      clock.advance(89_999)
      await runner.drained()
      expect(runs).toBe(i + 1)
      clock.advance(1)
    }
    await runner.drained()
    expect(await get(id)).toMatchObject({ state: 'done' })
  })

  it('that fail for good are not tried again', async () => {
    const { add, runner, get } = setUp(async () => {
      throw new AurenError('AUREN_INPUT_INVALID', 'no')
    })
    const id = await add()
    await runner.drained()
    expect(await get(id)).toMatchObject({ state: 'dead', attempts: 1 })
  })

  it('keep each step that was committed, and go on after it', async () => {
    const seen: unknown[] = []
    const { add, runner, get, clock } = setUp(async (job, ctx) => {
      seen.push(job.progress.step ?? 0)
      for (let step = Number(job.progress.step ?? 0) + 1; step <= 3; step++) {
        await ctx.step(async () => ({ step }))
        if (step === 2 && job.attempts === 1) throw new AurenError('AUREN_STORE_BUSY', 'later')
      }
      return { step: 3, done: true }
    })
    const id = await add()
    await runner.drained()
    expect((await get(id)).progress).toEqual({ step: 2 })
    clock.advance(LEASE_MS)
    await runner.drained()
    expect(seen).toEqual([0, 2])
    expect((await get(id)).progress).toEqual({ step: 3, done: true })
  })

  it('do not commit a step after somebody else has taken the lease', async () => {
    let wrote = 0
    const other: Promise<unknown>[] = []
    const held = setUp(async (job, ctx: JobContext) => {
      if (job.attempts === 1) {
        held.clock.advance(LEASE_MS + 1)
        other.push(held.journal.transaction((tx) => held.journal.leaseJob(tx, ['work'], LEASE_MS, held.clock.now())))
        await other[0]
      }
      await ctx.step(async (tx) => {
        wrote++
        await held.journal.addJob(tx, { kind: 'written', user: null, payload: {} })
        return { by: job.attempts }
      })
      return {}
    })
    const id = await held.add()
    await held.runner.drained()
    expect(wrote).toBe(1)
    expect(await held.journal.transaction((tx) => held.journal.listJobs(tx, { kind: 'written' }))).toEqual([])
    expect(await held.get(id)).toMatchObject({ state: 'running', attempts: 2, progress: {} })
  })

  it('stop when they are cancelled, and stay so', async () => {
    let begun: () => void = () => undefined
    const running = new Promise<void>((resolve) => {
      begun = resolve
    })
    const { add, runner, get, journal, clock } = setUp(async (_, { signal }) => {
      begun()
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      return {}
    })
    const id = await add()
    runner.wake()
    await running
    await journal.transaction((tx) => journal.endJob(tx, id, { state: 'cancelled' }, clock.now()))
    runner.cancel(id)
    await runner.drained()
    expect(await get(id)).toMatchObject({ state: 'cancelled' })
  })

  it('go back to waiting when the process stops', async () => {
    let begun: () => void = () => undefined
    const running = new Promise<void>((resolve) => {
      begun = resolve
    })
    const { add, runner, get } = setUp(async (_, ctx) => {
      await ctx.step(async () => ({ step: 7 }))
      begun()
      await new Promise((_resolve, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)))
      return {}
    })
    const id = await add()
    runner.wake()
    await running
    await runner.close()
    expect(await get(id)).toMatchObject({ state: 'waiting', progress: { step: 7 } })
  })

  it('that vendors put off wait that long, however often, and keep their tries', async () => {
    let limited = 20
    const { add, clock, runner, get } = setUp(async () => {
      if (limited-- > 0) throw new AurenError('AUREN_VENDOR_LIMIT', 'slow down', { retryAfter: 60 })
      throw new AurenError('AUREN_VENDOR_FAILED', 'broken')
    })
    const id = await add()
    for (let n = 1; n <= 20; n++) {
      await runner.drained()
      expect(await get(id)).toMatchObject({ state: 'waiting', attempts: n, excused: n, runAt: clock.now() + 60_000 })
      clock.advance(60_000)
    }
    // Eight tries of its own are left: the eighth is the last.
    for (let n = 1; n <= 8; n++) {
      await runner.drained()
      expect(await get(id)).toMatchObject({ state: n < 8 ? 'waiting' : 'dead', attempts: 20 + n, excused: 20 })
      clock.advance(3_600_000)
    }
  })

  it('are put off by a day at most, and by their own pauses where the vendor names no sensible time', async () => {
    const waits = [1e9, Number.NaN, -5]
    const { add, clock, runner, get } = setUp(async () => {
      throw new AurenError('AUREN_VENDOR_LIMIT', 'slow down', { retryAfter: waits.shift() as number })
    })
    const id = await add()
    await runner.drained()
    expect((await get(id)).runAt).toBe(clock.now() + 24 * 3_600_000)
    for (const pause of [6000, 12_000]) {
      clock.advance(24 * 3_600_000)
      await runner.drained()
      expect((await get(id)).runAt).toBe(clock.now() + pause)
    }
  })

  it('that are regular are due again, with all their tries, whatever became of a run', async () => {
    let fail = false
    const { add, clock, runner, get } = setUp(async (job, { repeat }) => {
      repeat(clock.now() + 3_600_000)
      if (fail) throw new AurenError('AUREN_VENDOR_UNAUTHORIZED', 'no')
      return { runs: Number(job.progress.runs ?? 0) + 1 }
    })
    const id = await add()
    for (let n = 1; n <= 12; n++) {
      await runner.drained()
      expect(await get(id)).toMatchObject({ state: 'waiting', excused: n, progress: { runs: n }, error: null })
      clock.advance(3_600_000)
    }
    fail = true
    await runner.drained()
    expect(await get(id)).toMatchObject({
      state: 'waiting',
      excused: 13,
      progress: { runs: 12 },
      runAt: clock.now() + 3_600_000,
    })
    expect((await get(id)).error).toContain('AUREN_VENDOR_UNAUTHORIZED')
  })
})
