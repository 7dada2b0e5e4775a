import {
  type AnswerPart,
  type AnyPlugin,
  closedBy,
  defineNode,
  type ModelMessage,
  type ModelProvider,
} from '@auren/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fact } from '../../core/test/reasoning/ports.js'
import { strava } from '../src/wearables/strava/index.js'
import { openRig, type Rig, start } from './ingest-rig.js'

const day = 86_400_000
const secrets = { clientId: 'c', clientSecret: 's', verifyToken: 'v' }
/** Every message that left for the model. */
const sent: ModelMessage[][] = []
/** What the model does with the ids that it was told. */
let says: (ids: string[], messages: readonly ModelMessage[]) => string | { query: unknown } = () => ''
const provider: ModelProvider = {
  name: 'curious',
  async *stream(messages) {
    sent.push([...messages])
    const ids = [...new Set(JSON.stringify(messages).match(/f_[0-9a-f]{20}/g) ?? [])]
    const said = says(ids, messages)
    if (typeof said === 'string') yield { type: 'text', text: said }
    else yield { type: 'tool_call', id: 'c1', name: 'query', args: said.query }
    yield { type: 'end', reason: 'stop' }
  },
}
const model: AnyPlugin = { kind: 'model', id: 'curious', version: '1.0.0', open: async () => provider }

/** Tells the model whatever facts there are, without asking whether it may. */
const leaky = defineNode({
  kind: 'node',
  id: 'leaky',
  version: '1.0.0',
  phase: 'investigate',
  reads: ['text'],
  writes: [],
  async run(state, ctx) {
    if (!state.text.includes('leak')) return {}
    const found = await ctx.ask({ measure: { of: 'metric', metric: 'power' }, aggregate: 'mean' })
    const messages = [{ role: 'user' as const, content: JSON.stringify(found) }]
    for await (const _ of ctx.model?.stream(messages, { signal: ctx.signal }) ?? []);
    return {}
  },
})

async function fill({ auren }: Rig, userId: string): Promise<void> {
  const days = Array.from({ length: 20 }, (_, back) => start - (back + 1) * day)
  const sample = (metric: string, unit: string, value: number, name: string) =>
    days.map((at) => ({
      shape: 'sample' as const,
      metric,
      start: at,
      value,
      unit,
      source: { name, type: 'watch' as const },
      offset: 60,
      zoneBasis: 'carried' as const,
    }))
  await auren.ingest.observations({ userId, provider: 'strava', observations: sample('power', 'W', 217, 'Rider 7') })
  await auren.ingest.observations({
    userId,
    provider: 'my-ring',
    observations: sample('resting_heart_rate', '/min', 53, 'Ring'),
  })
  await auren.ingest.settled()
}

async function ask({ auren }: Rig, text: string, threadId: string): Promise<{ said: string; parts: AnswerPart[] }> {
  const parts: AnswerPart[] = []
  for await (const part of auren.ask({ userId: 'ann', threadId, text })) parts.push(part)
  return { parts, said: parts.flatMap((part) => (part.type === 'sentence' ? [part.text] : [])).join('\n') }
}

const POWER = 'What was my average power in the last 30 days?'
const PULSE = 'What was my average resting heart rate in the last 30 days?'

