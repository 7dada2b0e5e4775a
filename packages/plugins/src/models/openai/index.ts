import {
  AurenError,
  allowsOwn,
  createGuardedFetch,
  defineModel,
  type GuardedFetch,
  type ModelMessage,
  type ModelPart,
  type ModelProvider,
  timeLimit,
  untraced,
} from '@auren/core'
import { failure } from './failure.js'

/** Settings of the model. */
export interface OpenAiOptions {
  /** Name of the model, as the endpoint knows it. */
  model: string
  /** Any endpoint that speaks OpenAI's chat completions. Default https://api.openai.com/v1 */
  baseURL?: string
  /** Absent: the environment's OPENAI_API_KEY; endpoints of your own may need none. */
  apiKey?: string
  /** Time for one answer, in ms. Default 60,000. */
  timeoutMs?: number
  /**
   * The name in `baseURL` may lead into a private network. An address written out, and `localhost`, always may; of names,
   * only those that resolve to public addresses, unless this is set.
   */
  privateNetwork?: boolean
  /** Asks the endpoint how many tokens a call took (`stream_options`); false for one that refuses that. Default true. */
  countTokens?: boolean
}

const DEFAULT_BASE_URL = 'https://api.openai.com/v1'
/** Longest answer, as it streams: a hundred times what a long one has. */
const MOST_BYTES = 8 * 1024 * 1024
const PEER = '@langchain/openai'

/**
 * A language model behind any OpenAI-compatible endpoint, through @langchain/openai, which is imported at the first
 * question. Streams; calls tools; stops with its signal. Whatever the endpoint does wrong is AUREN_MODEL_FAILED.
 */
export function openai({
  model,
  baseURL = DEFAULT_BASE_URL,
  apiKey,
  timeoutMs = 60_000,
  privateNetwork = false,
  countTokens = true,
}: OpenAiOptions) {
  return defineModel({
    kind: 'model',
    id: 'openai',
    version: '1.0.0',
    peers: { [PEER]: '^1.5.0' },
    async open(): Promise<ModelProvider> {
      let chat: Promise<Chat> | undefined
      return {
        name: model,
        async *stream(messages, { tools = [], signal }) {
          const over = timeLimit(timeoutMs)
          const stop = AbortSignal.any([signal, over])
          try {
            stop.throwIfAborted()
            chat ??= createChat({ model, baseURL, apiKey, timeoutMs, privateNetwork, countTokens })
            const functions = tools.map(({ name, description, schema }) => ({
              type: 'function' as const,
              function: { name, description, parameters: schema },
            }))
            const bound = functions.length > 0 ? (await chat).bindTools(functions) : await chat
            yield* read(bound, await toLangChain(messages), stop)
          } catch (error) {
            throw failure(error, { aborted: signal.aborted, timedOut: over.aborted })
          }
        },
      }
    },
  })
}

/** What is used of LangChain's chat model and of its pieces. */
interface Chat {
  bindTools(tools: readonly unknown[]): Chat
  stream(messages: unknown, options: Record<string, unknown>): Promise<AsyncIterable<Chunk>>
}
interface Chunk {
  content: unknown
  concat(next: Chunk): Chunk
  tool_call_chunks?: { id?: string; name?: string; args?: string }[]
  response_metadata?: Record<string, unknown>
  usage_metadata?: { input_tokens?: number; output_tokens?: number }
}

async function createChat(options: {
  model: string
  baseURL: string
  apiKey: string | undefined
  timeoutMs: number
  privateNetwork: boolean
  countTokens: boolean
}): Promise<Chat> {
  const { ChatOpenAI } = await import('@langchain/openai').catch((cause: unknown) => {
    throw new AurenError('AUREN_PEER_MISSING', `openai() needs the package ${PEER}. Install it: npm install ${PEER}`, {
      cause,
      plugin: 'openai',
    })
  })
  const { apiKey = process.env.OPENAI_API_KEY ?? 'none' } = options
  return new ChatOpenAI({
    model: options.model,
    apiKey,
    timeout: options.timeoutMs,
    streaming: true,
    streamUsage: options.countTokens,
    // The run has its own fallback; a second try would only make a person wait.
    maxRetries: 0,
    useResponsesApi: false,
    // Always given: without it, an environment variable alone would send a person's words to a gateway.
    // Its logger writes what it cannot parse to the console, and that may be a person's words.
    configuration: {
      baseURL: options.baseURL,
      logLevel: 'off',
      fetch: boundedFetch(options) as typeof globalThis.fetch,
    },
  }) as unknown as Chat
}

