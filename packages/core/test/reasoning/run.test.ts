import { describe, expect, it } from 'vitest'
import { createNeuros } from '../../src/reasoning/run.js'
import type { AnswerPart } from '../../src/reasoning/types.js'
import { collect, fact, node, ports, said, trio } from './ports.js'

const question = { userId: 'ann', threadId: 't1', text: 'How many steps?' }

/** A recall node that waits until it is let go, or stopped. */
function gate() {
  let open: () => void = () => undefined
  let entered: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const inside = new Promise<void>((resolve) => {
    entered = resolve
  })
  const waiting = node('waiting', {
    phase: 'recall',
    writes: [],
    async run(_state, ctx) {
      entered()
      await Promise.race([opened, new Promise((_, reject) => ctx.signal.addEventListener('abort', reject))])
      return {}
    },
  })
  return { open: () => open(), inside, waiting }
}

describe('a run', () => {
  it('is idempotent by the client’s id, and replays the same parts', async () => {
    const all = ports(trio())
    const neuros = createNeuros(all)
    const first = await neuros.begin({ ...question, clientId: 'c1' })
    const again = await neuros.begin({ ...question, clientId: 'c1' })
    expect(again).toEqual({ run: first.run, created: false })
    const parts = await collect(neuros.ask({ ...question, clientId: 'c1' }))
    expect(said(parts)).toEqual(['Fine.'])
    expect(all.threads.runs).toHaveLength(1)
    expect(all.threads.turnsOf.map(({ role, text }) => [role, text])).toEqual([
      ['person', 'How many steps?'],
      ['neuros', 'Fine.'],
    ])
  })

  it('replays from any place, live or from the journal', async () => {
    const neuros = createNeuros(ports(trio()))
    const { run } = await neuros.begin(question)
    const whole: { seq: number; part: AnswerPart }[] = []
    for await (const part of neuros.replay({ userId: 'ann', run })) whole.push(part)
    expect(whole.map((part) => part.seq)).toEqual(whole.map((_, index) => index + 1))
    for (const after of [0, 2, whole.length - 1, whole.length]) {
      const rest: unknown[] = []
      for await (const part of neuros.replay({ userId: 'ann', run, after })) rest.push(part)
      expect(rest).toEqual(whole.slice(after))
    }
  })

  it('shows no part that is not committed yet', async () => {
    const all = ports(trio())
    const { appendParts } = all.threads
    const committed = new Set<number>()
    all.threads.appendParts = async (tx, user, run, parts) => {
      await new Promise((resolve) => setImmediate(resolve))
      await appendParts(tx, user, run, parts)
      for (const part of parts) committed.add(part.seq)
    }
    const neuros = createNeuros(all)
    const { run } = await neuros.begin(question)
    let seen = 0
    for await (const { seq } of neuros.replay({ userId: 'ann', run })) {
      expect(committed).toContain(seq)
      seen += 1
    }
    expect(seen).toBe(committed.size)
  })

  it('tells readers when the journal fails, and ends as failed', async () => {
    const all = ports(trio())
    all.threads.appendParts = async () => {
      throw new Error('disk full')
    }
    const neuros = createNeuros(all)
    await expect(collect(neuros.ask(question))).rejects.toMatchObject({ code: 'AUREN_STORE_UNAVAILABLE' })
    await neuros.close()
    expect(all.threads.runs[0]?.state).toBe('failed')
  })

  it('goes on when its reader leaves', async () => {
    const { waiting, inside, open } = gate()
    const all = ports([...trio(), waiting])
    const neuros = createNeuros(all)
    for await (const part of neuros.ask({ ...question, clientId: 'c' })) {
      expect(part.type).toBe('status')
      break
    }
    await inside
    open()
    expect(said(await collect(neuros.ask({ ...question, clientId: 'c' })))).toEqual(['Fine.'])
    expect(all.threads.runs.map((run) => run.state)).toEqual(['done'])
  })

  it('is cancelled by its signal, and by name; nobody else can', async () => {
    for (const by of ['signal', 'name'] as const) {
      const { waiting, inside } = gate()
      const all = ports([...trio(), waiting])
      const neuros = createNeuros(all)
      const stop = new AbortController()
      const reading = collect(neuros.ask({ ...question, signal: stop.signal }))
      await inside
      const run = all.threads.runs[0]?.id as string
      expect(await neuros.cancel({ userId: 'bob', run })).toBe(false)
      if (by === 'signal') stop.abort()
      else expect(await neuros.cancel({ userId: 'ann', run })).toBe(true)
      const parts = await reading
      expect(parts.at(-1)).toEqual({ type: 'finish', run, state: 'cancelled' })
      expect(said(parts)).toEqual([])
      expect(all.threads.runs[0]?.state).toBe('cancelled')
      expect(await neuros.cancel({ userId: 'ann', run })).toBe(false)
    }
  })

  it('leaves a thread that can be asked again after a cancelled turn', async () => {
    const { waiting, inside } = gate()
    let first = true
    const all = ports([
      ...trio(),
      {
        ...waiting,
        run: async (state, ctx) => {
          if (!first) return {}
          first = false
          return waiting.run(state, ctx)
        },
      },
    ])
    const neuros = createNeuros(all)
    const reading = collect(neuros.ask(question))
    await inside
    await neuros.cancel({ userId: 'ann', run: all.threads.runs[0]?.id as string })
    await reading
    expect(said(await collect(neuros.ask({ ...question, text: 'And now?' })))).toEqual(['Fine.'])
  })

  it('is interrupted when its process ends, and says so', async () => {
    const { waiting, inside } = gate()
    const all = ports([...trio(), waiting])
    const neuros = createNeuros(all)
    const { run } = await neuros.begin(question)
    await inside
    await neuros.close()
    expect(all.threads.runs[0]?.state).toBe('interrupted')
    await expect(neuros.begin(question)).rejects.toMatchObject({ code: 'AUREN_CLOSED' })

    // A process that was killed leaves no last part behind.
    all.threads.journal.set(run, (all.threads.journal.get(run) ?? []).slice(0, 1))
    ;(all.threads.runs[0] as { state: string }).state = 'running'
    const next = createNeuros(all)
    expect(await next.start()).toBe(1)
    const parts: { seq: number; part: AnswerPart }[] = []
    for await (const part of next.replay({ userId: 'ann', run })) parts.push(part)
    expect(parts.at(-1)).toEqual({ seq: 2, part: { type: 'finish', run, state: 'interrupted' } })
  })

  it('is nobody else’s to read', async () => {
    const neuros = createNeuros(ports(trio()))
    const { run } = await neuros.begin(question)
    await expect(collect(parts(neuros.replay({ userId: 'bob', run })))).rejects.toMatchObject({
      code: 'AUREN_NOT_FOUND',
    })
  })

  it('runs the questions of one thread one after the other, so that each knows the last', async () => {
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
    await Promise.all([1, 2, 3].map((n) => collect(neuros.ask({ ...question, clientId: String(n) }))))
    expect(lengths).toEqual([0, 2, 4])
  })

  it('refuses a question that is none', async () => {
    const neuros = createNeuros(ports(trio()))
    for (const text of ['', '   ', 'x'.repeat(8_001)]) {
      await expect(neuros.begin({ ...question, text })).rejects.toMatchObject({ code: 'AUREN_INPUT_INVALID' })
    }
  })

  it('sends each fact once, before the first sentence that cites it', async () => {
    const [guard, writer] = trio()
    const verifier = node('verifier', {
      phase: 'verify',
      writes: ['answer'],
      async run(_state, ctx) {
        await ctx.ask({ measure: { of: 'metric', metric: 'steps' }, aggregate: 'mean' })
        for (const text of ['A', 'B']) ctx.emit({ type: 'sentence', text, facts: ['f1'] })
        return { answer: { sentences: [], refused: [] } }
      },
    })
    const parts = await collect(
      createNeuros(ports([guard!, writer!, verifier], { answer: () => fact('f1') })).ask(question),
    )
    expect(parts.filter((part) => part.type !== 'status').map((part) => part.type)).toEqual([
      'fact',
      'sentence',
      'sentence',
      'finish',
    ])
  })
})

