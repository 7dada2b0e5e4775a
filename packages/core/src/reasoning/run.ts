import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { AurenError, asAurenError, errorCodes } from '../errors.js'
import type { Journal } from '../events/ports.js'
import type { Purpose, RunState, Threads } from '../memory/ports.js'
import { type Instant, LocalDate, UserId } from '../observation/schema.js'
import { publish } from '../telemetry.js'
import { createCheckpointer } from './checkpointer.js'
import type { GraphNode } from './contract.js'
import { createFeed, type Feed, type SequencedPart } from './feed.js'
import { assembleGraph } from './graph.js'
import { createTurn, type RunningTurn, type TurnPorts } from './turn.js'
import type { AnswerPart } from './types.js'

/** What NEUROS stands on. */
export interface NeurosPorts extends TurnPorts {
  nodes: readonly GraphNode[]
  threads: Threads
  journal: Pick<Journal, 'transaction' | 'person'>
  now(): Instant
  /** The person's local date. */
  today(user: UserId): Promise<LocalDate>
  /** Whether the person lets their data be used for a purpose. Absent: they do. */
  allowed?(user: UserId, purpose: Purpose): Promise<boolean>
}

/** A question of a person. */
export interface Question {
  userId: UserId
  threadId: string
  text: string
  /** Makes the question idempotent: the same one again gives the first run. */
  clientId?: string | undefined
  /** BCP 47; the profile's where absent. */
  locale?: string | undefined
  /** The date that the question is asked on; the person's own where absent. */
  today?: LocalDate | undefined
}

/** Runs questions through the graph, and keeps what came out. */
export interface Neuros {
  /**
   * Marks the runs of processes that died as interrupted, now and from time to time, and keeps those that run here.
   * Returns how many were dead. Call once, before asking.
   */
  start(): Promise<number>
  /** Begins a run; it goes on whether anybody reads it or not. */
  begin(question: Question): Promise<{ run: string; created: boolean }>
  /** Parts of a run after `after`, from the journal and then live. @throws AurenError AUREN_NOT_FOUND */
  replay(what: { userId: UserId; run: string; after?: number }): AsyncIterable<SequencedPart>
  /** Begins a run and reads it. Leaving the loop does not stop the run; raising `signal` cancels it. */
  ask(question: Question & { signal?: AbortSignal | undefined }): AsyncIterable<AnswerPart>
  /** Stops a run, wherever it runs. False where it does not run. */
  cancel(what: { userId: UserId; run: string }): Promise<boolean>
  /** Stops what runs; it is kept as interrupted. */
  close(): Promise<void>
}

const Question = z.object({
  userId: UserId,
  threadId: z.string().min(1).max(200),
  text: z.string().trim().min(1).max(8_000),
  clientId: z.string().min(1).max(200).optional(),
  locale: z.string().min(2).max(35).optional(),
  today: LocalDate.optional(),
})

/** How often the journal of a run in another process is looked at, in ms. */
const POLL_MS = 500
/** How long a run is its process's own without a sign of life, in ms. */
const LEASE_MS = 30_000
const RENEW_MS = 8_000

interface LiveRun {
  user: UserId
  feed: Feed
  stop: AbortController
  /** What the run becomes when it is stopped. */
  end: 'cancelled' | 'interrupted'
  done: Promise<void>
}

/**
 * NEUROS over its ports.
 *
 * @throws AurenError AUREN_PLUGIN_INVALID when the nodes do not fit together.
 */
