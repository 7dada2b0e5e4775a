import { useSyncExternalStore } from 'react'
import { type AnswerEvent, type Followed, follow } from '../../api/follow'
import { readTurns, stopRun } from '../../api/neuros'
import { messageOf } from '../../api/problem'
import type { Fact, MemoryRecord, Turn } from '../../api/wire'
import { client } from '../../parts/queries'

/** A memory that was drafted or forgotten in an answer. */
export type Drafted = Pick<MemoryRecord, 'id' | 'kind' | 'text' | 'status'>

/** How an answer stands. `lost`: this page could not follow it to its end. */
export type AnswerState = 'coming' | 'cut' | 'done' | 'cancelled' | 'failed' | 'interrupted' | 'lost'

/** A question with its answer, as far as it came. */
export interface Exchange {
  clientId: string
  question: string
  run: string | null
  state: AnswerState
  status: string
  sentences: readonly { id: string; text: string; facts: readonly string[] }[]
  facts: ReadonlyMap<string, Fact>
  memories: readonly Drafted[]
  degraded: readonly { node: string; reason: string }[]
  error: string | null
}

/** A conversation as the page shows it. */
export interface Conversation {
  /** Turns that were there before this page. */
  turns: readonly Turn[] | null
  exchanges: readonly Exchange[]
  /** Why the turns could not be read. */
  error: unknown
}

interface Held {
  state: Conversation
  listeners: Set<() => void>
  stop: AbortController | null
}

/** Answers go on while other screens are shown, so conversations outlive the screen. */
const held = new Map<string, Held>()
/** The run that this tab follows, so that a reload finds it again. An id only. */
const RUN_KEY = 'auren.run'

function get(thread: string): Held {
  const known = held.get(thread)
  if (known) return known
  const fresh: Held = { state: { turns: null, exchanges: [], error: null }, listeners: new Set(), stop: null }
  held.set(thread, fresh)
  return fresh
}

function set(conversation: Held, change: Partial<Conversation>): void {
  conversation.state = { ...conversation.state, ...change }
  for (const listener of conversation.listeners) listener()
}

function change(conversation: Held, clientId: string, next: (exchange: Exchange) => Partial<Exchange>): void {
  set(conversation, {
    exchanges: conversation.state.exchanges.map((one) => (one.clientId === clientId ? { ...one, ...next(one) } : one)),
  })
}

/** A conversation, drawn again whenever it changes. */
export function useConversation(thread: string): Conversation {
  const conversation = get(thread)
  return useSyncExternalStore(
    (listener) => {
      conversation.listeners.add(listener)
      return () => conversation.listeners.delete(listener)
    },
    () => conversation.state,
  )
}

/** Reads the turns that are there, and picks up a run that this tab followed before a reload. */
export async function openConversation(thread: string): Promise<void> {
  const conversation = get(thread)
  if (conversation.state.turns !== null || conversation.state.exchanges.length > 0) return
  try {
    const turns = await readTurns(thread)
    if (conversation.state.turns !== null || conversation.state.exchanges.length > 0) return
    const last = turns.at(-1)
    const run = keptRun(thread)
    if (run && last?.role === 'person') {
      set(conversation, { turns: turns.slice(0, -1), exchanges: [newExchange(last.text, run)], error: null })
      const exchange = conversation.state.exchanges[0]
      if (exchange) void listen(thread, exchange, { thread, run })
    } else set(conversation, { turns, error: null })
  } catch (error) {
    set(conversation, { error })
  }
}

/** A conversation that begins here has no turns to read. */
export function beginConversation(thread: string): void {
  set(get(thread), { turns: [] })
}

/** Asks, and shows the answer as it comes. */
export function ask(thread: string, text: string, locale: string): void {
  const conversation = get(thread)
  const exchange = newExchange(text, null)
  set(conversation, { turns: conversation.state.turns ?? [], exchanges: [...conversation.state.exchanges, exchange] })
  void listen(thread, exchange, { thread, ask: { text, clientId: exchange.clientId, locale } })
}