async function* parts(source: AsyncIterable<{ part: AnswerPart }>): AsyncIterable<AnswerPart> {
  for await (const { part } of source) yield part
}

describe('two processes over one database', () => {
  it('answer one thread one question after the other, in the order they were asked', async () => {
    const { waiting, inside, open } = gate()
    const all = ports([...trio(), waiting])
    const [one, two] = [createNeuros(all), createNeuros({ ...all, nodes: trio('Second.') })]
    const first = collect(one.ask(question))
    await inside
    const second = collect(two.ask(question))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(all.threads.runs.map((run) => run.state)).toEqual(['running', 'running'])
    open()
    expect(said(await first)).toEqual(['Fine.'])
    expect(said(await second)).toEqual(['Second.'])
    expect(all.threads.turnsOf.filter(({ role }) => role === 'neuros').map(({ text }) => text)).toEqual([
      'Fine.',
      'Second.',
    ])
  })

  it('show the run of the other, and can stop it', async () => {
    const { waiting, inside, open } = gate()
    const all = ports([...trio(), waiting])
    const [one, two] = [createNeuros(all), createNeuros(all)]
    const { run } = await one.begin(question)
    await inside
    expect(await two.cancel({ userId: 'bob', run })).toBe(false)
    expect(await two.cancel({ userId: 'ann', run })).toBe(true)
    open()
    await one.close()
    const parts: AnswerPart[] = []
    for await (const { part } of two.replay({ userId: 'ann', run })) parts.push(part)
    expect(parts.at(-1)).toEqual({ type: 'finish', run, state: 'cancelled' })
    expect(said(parts)).toEqual([])
    expect(all.threads.turnsOf.filter(({ role }) => role === 'neuros')).toEqual([])
  })
})
