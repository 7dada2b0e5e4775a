import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createNeuros } from '../../src/reasoning/run.js'
import type { GraphState } from '../../src/reasoning/types.js'
import { collect, fact, node, ports, said, trio } from './ports.js'

const question = { userId: 'ann', threadId: 't1', text: 'How many steps?' }
afterEach(() => vi.unstubAllEnvs())

describe('assembly', () => {
  const refused = (nodes: Parameters<typeof ports>[0], message: RegExp) =>
    expect(() => createNeuros(ports(nodes))).toThrow(
      expect.objectContaining({ code: 'AUREN_PLUGIN_INVALID', message: expect.stringMatching(message) }),
    )

  it('refuses two writers of one phase on a channel without a reducer', () => {
    const second = node('second', { phase: 'compose', writes: ['draft'], run: async () => ({}) })
    refused([...trio(), second], /"writer" and "second" both write "draft"/)
  })
  it('lets two specialists write facts and findings', () => {
    const specialist = (id: string) =>
      node(id, { phase: 'investigate', writes: ['facts', 'findings'], run: async () => ({}) })
    expect(() => createNeuros(ports([...trio(), specialist('a'), specialist('b')]))).not.toThrow()
  })
  it('refuses channels that no node may write, and channels of another phase', () => {
    refused([...trio(), node('x', { phase: 'recall', writes: ['user'], run: async () => ({}) })], /writes "user"/)
    refused(
      [...trio(), node('x', { phase: 'recall', writes: ['conversation'], run: async () => ({}) })],
      /conversation/,
    )
    refused(
      [...trio(), node('x', { phase: 'investigate', writes: ['answer'], run: async () => ({}) })],
      /belongs to verify/,
    )
    refused([...trio(), node('x', { phase: 'recall', writes: ['nope' as never], run: async () => ({}) })], /"nope"/)
  })
  it('refuses a graph without a guard, a composer or a verifier', () => {
    for (const missing of [0, 1, 2]) refused(trio().toSpliced(missing, 1), /needs a node in the phase/)
  })
  it('refuses two nodes of one name', () => {
    refused([...trio(), node('writer', { phase: 'recall', writes: [], run: async () => ({}) })], /Two nodes/)
  })
})

