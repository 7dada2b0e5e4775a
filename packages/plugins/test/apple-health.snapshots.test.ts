import type { DayRow, ImportView, KnownIdentity } from '@auren/core'
import { AurenError } from '@auren/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arm } from '../../core/src/testing/failpoints.js'
import { baselines } from '../src/detectors/baselines/index.js'
import { exportOf, record } from './apple-health-files.js'
import { openRig, pieces, type Rig, start } from './ingest-rig.js'

const minute = 60_000
const hour = 3_600_000
const day = 24 * hour
const quantity = 'HKQuantityTypeIdentifier'
const stamp = (at: number): string => `${new Date(at + hour).toISOString().slice(0, 19).replace('T', ' ')} +0100`
const at = (back: number, hours = 8): number => start - 8 * hour - back * day + hours * hour

interface Options {
  imperial?: boolean
  watch?: string
  /** Days before today whose steps were deleted. */
  without?: readonly number[]
  /** Weight of the tenth day before today, as it was typed in. */
  weight?: number
  exported?: number
  nights?: boolean
}

/** Sixty days of an invented person: steps of a watch and a phone, weight, distance, heart rate, nights. */
function exportFile(options: Options = {}): Buffer {
  const {
    imperial = false,
    watch = 'Kim’s Watch',
    without = [],
    weight = 81,
    exported = start,
    nights = true,
  } = options
  const children = [`<ExportDate value="${stamp(exported)}"/>`]
  for (let back = 60; back >= 1; back--) {
    const of = (type: string, source: string, unit: string, value: number, from: number, to = from): void => {
      children.push(
        record({
          type: `${quantity}${type}`,
          source,
          unit,
          value: String(value),
          start: stamp(from),
          end: stamp(to),
          created: stamp(to),
        }),
      )
    }
    if (!without.includes(back)) {
      of('StepCount', watch, 'count', 4000 + back * 10, at(back), at(back, 9))
      of('StepCount', 'Kim’s iPhone', 'count', 500, at(back, 8.5), at(back, 10))
    }
    const kg = back === 10 ? weight : 80 + (back % 5) / 10
    of('BodyMass', 'Scale', imperial ? 'lb' : 'kg', imperial ? kg / 0.45359237 : kg, at(back, 7))
    const km = 5 + (back % 3)
    of('DistanceWalkingRunning', watch, imperial ? 'mi' : 'km', imperial ? km / 1.609344 : km, at(back), at(back, 9))
    of('RestingHeartRate', watch, 'count/min', 55 + (back % 4), at(back, 6))
    if (nights)
      children.push(
        record({
          type: 'HKCategoryTypeIdentifierSleepAnalysis',
          source: watch,
          unit: '',
          value: 'HKCategoryValueSleepAnalysisAsleepCore',
          start: stamp(at(back, -1)),
          end: stamp(at(back, 6)),
        }).replace(' unit=""', ''),
      )
  }
  return Buffer.from(exportOf(children.join('\n')))
}

let rig: Rig
let persons = 0
const person = (): string => `kim ${++persons}`
beforeAll(async () => {
  rig = await openRig({ plugins: [baselines()] })
})
afterAll(() => rig.close())

const load = async (userId: string, file: Buffer): Promise<ImportView> => {
  rig.advance(minute)
  return rig.auren.ingest.file('apple-health', pieces(file), { userId, name: 'export.xml' })
}
const settled = async (userId: string, id: string): Promise<ImportView> => {
  await rig.auren.ingest.settled()
  return rig.auren.ingest.imports.get(userId, id)
}
const accept = async (userId: string, { id }: ImportView): Promise<ImportView> => {
  rig.advance(minute)
  await rig.auren.ingest.imports.withdraw(userId, id)
  return settled(userId, id)
}
const undo = async (userId: string, { id }: ImportView): Promise<ImportView> => {
  rig.advance(minute)
  await rig.auren.ingest.imports.restore(userId, id)
  return settled(userId, id)
}