describe('what Strava measured', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await openRig({ plugins: [strava(secrets), model, leaky] })
    await fill(rig, 'ann')
    // The first question loads the graph, which takes its time where others work, too.
    await ask(rig, 'hello', 'warm')
  })
  afterAll(() => rig.close())
  beforeEach(() => {
    sent.length = 0
    says = (ids) => ids.map((id) => `It was {{fact:${id}}}.`).join(' ')
  })

  it('is told by the narrator, and never part of a request to a model', async () => {
    const { said } = await ask(rig, POWER, 'one')
    expect(said).toContain('217')
    expect(sent).toEqual([])
  })

  it('leaves the model what others measured', async () => {
    const { said } = await ask(rig, PULSE, 'two')
    expect(said).toContain('53')
    expect(JSON.stringify(sent)).toMatch(/"value\\":53/)
    expect(JSON.stringify(sent)).not.toMatch(/217|Rider 7/)
  })

  it('is not in what was said before, either', async () => {
    expect((await ask(rig, POWER, 'three')).said).toContain('217')
    expect((await ask(rig, PULSE, 'three')).said).toContain('53')
    expect(sent.length).toBeGreaterThan(0)
    expect(JSON.stringify(sent)).not.toMatch(/217|Rider 7/)
    expect((await ask(rig, PULSE, 'three')).said).toContain('53')
    // What was said of the ring may be read again.
    const earlier = JSON.parse(sent.at(-1)?.[1]?.content ?? '').earlier as { role: string; text: string }[]
    expect(earlier.filter(({ role }) => role === 'neuros')).toHaveLength(1)
  })

  it('is not an answer to a query of the model, nor a condition or a comparison of one', async () => {
    const pulse = { measure: { of: 'metric', metric: 'resting_heart_rate' }, aggregate: 'mean' }
    for (const query of [
      { measure: { of: 'metric', metric: 'power' }, aggregate: 'max' },
      { ...pulse, where: [{ on: 'metric', metric: 'power', op: '>', value: 216 }] },
      { ...pulse, where: [{ on: 'not', of: { on: 'metric', metric: 'power', op: '>', value: 216 } }] },
      { ...pulse, compare: { measure: { of: 'metric', metric: 'power' } } },
      { pattern: 'baseline', metric: 'power' },
    ]) {
      sent.length = 0
      let calls = 0
      says = (ids) => (calls++ === 0 ? { query } : `It was {{fact:${ids[0]}}}.`)
      await ask(rig, PULSE, `tool ${JSON.stringify(query)}`)
      const result = sent.at(-1)?.find(({ role }) => role === 'tool')?.content
      expect(result, JSON.stringify(query)).toMatch(/may not be told/)
      expect(JSON.stringify(sent)).not.toContain('217')
    }
  })

  it('does not leave by a node that does not ask whether it may', async () => {
    const { parts } = await ask(rig, `${PULSE} leak`, 'leaks')
    expect(JSON.stringify(sent)).not.toContain('217')
    expect(parts).toContainEqual(expect.objectContaining({ type: 'degraded', node: 'leaky' }))
  })
})

it('is open to models where the installation says that it may be', async () => {
  const rig = await openRig({ plugins: [strava({ ...secrets, models: 'open' }), model] })
  try {
    await fill(rig, 'ann')
    sent.length = 0
    says = (ids) => `It was {{fact:${ids[0]}}}.`
    expect((await ask(rig, POWER, 'one')).said).toContain('217')
    expect(JSON.stringify(sent)).toMatch(/"value\\":217/)
  } finally {
    await rig.close()
  }
})

describe('closedBy', () => {
  const summary = (metric: string, ...sources: string[]) => ({
    metric,
    from: '2026-01-01',
    to: '2026-01-02',
    days: 2,
    n: 2,
    sources,
  })
  const closed = closedBy(new Map([['strava', true]]), [
    summary('heart_rate', 'strava/1/Rider', 'oura/2/Ring'),
    summary('workout', 'strava/1/Rider'),
    summary('steps', 'oura/2/Ring'),
  ])
  const steps = {
    measure: { of: 'metric' as const, metric: 'steps' },
    aggregate: 'mean' as const,
    where: [] as [],
  }

  it.each<[string, Parameters<typeof fact>[1], boolean]>([
    ['another source', { sources: ['oura/2/Ring'] }, false],
    ['a name that only begins the same', { sources: ['strava-like/2/Ring'] }, false],
    ['its own', { sources: ['oura/2/Ring', 'strava/1/Rider'] }, true],
    [
      'days with a workout',
      { query: { ...steps, period: { kind: 'all' }, where: [{ on: 'session', kind: 'workout' }] } },
      true,
    ],
    [
      'days with sleep',
      { query: { ...steps, period: { kind: 'all' }, where: [{ on: 'session', kind: 'sleep' }] } },
      false,
    ],
    [
      'a tag',
      { query: { ...steps, period: { kind: 'all' }, where: [{ on: 'any', of: [{ on: 'tag', tag: 'alcohol' }] }] } },
      true,
    ],
    ['weekdays', { query: { ...steps, period: { kind: 'all' }, where: [{ on: 'weekday', in: ['monday'] }] } }, false],
    ['inside of workouts', { query: { ...steps, period: { kind: 'all' }, within: { kind: 'workout' } } }, true],
    [
      'another period of its own',
      { query: { ...steps, period: { kind: 'all' }, compare: { period: { kind: 'all' } } } },
      false,
    ],
    [
      'another period of a shared metric',
      {
        sources: ['oura/2/Ring'],
        query: {
          ...steps,
          measure: { of: 'metric', metric: 'heart_rate' },
          period: { kind: 'all' },
          compare: { period: { kind: 'all' } },
        },
      },
      true,
    ],
  ])('judges a fact of %s', (_name, over, expected) => {
    expect(closed(fact('f', over))).toBe(expected)
  })

  it('closes nothing where no provider is closed', () => {
    expect(closedBy(new Map())(fact('f', { sources: ['strava/1/Rider'] }))).toBe(false)
  })
})