/**
 * Tries again. What this page lost sight of is picked up where it is: the same question with the same id never runs
 * twice. What failed or was stopped is asked anew.
 */
export function retry(thread: string, exchange: Exchange, locale: string): void {
  const conversation = get(thread)
  if (exchange.state !== 'lost') {
    set(conversation, { exchanges: conversation.state.exchanges.filter((one) => one !== exchange) })
    ask(thread, exchange.question, locale)
    return
  }
  change(conversation, exchange.clientId, () => ({ state: 'coming', error: null }))
  const { run, clientId, question } = exchange
  void listen(thread, exchange, run ? { thread, run } : { thread, ask: { text: question, clientId, locale } })
}

/** Stops the answer that is coming; what was said stays. */
export async function stop(thread: string): Promise<void> {
  const conversation = get(thread)
  const coming = conversation.state.exchanges.find(isComing)
  if (!coming) return
  if (coming.run) {
    // The stream ends by itself then, and says that it was stopped.
    await stopRun(thread, coming.run).catch((error: unknown) => {
      change(conversation, coming.clientId, () => ({ error: messageOf(error) }))
    })
  } else {
    conversation.stop?.abort()
    change(conversation, coming.clientId, () => ({ state: 'cancelled' }))
  }
}

export const isComing = ({ state }: Exchange): boolean => state === 'coming' || state === 'cut'

async function listen(thread: string, { clientId }: Exchange, what: Followed): Promise<void> {
  const conversation = get(thread)
  const control = new AbortController()
  conversation.stop = control
  try {
    for await (const event of follow(what, control.signal)) {
      if (event.type === 'run') keepRun(thread, event.run)
      change(conversation, clientId, (exchange) => apply(exchange, event))
    }
    if (!control.signal.aborted)
      change(conversation, clientId, ({ state }) => ({ state: state === 'coming' || state === 'cut' ? 'done' : state }))
  } catch (error) {
    change(conversation, clientId, () => ({ state: 'lost', error: messageOf(error) }))
    return
  }
  sessionStorage.removeItem(RUN_KEY)
  for (const key of ['threads', 'memories']) void client.invalidateQueries({ queryKey: [key] })
}

/** What an event changes. Parts that come twice, after a cut, are shown once. */
export function apply(exchange: Exchange, event: AnswerEvent): Partial<Exchange> {
  switch (event.type) {
    case 'run':
      return { run: event.run, state: 'coming' }
    case 'status':
      return { status: event.text, state: 'coming' }
    case 'fact':
      return { facts: new Map(exchange.facts).set(event.fact.id, event.fact), state: 'coming' }
    case 'sentence': {
      const { id, text, facts } = event
      if (exchange.sentences.some((one) => one.id === id)) return { state: 'coming' }
      return { sentences: [...exchange.sentences, { id, text, facts }], state: 'coming' }
    }
    case 'memory':
      return { memories: [...exchange.memories.filter(({ id }) => id !== event.record.id), event.record] }
    case 'degraded': {
      const { node, reason } = event
      if (exchange.degraded.some((one) => one.node === node && one.reason === reason)) return {}
      return { degraded: [...exchange.degraded, { node, reason }] }
    }
    case 'error':
      return { error: event.message }
    case 'cut':
      return { state: 'cut' }
    case 'end':
      return { state: event.state, status: '' }
  }
}

function newExchange(question: string, run: string | null): Exchange {
  return {
    clientId: crypto.randomUUID(),
    question,
    run,
    state: 'coming',
    status: '',
    sentences: [],
    facts: new Map(),
    memories: [],
    degraded: [],
    error: null,
  }
}

function keepRun(thread: string, run: string): void {
  sessionStorage.setItem(RUN_KEY, JSON.stringify({ thread, run }))
}

function keptRun(thread: string): string | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(RUN_KEY) ?? 'null') as { thread: string; run: string } | null
    return kept?.thread === thread ? kept.run : null
  } catch {
    return null
  }
}
