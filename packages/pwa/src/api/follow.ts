import { address, NEUROS } from './address'
import { request } from './http'
import { Problem } from './problem'
import { readEvents } from './sse'
import type { Fact, MemoryRecord, RunState } from './wire'

/** What happens while an answer comes. */
export type AnswerEvent =
  | { type: 'run'; run: string }
  | { type: 'status'; text: string }
  | { type: 'fact'; fact: Fact }
  | { type: 'sentence'; id: string; text: string; facts: string[] }
  | { type: 'memory'; record: Pick<MemoryRecord, 'id' | 'kind' | 'text' | 'status'> }
  | { type: 'degraded'; node: string; reason: string }
  | { type: 'error'; message: string }
  | { type: 'end'; state: RunState }
  /** The stream broke; it is being picked up again. */
  | { type: 'cut'; attempt: number }

/** Waits between attempts to pick a stream up again, in ms. */
const BACKOFF = [300, 1000, 2000, 4000, 8000, 15_000]

/** What is followed: a question to ask, or a run that was begun before. */
export interface Followed {
  thread: string
  /** Present until the run is known. The same `clientId` never asks twice. */
  ask?: { text: string; clientId: string; locale: string }
  run?: string
}

/**
 * Asks, or follows a run, and goes on from the last whole part after a cut: closing a connection does not stop a run.
 *
 * @throws Problem where the question is refused, or nothing answered for half a minute
 */
export async function* follow(what: Followed, signal: AbortSignal): AsyncIterable<AnswerEvent> {
  let run = what.run
  let last = ''
  for (let attempt = 0; ; ) {
    try {
      const response = run ? await resume(what.thread, run, last, signal) : await ask(what, signal)
      const named = response.headers.get('x-auren-run')
      if (named && named !== run) {
        run = named
        yield { type: 'run', run }
      }
      for await (const { id, data } of readEvents(response)) {
        if (data === '[DONE]') return
        const event = eventOf(JSON.parse(data) as Frame)
        if (event) yield event
        if (id) last = id
        attempt = 0
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof Problem && !error.temporary) throw error
      if (attempt >= BACKOFF.length) throw error instanceof Problem ? error : lost()
    }
    // The stream ended without saying so: that is a cut, whatever the reason.
    if (attempt >= BACKOFF.length) throw lost()
    yield { type: 'cut', attempt: attempt + 1 }
    await pause(BACKOFF[attempt] ?? 0, signal)
    if (signal.aborted) return
    attempt += 1
  }
}

const lost = () =>
  new Problem(0, '', 'The connection was lost. The answer goes on without this page; try again to see it.')

function ask({ thread, ask: question }: Followed, signal: AbortSignal): Promise<Response> {
  return request(address(NEUROS, ['threads', thread, 'messages']), {
    method: 'POST',
    body: JSON.stringify(question),
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    signal,
  })
}

function resume(thread: string, run: string, last: string, signal: AbortSignal): Promise<Response> {
  return request(address(NEUROS, ['threads', thread, 'runs', run, 'stream']), {
    headers: { accept: 'text/event-stream', ...(last ? { 'last-event-id': last } : {}) },
    signal,
  })
}

/** A frame of the AI SDK's UI message stream, as NEUROS writes it. */
interface Frame {
  type: string
  id?: string
  data?: unknown
  errorText?: string
  messageMetadata?: { state?: RunState }
}

/** Plain text frames are for other clients: here a sentence comes as one, with its facts. */
function eventOf(frame: Frame): AnswerEvent | null {
  switch (frame.type) {
    case 'data-sentence': {
      const { text, facts } = frame.data as { text: string; facts: string[] }
      return { type: 'sentence', id: frame.id ?? '', text, facts }
    }
    case 'data-fact':
      return { type: 'fact', fact: frame.data as Fact }
    case 'data-memory':
      return { type: 'memory', record: frame.data as MemoryRecord }
    case 'data-status':
      return { type: 'status', text: (frame.data as { text: string }).text }
    case 'data-degraded':
      return { type: 'degraded', ...(frame.data as { node: string; reason: string }) }
    case 'error':
      return { type: 'error', message: frame.errorText ?? '' }
    case 'abort':
      return { type: 'end', state: 'cancelled' }
    case 'finish':
      return { type: 'end', state: frame.messageMetadata?.state ?? 'done' }
    default:
      return null
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