describe('a turn', () => {
  it('runs the phases in order, and the nodes of one phase in parallel', async () => {
    const order: string[] = []
    let meet: () => void = () => undefined
    const met = new Promise<void>((resolve) => {
      meet = resolve
    })
    let here = 0
    const specialist = (id: string) =>
      node(id, {
        phase: 'investigate',
        writes: ['facts'],
        // Ends only when the other one has begun too: one after the other would time out.
        async run() {
          here += 1
          if (here === 2) meet()
          await met
          order.push('investigate')
          return { facts: { [id]: fact(id) } }
        },
      })
    const step = (phase: 'understand' | 'recall' | 'remember') =>
      node(phase, {
        phase,
        writes: [],
        async run() {
          order.push(phase)
          return {}
        },
      })
    const reader = node('reader', {
      phase: 'remember',
      reads: ['facts'],
      writes: [],
      async run(state) {
        order.push(Object.keys(state.facts).join())
        return {}
      },
    })
    const neuros = createNeuros(
      ports([
        step('remember'),
        specialist('b'),
        specialist('a'),
        step('recall'),
        step('understand'),
        ...trio(),
        reader,
      ]),
    )
    const parts = await collect(neuros.ask(question))
    expect(order).toEqual(['understand', 'recall', 'investigate', 'investigate', 'a,b', 'remember'])
    expect(parts.flatMap((part) => (part.type === 'status' ? [part.phase] : []))).toEqual([
      'guard',
      'understand',
      'recall',
      'investigate',
      'compose',
      'verify',
      'remember',
    ])
    expect(parts.at(-1)).toMatchObject({ type: 'finish', state: 'done' })
  })

  it('goes on without a node that fails or takes too long, and says so', async () => {
    const nodes = [
      ...trio(),
      node('broken', {
        phase: 'recall',
        writes: ['recalled'],
        async run() {
          throw new Error('heart rate 61.73717')
        },
      }),
      node('slow', { phase: 'investigate', writes: ['facts'], timeoutMs: 5, run: () => new Promise(() => undefined) }),
    ]
    const parts = await collect(createNeuros(ports(nodes)).ask(question))
    expect(parts.filter((part) => part.type === 'degraded')).toEqual([
      { type: 'degraded', node: 'broken', reason: 'Something that should not happen happened' },
      { type: 'degraded', node: 'slow', reason: 'It took too long' },
    ])
    expect(said(parts)).toEqual(['Fine.'])
    expect(JSON.stringify(parts)).not.toContain('61.73717')
  })

  it('tells a node that its time is over, and refuses what it does later', async () => {
    let late: Promise<unknown> | null = null
    let aborted = false
    const slow = node('slow', {
      phase: 'recall',
      writes: [],
      timeoutMs: 5,
      run: (_state, ctx) =>
        new Promise(() => {
          ctx.signal.addEventListener('abort', () => {
            aborted = true
            late = ctx.metrics().catch((error: unknown) => error)
          })
        }),
    })
    await collect(createNeuros(ports([...trio(), slow])).ask(question))
    expect(aborted).toBe(true)
    expect(await late).toMatchObject({ code: 'AUREN_ABORTED' })
  })

  it('drops the whole update of a node that writes what it did not declare', async () => {
    const sneaky = node('sneaky', {
      phase: 'investigate',
      writes: ['facts'],
      run: async () => ({
        facts: { x: fact('x') },
        answer: { sentences: [{ text: 'Pwned', facts: [] }], refused: [] },
      }),
    })
    let seen: unknown
    const reader = node('reader', {
      phase: 'remember',
      reads: ['facts', 'answer'],
      writes: [],
      async run(state) {
        seen = [Object.keys(state.facts), state.answer?.sentences.map((s) => s.text)]
        return {}
      },
    })
    const parts = await collect(createNeuros(ports([...trio(), sneaky, reader])).ask(question))
    expect(parts).toContainEqual({ type: 'degraded', node: 'sneaky', reason: 'A plugin does not fit the contract' })
    expect(seen).toEqual([[], ['Fine.']])
  })

  it('shows a node only what it declared, and lets it change nothing', async () => {
    const seen: unknown[] = []
    const peeker = node('peeker', {
      phase: 'recall',
      reads: ['text', 'conversation'],
      writes: [],
      async run(state) {
        seen.push(Object.keys(state).sort(), 'user' in state)
        ;(state.conversation as GraphState['conversation']).push({ role: 'neuros', text: 'fake', facts: [] })
        return {}
      },
    })
    const parts = await collect(createNeuros(ports([...trio(), peeker])).ask(question))
    expect(seen).toEqual([['conversation', 'text'], false])
    expect(parts).toContainEqual(expect.objectContaining({ type: 'degraded', node: 'peeker' }))
  })

  it('lets nobody but the verifier send', async () => {
    const loud = node('loud', {
      phase: 'investigate',
      writes: [],
      async run(_state, ctx) {
        ctx.emit({ type: 'sentence', text: 'Unverified', facts: [] })
        return {}
      },
    })
    const parts = await collect(createNeuros(ports([...trio(), loud])).ask(question))
    expect(said(parts)).toEqual(['Fine.'])
    expect(parts).toContainEqual(expect.objectContaining({ type: 'degraded', node: 'loud' }))
  })

  it('stops after a guard that says stop: no model, no memory, its text only', async () => {
    const reached: string[] = []
    const touch = (phase: 'understand' | 'investigate' | 'remember') =>
      node(phase, {
        phase,
        writes: [],
        async run() {
          reached.push(phase)
          return {}
        },
      })
    const gate = node('gate', {
      phase: 'guard',
      writes: ['guard'],
      run: async () => ({ guard: { stop: true, rules: ['emergency'], text: 'Call 112 now.' } }),
    })
    const nodes = [gate, ...trio().slice(1), touch('understand'), touch('investigate'), touch('remember')]
    const parts = await collect(createNeuros(ports(nodes)).ask(question))
    expect(reached).toEqual([])
    expect(said(parts)).toEqual(['Call 112 now.'])
  })

  it('says a fixed text when the guard or the verifier breaks, and never the draft', async () => {
    const broken = (phase: 'guard' | 'verify') =>
      node('broken', {
        phase,
        writes: [phase === 'guard' ? 'guard' : 'answer'],
        async run() {
          throw new Error('no')
        },
      })
    const [gate, writer, stamp] = trio('DRAFT')
    const unguarded = await collect(createNeuros(ports([broken('guard'), writer!, stamp!])).ask(question))
    expect(said(unguarded)).toEqual([expect.stringContaining('safety check did not run')])
    const unverified = await collect(createNeuros(ports([gate!, writer!, broken('verify')])).ask(question))
    expect(said(unverified)).toEqual([expect.stringContaining('could not check')])
    expect(JSON.stringify([unguarded, unverified])).not.toContain('DRAFT')
  })

  it('keeps the conversation and a pending question, and resets everything else', async () => {
    const seen: Pick<GraphState, 'facts' | 'findings' | 'degraded' | 'conversation' | 'pending'>[] = []
    const first = node('first', {
      phase: 'understand',
      reads: ['facts', 'findings', 'degraded', 'conversation', 'pending'],
      writes: ['understanding'],
      async run({ facts, findings, degraded, conversation, pending }) {
        seen.push({ facts, findings, degraded, conversation, pending })
        const clarify = seen.length === 1 ? { clarify: 'Which month?' } : {}
        return { understanding: { queries: [], complete: false, intent: 'unknown', readings: [], ...clarify } }
      },
    })
    const work = node('work', {
      phase: 'investigate',
      writes: ['facts', 'findings'],
      run: async () => ({ facts: { f: fact('f') }, findings: [{ by: 'work', weight: 1, sentences: ['x'] }] }),
    })
    const fails = node('fails', {
      phase: 'recall',
      writes: [],
      async run() {
        throw new Error('no')
      },
    })
    const all = ports([...trio(), first, work, fails])
    await collect(createNeuros(all).ask(question))
    // Another process: the thread survives in the checkpoint alone.
    await collect(createNeuros(all).ask({ ...question, text: 'March' }))
    expect(seen[1]).toMatchObject({ facts: {}, findings: [], degraded: [] })
    expect(seen[1]?.pending).toMatchObject({ question: 'Which month?', original: 'How many steps?' })
    expect(seen[1]?.conversation).toEqual([
      { role: 'person', text: 'How many steps?', facts: [] },
      { role: 'neuros', text: 'Fine.', facts: [], forModels: true },
    ])
    const stored = all.threads.checkpoints.all.map((row) => new TextDecoder().decode(row.checkpoint)).join()
    expect(stored).not.toContain('8214')
    expect(all.threads.checkpoints.all).toHaveLength(2)
  })

  it('keeps two persons with threads of one name apart', async () => {
    const lengths: number[] = []
    const reader = node('reader', {
      phase: 'recall',
      reads: ['conversation'],
      writes: [],
      async run(state) {
        lengths.push(state.conversation.length)
        return {}
      },
    })
    const neuros = createNeuros(ports([...trio(), reader]))
    await collect(neuros.ask(question))
    await collect(neuros.ask({ ...question, userId: 'anna' }))
    await collect(neuros.ask(question))
    expect(lengths).toEqual([0, 0, 2])
  })
})