export function createNeuros(ports: NeurosPorts): Neuros {
  const { threads, journal } = ports
  const graph = assembleGraph(ports.nodes, () => createCheckpointer(threads.checkpoints))
  const live = new Map<string, LiveRun>()
  const queues = new Map<string, Promise<void>>()
  let closed = false

  const execute = async (
    question: z.infer<typeof Question>,
    id: string,
    turnId: string,
    run: LiveRun,
  ): Promise<void> => {
    const { userId: user, threadId: thread, text } = question
    const { feed, stop } = run
    const began = performance.now()
    let state: Exclude<RunState, 'running'> = 'done'
    let turn: RunningTurn | null = null
    try {
      while (await threads.queued({ user, purpose: 'answer' }, id)) await wait(POLL_MS, undefined, stop)
      const [today, profile, mayAskModel] = await Promise.all([
        question.today ?? ports.today(user),
        ports.longTerm.profile({ user, purpose: 'answer' }),
        ports.allowed?.(user, 'model') ?? true,
      ])
      stop.signal.throwIfAborted()
      turn = createTurn(
        mayAskModel ? ports : { ...ports, model: null },
        { user, turnId, text, today, signal: stop.signal },
        (part) => feed.push(part),
      )
      const locale = question.locale ?? profile.locale ?? 'en'
      await graph.run({ user, thread, run: id, text, now: ports.now(), today, locale }, turn)
    } catch (cause) {
      state = stop.signal.aborted ? run.end : 'failed'
      if (state === 'failed') {
        const { code } = asAurenError(cause)
        feed.push({ type: 'error', code, message: errorCodes[code].title })
      }
    }
    endings.set(id, { state, user, thread, turn })
    try {
      await feed.end({ type: 'finish', run: id, state })
    } catch {
      // Readers have been told; what the journal will still take is that the run is over.
      await journal.transaction((tx) => threads.endRun(tx, user, id, 'failed')).catch(() => undefined)
      if (state === 'done') state = 'failed'
    }
    const outcome = state === 'done' ? (turn?.outcome() ?? 'failed') : state
    publish('question', { outcome, ms: performance.now() - began })
  }

  const endings = new Map<
    string,
    { state: Exclude<RunState, 'running'>; user: UserId; thread: string; turn: RunningTurn | null }
  >()
  /** The last parts, the answer as a turn, and the run's end are one commit. */
  const append = async (user: UserId, run: string, parts: SequencedPart[], last: boolean): Promise<void> => {
    await journal.transaction(async (tx) => {
      await threads.appendParts(tx, user, run, parts)
      const ending = last ? endings.get(run) : undefined
      if (!ending) return
      if (ending.turn && ending.turn.said.length > 0) {
        await threads.addTurn(tx, user, {
          id: randomUUID(),
          thread: ending.thread,
          role: 'neuros',
          text: ending.turn.said.map((sentence) => sentence.text).join('\n'),
          facts: [...ending.turn.cited],
          at: ports.now(),
        })
      }
      await threads.endRun(tx, user, run, ending.state)
    })
  }

  const begin = async (input: Question): Promise<{ run: string; created: boolean }> => {
    if (closed) throw new AurenError('AUREN_CLOSED', 'NEUROS has been closed')
    const checked = Question.safeParse(input)
    if (!checked.success) {
      throw new AurenError('AUREN_INPUT_INVALID', 'The question is not valid', {
        issues: checked.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
      })
    }
    const question = checked.data
    const { userId: user, threadId: thread, text } = question
    const turnId = randomUUID()
    const started = await journal.transaction(async (tx) => {
      await journal.person(tx, user)
      const at = ports.now()
      const run = await threads.startRun(tx, user, {
        thread,
        clientId: question.clientId ?? randomUUID(),
        text,
        at,
        leaseMs: LEASE_MS,
      })
      if (run.created) {
        await threads.addTurn(tx, user, { id: turnId, thread, role: 'person', text, facts: [], at })
      }
      return run
    })
    if (started.created) launch(question, started.id, turnId)
    return { run: started.id, created: started.created }
  }

  /** One run of a thread at a time: the next one needs the conversation that this one leaves. */
  const launch = (question: z.infer<typeof Question>, id: string, turnId: string): void => {
    const key = JSON.stringify([question.userId, question.threadId])
    const run: LiveRun = {
      user: question.userId,
      feed: createFeed((parts, last) =>
        append(question.userId, id, parts, last).catch((error: unknown) => {
          // What cannot be kept cannot be sent: the rest of the run is for nobody.
          run.stop.abort()
          throw error
        }),
      ),
      stop: new AbortController(),
      end: 'cancelled',
      done: Promise.resolve(),
    }
    run.done = (queues.get(key) ?? Promise.resolve())
      .then(() => execute(question, id, turnId, run))
      .finally(() => {
        live.delete(id)
        endings.delete(id)
        if (queues.get(key) === run.done) queues.delete(key)
      })
    queues.set(key, run.done)
    live.set(id, run)
  }

  async function* replay({ userId, run, after = 0 }: { userId: UserId; run: string; after?: number }) {
    const here = live.get(run)
    const scope = { user: userId, purpose: 'display' } as const
    let seq = after
    if (here && here.user === userId) {
      try {
        for await (const entry of here.feed.read(after)) {
          seq = entry.seq
          yield entry
        }
        return
      } catch (error) {
        // What ends a run through another process keeps this one from adding to it: the journal says how it ended.
        if (asAurenError(error).code !== 'AUREN_CONFLICT') throw error
      }
    }
    for (;;) {
      const found = await threads.run(scope, run)
      if (!found) throw new AurenError('AUREN_NOT_FOUND', `There is no run ${run}`)
      let finished = false
      for (const entry of await threads.parts(scope, run, seq)) {
        seq = entry.seq
        const part = entry.part as AnswerPart
        finished = part.type === 'finish'
        yield { seq, part }
      }
      if (finished) return
      if (found.state !== 'running') {
        // Whoever ran it died before its last part: the end is said all the same.
        const [last] = await threads.parts(scope, run, Math.max(0, seq - 1))
        if ((last?.part as AnswerPart | undefined)?.type !== 'finish') {
          yield { seq: seq + 1, part: { type: 'finish' as const, run, state: found.state } }
        }
        return
      }
      await wait(POLL_MS)
    }
  }

  /** Keeps what runs here, stops what somebody else has ended, and ends what nobody keeps any more. */
  const renew = (): Promise<number> => {
    const mine = [...live].map(([id, { user }]) => ({ user, id }))
    return journal.transaction(async (tx) => {
      if (mine.length > 0) {
        const held = await threads.renewRuns(tx, mine, LEASE_MS)
        for (const { id } of mine) if (!held.has(id)) live.get(id)?.stop.abort()
      }
      return threads.interruptRuns(tx)
    })
  }
  let renewal: NodeJS.Timeout | undefined

  return {
    start() {
      // A database that is away for a while is no reason to stop: the lease outlives some of these.
      renewal ??= setInterval(() => renew().catch(() => undefined), RENEW_MS).unref()
      return renew()
    },
    begin,
    replay,
    async *ask({ signal, ...question }) {
      signal?.throwIfAborted()
      const { run } = await begin(question)
      const cancel = () => live.get(run)?.stop.abort()
      if (signal?.aborted) cancel()
      signal?.addEventListener('abort', cancel, { once: true })
      try {
        for await (const { part } of replay({ userId: question.userId, run })) yield part
      } finally {
        signal?.removeEventListener('abort', cancel)
      }
    },
    async cancel({ userId, run }) {
      const here = live.get(run)
      if (here && here.user === userId) {
        here.stop.abort()
        await here.done
        return true
      }
      if ((await threads.run({ user: userId, purpose: 'display' }, run))?.state !== 'running') return false
      // Another process has it: it finds out when it next keeps a part, or its lease.
      await journal.transaction((tx) => threads.endRun(tx, userId, run, 'cancelled'))
      return true
    },
    async close() {
      closed = true
      clearInterval(renewal)
      const running = [...live.values()]
      for (const run of running) {
        run.end = 'interrupted'
        run.stop.abort()
      }
      await Promise.all(running.map((run) => run.done))
    },
  }
}
