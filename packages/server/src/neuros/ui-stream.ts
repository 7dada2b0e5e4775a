import type { AnswerPart } from '@auren/core'
import type { ServerEvent } from '../http/sse.js'

/** Header that tells AI SDK clients which protocol this is. */
export const UI_STREAM_HEADERS = { 'x-vercel-ai-ui-message-stream': 'v1' } as const

/** A journaled part with its place in the run. */
export interface NumberedPart {
  seq: number
  part: AnswerPart
}

/**
 * Turns verified parts into the AI SDK's UI message stream (version 1). Each journaled part becomes frames that share
 * its `id`, so that `Last-Event-ID` resumes after whole parts: a client never sees half of one twice.
 */
export async function* uiStream(
  run: string,
  parts: AsyncIterable<NumberedPart>,
  resumed: boolean,
): AsyncIterable<ServerEvent> {
  if (!resumed) yield frame({ type: 'start', messageId: run })
  for await (const { seq, part } of parts) {
    const frames = framesOf(run, seq, part)
    for (const [index, data] of frames.entries()) {
      // Only the last frame of a part carries the id: a cut in the middle is sent again whole.
      yield index === frames.length - 1 ? { ...frame(data), id: seq } : frame(data)
    }
  }
  yield { data: '[DONE]' }
}

function frame(data: unknown): ServerEvent {
  return { data: JSON.stringify(data) }
}

function framesOf(run: string, seq: number, part: AnswerPart): unknown[] {
  const id = `${run}-${seq}`
  switch (part.type) {
    case 'sentence':
      return [
        { type: 'text-start', id },
        { type: 'text-delta', id, delta: `${part.text} ` },
        { type: 'text-end', id },
        { type: 'data-sentence', id, data: { text: part.text, facts: part.facts } },
      ]
    case 'fact':
      return [{ type: 'data-fact', id: part.fact.id, data: part.fact }]
    case 'memory':
      return [{ type: 'data-memory', id: part.record.id, data: part.record }]
    case 'status':
      return [{ type: 'data-status', data: { phase: part.phase, text: part.text }, transient: true }]
    case 'degraded':
      return [{ type: 'data-degraded', data: { node: part.node, reason: part.reason } }]
    case 'error':
      return [{ type: 'error', errorText: part.message }]
    case 'finish':
      return part.state === 'cancelled'
        ? [{ type: 'abort' }]
        : [{ type: 'finish', messageMetadata: { run: part.run, state: part.state } }]
  }
}