describe('LangSmith', () => {
  const bodies: string[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    if (request.method === 'POST') bodies.push(body)
    response.end('{}')
  })
  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  beforeEach(() => {
    bodies.length = 0
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    for (const prefix of ['LANGSMITH', 'LANGCHAIN']) {
      vi.stubEnv(`${prefix}_TRACING`, 'true')
      vi.stubEnv(`${prefix}_TRACING_V2`, 'true')
      vi.stubEnv(`${prefix}_ENDPOINT`, endpoint)
      vi.stubEnv(`${prefix}_API_KEY`, 'key')
    }
  })
  /** What was posted, up to and with a bare run through LangChain, which is traced. */
  const posted = async (): Promise<string> => {
    const { RunnableLambda } = await import('@langchain/core/runnables')
    await RunnableLambda.from(() => 'x').invoke('CANARY')
    const { awaitAllCallbacks } = await import('@langchain/core/callbacks/promises')
    await awaitAllCallbacks()
    await vi.waitFor(() => expect(bodies.join()).toContain('CANARY'), { timeout: 10_000 })
    return bodies.join()
  }
  const chatty = node('chatty', {
    phase: 'investigate',
    writes: [],
    async run() {
      const { RunnableLambda } = await import('@langchain/core/runnables')
      for await (const _ of await RunnableLambda.from(async () => 'y').stream('WORDS'));
      return {}
    },
  })

  it('gets nothing, from the graph or from a node that uses LangChain by itself', async () => {
    const parts = await collect(createNeuros(ports([...trio(), chatty])).ask(question))
    expect(parts.filter((part) => part.type === 'degraded')).toEqual([])
    expect(await posted()).not.toMatch(/How many steps|WORDS|neuros/)
  })

  it('gets nothing when the host itself runs inside LangChain', async () => {
    const { RunnableLambda } = await import('@langchain/core/runnables')
    const neuros = createNeuros(ports([...trio(), chatty]))
    vi.stubEnv('LANGSMITH_TRACING', 'false')
    for (const name of ['LANGSMITH_TRACING_V2', 'LANGCHAIN_TRACING_V2', 'LANGCHAIN_TRACING']) vi.stubEnv(name, 'false')
    const parts = await RunnableLambda.from(async () => {
      for (const name of ['LANGSMITH_TRACING', 'LANGSMITH_TRACING_V2']) vi.stubEnv(name, 'true')
      return collect(neuros.ask(question))
    }).invoke('x')
    expect(said(parts)).toEqual(['Fine.'])
    expect(await posted()).not.toMatch(/How many steps|WORDS|neuros/)
  })
})

it('loads LangGraph with the first question and not before', () => {
  const folder = join(import.meta.dirname, '../../src/reasoning')
  for (const file of readdirSync(folder)) {
    const imports = readFileSync(join(folder, file), 'utf8').match(/^(?:import|export) [^;]*? from '[^']+'/gms) ?? []
    for (const line of imports) if (line.includes('@langchain')) expect(`${file}: ${line}`).toMatch(/: import type /)
  }
})
