import assert from 'node:assert/strict'
import { isAurenError } from '../errors.js'
import type { ModelPart, ModelProvider, ModelTool } from '../reasoning/model.js'
import { type OpenAiServer, type ServerReply, startOpenAiServer } from './openai-server.js'

/** What the suite needs of the test runner, and of the plugin under test. */
export interface TestModelOptions {
  it(name: string, run: () => Promise<void>): void
  /** The model over a server at `url`, giving up after `timeoutMs`. */
  create(server: { url: string; timeoutMs: number }): Promise<ModelProvider>
}

const tool: ModelTool = {
  name: 'query',
  description: 'Computes',
  schema: { type: 'object', properties: { metric: { type: 'string' } }, required: ['metric'] },
}

/**
 * Conformance of a model plugin that speaks OpenAI's chat completions: streaming, tool calls, abort, time-out, and
 * every way in which an endpoint goes wrong, each of which must be an AurenError that holds no word of the endpoint's.
 */
export function testModel({ it, create }: TestModelOptions): void {
  const against = async (
    script: readonly ServerReply[],
    run: (model: ModelProvider, server: OpenAiServer) => Promise<void>,
    timeoutMs = 20_000,
  ): Promise<void> => {
    const server = await startOpenAiServer(script)
    try {
      await run(await create({ url: server.url, timeoutMs }), server)
    } finally {
      await server.close()
    }
  }
  const question = [
    { role: 'system' as const, content: 'Be brief' },
    { role: 'user' as const, content: 'How many?' },
  ]
  const never = () => new AbortController().signal
  const all = async (model: ModelProvider, signal = never(), tools: ModelTool[] = []): Promise<ModelPart[]> => {
    const parts: ModelPart[] = []
    for await (const part of model.stream(question, { signal, tools })) parts.push(part)
    return parts
  }
  const code = async (work: Promise<unknown>): Promise<string> => {
    try {
      await work
    } catch (error) {
      assert.ok(isAurenError(error), `not an AurenError: ${String(error)}`)
      assert.doesNotMatch(error.message, /CANARY|Gateway says/)
      return error.code
    }
    return 'nothing was thrown'
  }

  it('streams text in the order it comes, and ends', () =>
    against([{ kind: 'text', chunks: ['You ', 'walked ', '{{fact:x}}.'] }], async (model, server) => {
      const parts = await all(model)
      const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
      assert.equal(texts.join(''), 'You walked {{fact:x}}.')
      assert.ok(texts.length >= 3, 'pieces come one by one')
      assert.deepEqual(parts.at(-1), { type: 'end', reason: 'stop' })
      assert.equal(server.requests[0]?.body.stream, true)
      const sent = server.requests[0]?.body.messages as { role: string }[] | undefined
      assert.deepEqual(
        sent?.map(({ role }) => role),
        ['system', 'user'],
      )
    }))

  it('gives tool calls whole, with their arguments parsed', () =>
    against([{ kind: 'calls', calls: [{ name: 'query', args: '{"metric":"steps"}' }] }], async (model, server) => {
      const parts = await all(model, never(), [tool])
      assert.deepEqual(
        parts.filter((part) => part.type === 'tool_call'),
        [{ type: 'tool_call', id: 'call_0', name: 'query', args: { metric: 'steps' } }],
      )
      const sent = server.requests[0]?.body.tools as { function: { name: string; parameters: unknown } }[] | undefined
      assert.equal(sent?.[0]?.function.name, 'query')
      assert.deepEqual(sent?.[0]?.function.parameters, tool.schema)
    }))

  it('hands results of tools back', () =>
    against([{ kind: 'text', chunks: ['Done.'] }], async (model, server) => {
      const messages = [
        ...question,
        {
          role: 'assistant' as const,
          content: '',
          toolCalls: [{ id: 'call_0', name: 'query', args: { metric: 'steps' } }],
        },
        { role: 'tool' as const, content: '{"id":"x"}', toolCallId: 'call_0' },
      ]
      for await (const _ of model.stream(messages, { signal: never(), tools: [tool] }));
      const sent = server.requests[0]?.body.messages as Record<string, unknown>[]
      assert.equal(sent[3]?.role, 'tool')
      assert.equal(sent[3]?.tool_call_id, 'call_0')
      assert.match(JSON.stringify(sent[2]?.tool_calls), /steps/)
    }))

  const failing: [string, ServerReply][] = [
    ['a stream that breaks off', { kind: 'breaks', chunks: ['You walked'] }],
    ['rubbish instead of JSON', { kind: 'rubbish' }],
    ['JSON of another shape', { kind: 'nonsense' }],
    ['a page of HTML', { kind: 'html' }],
    ['an empty stream', { kind: 'empty' }],
    ['arguments of a tool that are no JSON', { kind: 'calls', calls: [{ name: 'query', args: '{"metric":' }] }],
    ['a refusal for too many requests', { kind: 'status', status: 429, retryAfter: 7 }],
    ['a failure of the endpoint', { kind: 'status', status: 500 }],
    ['a key that is refused', { kind: 'status', status: 401 }],
  ]
  for (const [name, reply] of failing) {
    it(`fails as AUREN_MODEL_FAILED on ${name}`, () =>
      against([reply], async (model) => {
        assert.equal(await code(all(model, never(), [tool])), 'AUREN_MODEL_FAILED')
      }))
  }

  for (const reply of [{ kind: 'hangs' }, { kind: 'stalls', chunks: ['You '] }] as const) {
    it(`gives up on an endpoint that ${reply.kind}`, () =>
      against([reply], async (model) => assert.equal(await code(all(model)), 'AUREN_TIMEOUT'), 150))

    it(`stops at once when aborted while the endpoint ${reply.kind}`, () =>
      against([reply], async (model, server) => {
        const stop = new AbortController()
        const reading = code(all(model, stop.signal))
        while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
        stop.abort()
        assert.equal(await reading, 'AUREN_ABORTED')
      }))
  }

  it('asks nothing when it is aborted before', () =>
    against([{ kind: 'text', chunks: ['No'] }], async (model, server) => {
      assert.equal(await code(all(model, AbortSignal.abort())), 'AUREN_ABORTED')
      assert.equal(server.requests.length, 0)
    }))
}