/** Everything that is derived from what holds: rows of days by source and merged, nights, facts, and what is remembered. */
async function derived(user: string): Promise<unknown> {
  const scope = { user, purpose: 'display' } as const
  const metrics = ['steps', 'weight', 'distance', 'resting_heart_rate', 'sleep_session', 'sleep_duration']
  const period = { metrics, from: '2025-10-01', to: '2026-02-01' }
  const named = (text: string): string => text.replace(/\/[0-9a-f]{8}\//g, '/account/')
  const rowsOf = async (source: 'all' | 'merged'): Promise<DayRow[]> =>
    (await rig.longTerm.days(scope, { ...period, source })).sort((a, b) =>
      `${a.metric} ${a.source} ${a.date}` < `${b.metric} ${b.source} ${b.date}` ? -1 : 1,
    )
  const facts = await Promise.all(
    [
      { measure: { of: 'metric', metric: 'steps' }, aggregate: 'sum', period: { kind: 'all' } },
      { measure: { of: 'metric', metric: 'weight' }, aggregate: 'mean', period: { kind: 'all' } },
      { measure: { of: 'session', kind: 'sleep', field: 'count' }, aggregate: 'count', period: { kind: 'all' } },
      { pattern: 'baseline', metric: 'resting_heart_rate', date: '2026-01-05' },
      { pattern: 'baseline', metric: 'weight', date: '2026-01-05' },
    ].map((query) => rig.auren.query(user, query as never, { today: '2026-01-05' })),
  )
  await rig.auren.memory.for(user, 'consolidate').consolidate()
  const memories = await rig.auren.memory.for(user).list({ kinds: ['baseline'] })
  return JSON.parse(
    named(
      JSON.stringify({
        merged: await rowsOf('merged'),
        single: await rowsOf('all'),
        nights: (await rig.longTerm.sessions(scope, { from: '2025-10-01', to: '2026-02-01', all: true })).map(
          ({ start: from, end, source, main, measures }) => ({ from, end, source, main, measures }),
        ),
        facts: facts.map(({ id: _id, ...fact }) => fact),
        memories: memories
          .map(({ about, text, body }) => ({ about, text, body }))
          .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
        card: (await rig.auren.today(user, { today: '2026-01-05' })).items.map(({ metric, text }) => ({
          metric,
          text,
        })),
      }),
    ),
  )
}

const identitiesOf = async (user: string, all = false): Promise<KnownIdentity[]> => {
  const found: KnownIdentity[] = []
  const scope = { user, purpose: 'operate' } as const
  for await (const one of rig.longTerm.identities(scope, { provider: 'apple-health', all })) found.push(one)
  return found
}

describe('a complete export after another', () => {
  it('lacks nothing where nothing was deleted, though units and a value have changed', async () => {
    const user = person()
    expect((await load(user, exportFile())).missing).toBeNull()
    const second = await load(user, exportFile({ imperial: true, weight: 79 }))
    expect(second).toMatchObject({ state: 'done', missing: null })
    const only = person()
    await load(only, exportFile({ imperial: true, weight: 79 }))
    expect(await derived(user)).toEqual(await derived(only))
    await expect(rig.auren.ingest.imports.withdraw(user, second.id)).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
  })

  it('proposes to withdraw what it lacks, withdraws nothing before that is accepted, and everything derived follows', async () => {
    const [user, only, before] = [person(), person(), person()]
    const b = { imperial: true, weight: 79, without: [12, 30], watch: 'Kim’s Watch', exported: start + day }
    await load(before, exportFile())
    await load(user, exportFile())
    const first = await derived(user)
    expect(first).toEqual(await derived(before))
    const second = await load(user, exportFile(b))
    expect(second.missing).toEqual({
      count: 4,
      held: 120,
      kinds: [{ shape: 'sample', of: 'steps', missing: 4, held: 120 }],
      state: 'proposed',
    })
    const between = (await derived(user)) as { merged: DayRow[] }
    expect(between.merged.filter(({ metric }) => metric === 'steps')).toHaveLength(60)

    const asOf = second.startedAt + 1
    expect((await accept(user, second)).missing?.state).toBe('withdrawn')
    await load(only, exportFile(b))
    expect(await derived(user)).toEqual(await derived(only))

    // The old value can still be read as of then.
    const steps = (when?: number) =>
      rig.longTerm.samples(
        { user, purpose: 'display' },
        { metric: 'steps', from: at(12), to: at(11), ...(when === undefined ? {} : { asOf: when }) },
      )
    expect((await steps()).map(({ value }) => value)).toEqual([])
    expect((await steps(asOf)).map(({ value }) => value)).toEqual([4120, 500])
    const weight = (when: number) =>
      rig.longTerm.samples(
        { user, purpose: 'display' },
        { metric: 'weight', from: at(10, 0), to: at(9, 0), asOf: when },
      )
    expect((await weight(second.startedAt - 30_000)).map(({ value }) => value)).toEqual([81])
    expect((await weight(asOf)).map(({ value }) => Math.round(value))).toEqual([79])
  })

  it('takes a withdrawal back, and again, without a trace in what holds', async () => {
    const user = person()
    await load(user, exportFile())
    const second = await load(user, exportFile({ without: [5, 6, 7] }))
    const proposed = await derived(user)
    const count = (await identitiesOf(user)).length
    await accept(user, second)
    const withdrawn = await derived(user)
    expect(withdrawn).not.toEqual(proposed)
    expect((await identitiesOf(user)).length).toBe(count - 6)
    expect((await identitiesOf(user, true)).filter((one) => one.withdrawn?.by === 'deletion')).toHaveLength(6)
    await expect(rig.auren.ingest.imports.withdraw(user, second.id)).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
    expect((await undo(user, second)).missing?.state).toBe('restored')
    expect(await derived(user)).toEqual(proposed)
    await expect(rig.auren.ingest.imports.restore(user, second.id)).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
    expect((await accept(user, second)).missing?.state).toBe('withdrawn')
    expect(await derived(user)).toEqual(withdrawn)
    expect((await undo(user, second)).missing?.state).toBe('restored')
    expect(await derived(user)).toEqual(proposed)
  })

  it('of a renamed watch counts nothing twice once its old name is withdrawn', async () => {
    const [user, only] = [person(), person()]
    await load(user, exportFile())
    const renamed = exportFile({ watch: 'Watch of Kim', exported: start + day })
    const second = await load(user, renamed)
    expect(second.missing?.kinds.map(({ of, missing, held }) => [of, missing, held])).toEqual([
      ['distance', 60, 120],
      ['resting_heart_rate', 60, 120],
      ['sleep', 60, 120],
      ['steps', 60, 180],
    ])
    await accept(user, second)
    await load(only, renamed)
    expect(await derived(user)).toEqual(await derived(only))
  })

  it('says nothing of what it does not cover: a kind that it has none of, what is before its first, and what broke off', async () => {
    const user = person()
    await load(user, exportFile())
    expect((await load(user, exportFile({ nights: false }))).missing).toBeNull()
    // A phone that was set up anew begins with its first day.
    const late = exportFile({ without: Array.from({ length: 31 }, (_, i) => 60 - i) })
    expect((await load(user, late)).missing).toBeNull()
    const whole = exportFile({ without: [3] })
    const cut = await load(user, whole.subarray(0, whole.length - 20))
    expect(cut).toMatchObject({ state: 'done', missing: null })
    expect(cut.rejected.map(({ reason }) => reason)).toContain('truncated')
    const damaged = Buffer.from(whole.toString().replace('<ExportDate', '<Record type="x" <broken/><ExportDate'))
    expect((await load(user, damaged)).missing).toBeNull()
    expect((await load(user, whole)).missing?.count).toBe(2)
  })

  it('does not lack what it says in a way that cannot be read', async () => {
    const user = person()
    await load(user, exportFile())
    // 2 t of a person are set aside; the weight of that day was not deleted.
    const second = await load(user, exportFile({ weight: 2000, without: [5] }))
    expect(second.rejected).toEqual([{ reason: 'hard_range', count: 1 }])
    expect(second.missing?.kinds.map(({ of, missing }) => [of, missing])).toEqual([['steps', 2]])
    await accept(user, second)
    const held = await identitiesOf(user)
    expect(
      held.filter(({ observation }) => observation?.shape === 'sample' && observation.metric === 'weight').length,
    ).toBe(60)
  })

  it('that is older than what came before says nothing', async () => {
    const user = person()
    await load(user, exportFile({ exported: start }))
    expect((await load(user, exportFile({ without: [2], exported: start - day }))).missing).toBeNull()
  })

  it('never touches what came another way, or of another person', async () => {
    const [user, other] = [person(), person()]
    await load(user, exportFile())
    await load(other, exportFile())
    await rig.auren.ingest.observations({
      userId: user,
      provider: 'my-app',
      observations: [
        {
          shape: 'sample',
          metric: 'steps',
          start: at(4),
          end: at(4, 9),
          value: 1,
          unit: '{steps}',
          source: { name: 'Kim’s Watch', type: 'watch' },
          offset: 60,
          zoneBasis: 'carried',
        },
      ],
    })
    await rig.auren.ingest.settled()
    const before = await derived(other)
    const second = await load(user, exportFile({ without: [4] }))
    await accept(user, second)
    expect(await derived(other)).toEqual(before)
    const left = await rig.longTerm.samples({ user, purpose: 'display' }, { metric: 'steps', from: at(4), to: at(3) })
    expect(left.map(({ value }) => value)).toEqual([1])
    await expect(rig.auren.ingest.imports.withdraw(other, second.id)).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
  })

  it('leaves nothing of a person who is erased while a withdrawal begins', async () => {
    const user = person()
    let stage: 'calm' | 'leased' | 'read' = 'calm'
    let erase: (() => Promise<unknown>) | null = null
    const other = await openRig({
      journal: (journal) => ({
        ...journal,
        async leaseJob(tx, kinds, leaseMs, at) {
          const job = await journal.leaseJob(tx, kinds, leaseMs, at)
          if (job?.kind === 'withdrawal') stage = 'leased'
          return job
        },
        async getJob(tx, id) {
          if (stage === 'leased') stage = 'read'
          return journal.getJob(tx, id)
        },
        async transaction(fn, options) {
          if (stage === 'read') {
            stage = 'calm'
            await erase?.()
          }
          return journal.transaction(fn, options)
        },
      }),
    })
    try {
      const import_ = (file: Buffer) =>
        other.auren.ingest.file('apple-health', pieces(file), { userId: user, name: 'export.xml' })
      await import_(exportFile())
      other.advance(minute)
      const { id, missing } = await import_(exportFile({ without: [5] }))
      expect(missing?.count).toBe(2)
      let erased = 0
      erase = async () => {
        erased++
        await other.auren.memory.for(user).erase()
      }
      await other.auren.ingest.imports.withdraw(user, id)
      await other.auren.ingest.settled()
      expect(erased).toBe(1)
      for (const table of ['persons', 'inbox', 'jobs'])
        expect(await other.query(`select user_id from auren.${table} where user_id = $1`, [user])).toEqual([])
    } finally {
      await other.close()
    }
  })

  it.each(['withdrawal:before-commit', 'withdrawal:after-commit'] as const)(
    'survives a failure at %s',
    async (name) => {
      const [user, calm] = [person(), person()]
      const b = exportFile({ without: Array.from({ length: 40 }, (_, i) => i + 2) })
      for (const who of [user, calm]) await load(who, exportFile())
      const second = await load(user, b)
      await accept(calm, await load(calm, b))
      const disarm = arm(name, () => {
        throw new AurenError('AUREN_STORE_UNAVAILABLE', 'armed')
      })
      try {
        rig.advance(minute)
        await rig.auren.ingest.imports.withdraw(user, second.id)
        await rig.auren.ingest.settled()
      } finally {
        disarm()
      }
      // The try after it is due some seconds later.
      for (let i = 0; i < 5; i++) {
        rig.advance(minute)
        await rig.auren.ingest.settled()
      }
      expect((await settled(user, second.id)).missing).toMatchObject({ count: 80, state: 'withdrawn' })
      expect(await derived(user)).toEqual(await derived(calm))
    },
  )
})