/** Only to the endpoint itself, at an address that it may have, without redirects, and no more than an answer can need. */
function boundedFetch({ baseURL, privateNetwork }: { baseURL: string; privateNetwork: boolean }): GuardedFetch {
  const guarded = createGuardedFetch({ allows: allowsOwn(new URL(baseURL), privateNetwork) })
  return async (address, init) => {
    const answer = await guarded(address, init)
    if (!answer.body) return answer
    let size = 0
    const limit = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        size += chunk.length
        if (size <= MOST_BYTES) return controller.enqueue(chunk)
        controller.error(
          new AurenError('AUREN_MODEL_FAILED', `The model’s endpoint answered with more than ${MOST_BYTES} bytes`, {
            plugin: 'openai',
            retryable: false,
          }),
        )
      },
    })
    return new Response(answer.body.pipeThrough(limit), answer)
  }
}

/** Reads pieces as they come; each step runs untraced, because a generator runs where its reader is. */
async function* read(chat: Chat, messages: unknown, signal: AbortSignal): AsyncGenerator<ModelPart> {
  const pieces = await untraced(async (callbacks) =>
    (await chat.stream(messages, { signal, callbacks }))[Symbol.asyncIterator](),
  )
  let whole: Chunk | undefined
  for (;;) {
    const step = await Promise.race([untraced(() => pieces.next()), rejected(signal)])
    if (step.done) break
    whole = whole ? whole.concat(step.value) : step.value
    const text = textOf(step.value.content)
    if (text !== '') yield { type: 'text', text }
  }
  const reason = whole?.response_metadata?.finish_reason
  if (!whole || typeof reason !== 'string') {
    throw new AurenError('AUREN_MODEL_FAILED', 'The model’s answer broke off before its end', { plugin: 'openai' })
  }
  for (const [index, call] of (whole.tool_call_chunks ?? []).entries()) {
    yield { type: 'tool_call', id: call.id ?? `call_${index}`, name: call.name ?? '', args: parsed(call.args ?? '{}') }
  }
  const { input_tokens: input, output_tokens: output } = whole.usage_metadata ?? {}
  yield { type: 'end', reason, ...(input === undefined || output === undefined ? {} : { tokens: { input, output } }) }
}

/** Strictly: LangChain itself would repair half a JSON into a call that nobody made. */
function parsed(args: string): unknown {
  try {
    return JSON.parse(args === '' ? '{}' : args)
  } catch (cause) {
    throw new AurenError('AUREN_MODEL_FAILED', 'The model called a tool with arguments that are no JSON', {
      cause,
      plugin: 'openai',
    })
  }
}

function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content
    .map((block: { type?: string; text?: unknown }) =>
      block.type === 'text' && typeof block.text === 'string' ? block.text : '',
    )
    .join('')
}

async function toLangChain(messages: readonly ModelMessage[]): Promise<unknown> {
  const { AIMessage, HumanMessage, SystemMessage, ToolMessage } = await import('@langchain/core/messages')
  return messages.map(({ role, content, toolCalls, toolCallId }) => {
    if (role === 'system') return new SystemMessage(content)
    if (role === 'user') return new HumanMessage(content)
    if (role === 'tool') return new ToolMessage({ content, tool_call_id: toolCallId ?? '' })
    const calls = (toolCalls ?? []).map(({ id, name, args }) => ({ id, name, args: args as Record<string, unknown> }))
    return new AIMessage({ content, tool_calls: calls })
  })
}
