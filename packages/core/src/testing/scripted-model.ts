import { AurenError } from '../errors.js'
import type { ModelMessage, ModelPart, ModelProvider, ModelTool } from '../reasoning/model.js'

/** What a scripted model answers to one call. */
export interface ScriptedTurn {
  /** Text, streamed in these pieces. */
  text?: string | readonly string[]
  /** Tool calls, after the text. */
  calls?: readonly { name: string; args: unknown }[]
  /** Fails after the text instead of ending. */
  fails?: Error
  /** Says nothing more until its signal is raised. */
  hangs?: boolean
  /** Throws where the call is not what the script expects. */
  expects?(messages: readonly ModelMessage[], tools: readonly ModelTool[]): void
}

/** A model that follows a script. */
export interface ScriptedModel extends ModelProvider {
  /** Calls so far. */
  readonly calls: readonly { messages: readonly ModelMessage[]; tools: readonly ModelTool[] }[]
  /** @throws AurenError AUREN_INTERNAL when turns of the script were not used, or a call came that it does not know. */
  assertDone(): void
}

/**
 * A model whose every call is written down before: a call that the script does not know fails, and so does
 * `assertDone` while turns are left. Turns may be functions of the messages, for ids that are not known beforehand.
 */
export function scriptedModel(
  script: readonly (ScriptedTurn | ((messages: readonly ModelMessage[]) => ScriptedTurn))[],
): ScriptedModel {
  const calls: { messages: readonly ModelMessage[]; tools: readonly ModelTool[] }[] = []
  const broken: string[] = []
  return {
    name: 'scripted',
    calls,
    async *stream(messages, { tools = [], signal }): AsyncIterable<ModelPart> {
      const entry = script[calls.length]
      calls.push({ messages: structuredClone(messages), tools })
      if (entry === undefined) {
        broken.push(`call ${calls.length} is not in the script`)
        throw new AurenError('AUREN_INTERNAL', `The script has no call ${calls.length}`)
      }
      const turn = typeof entry === 'function' ? entry(messages) : entry
      try {
        turn.expects?.(messages, tools)
      } catch (error) {
        broken.push(`call ${calls.length}: ${error instanceof Error ? error.message : String(error)}`)
        throw error
      }
      for (const text of typeof turn.text === 'string' ? [turn.text] : (turn.text ?? [])) {
        signal.throwIfAborted()
        yield { type: 'text', text }
      }
      if (turn.hangs) await aborted(signal)
      if (turn.fails) throw turn.fails
      for (const [index, call] of (turn.calls ?? []).entries()) {
        yield { type: 'tool_call', id: `call_${calls.length}_${index}`, ...call }
      }
      yield { type: 'end', reason: turn.calls ? 'tool_calls' : 'stop' }
    },
    assertDone() {
      if (calls.length < script.length) broken.push(`${script.length - calls.length} turns of the script were not used`)
      if (broken.length > 0) throw new AurenError('AUREN_INTERNAL', broken.join('; '))
    },
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
