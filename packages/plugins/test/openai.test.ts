import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type ServerReply, startOpenAiServer } from '../../core/src/testing/openai-server.js'
import { testModel } from '../../core/src/testing/test-model.js'
import { openai } from '../src/models/openai/index.js'
import { ask, numbers, rendered, steps } from './neuros/answer.js'

const context = { log: () => undefined, now: () => 0 }
afterEach(() => vi.unstubAllEnvs())

describe('openai', () => {
  testModel({
    it,
    create: ({ url, timeoutMs }) => openai({ model: 'test', baseURL: url, apiKey: 'k', timeoutMs }).open(context),
  })

  it('says how long to wait, and whether another try can help', async () => {
    for (const [status, retryable] of [
      [429, true],
      [401, false],
      [404, false],
    ] as const) {
      const server = await startOpenAiServer([{ kind: 'status', status, retryAfter: 7 }])
      const model = await openai({ model: 'test', baseURL: server.url, apiKey: 'k' }).open(context)
      const read = async () => {
        for await (const _ of model.stream([{ role: 'user', content: 'x' }], { signal: new AbortController().signal }));
      }
      await expect(read()).rejects.toMatchObject({ retryable, ...(status === 429 ? { retryAfter: 7 } : {}) })
      await server.close()
    }
  })

  it('sends words to its endpoint and to nobody else, whatever LangSmith’s variables say', async () => {
    const others: string[] = []
    const elsewhere = createServer((request, response) => {
      others.push(request.url ?? '')
      response.end('{}')
    }).listen(0, '127.0.0.1')
    await once(elsewhere, 'listening')
    const address = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`
    for (const prefix of ['LANGSMITH', 'LANGCHAIN']) {
      vi.stubEnv(`${prefix}_TRACING`, 'true')
      vi.stubEnv(`${prefix}_TRACING_V2`, 'true')
      vi.stubEnv(`${prefix}_ENDPOINT`, address)
      vi.stubEnv(`${prefix}_API_KEY`, 'key')
    }
    vi.stubEnv('LANGSMITH_GATEWAY', address)
    const server = await startOpenAiServer([{ kind: 'text', chunks: ['Yes.'] }])
    const model = await openai({ model: 'test', baseURL: server.url, apiKey: 'k' }).open(context)
    for await (const _ of model.stream([{ role: 'user', content: 'WORDS' }], { signal: new AbortController().signal }));
    const { awaitAllCallbacks } = await import('@langchain/core/callbacks/promises')
    await awaitAllCallbacks()
    expect(server.requests).toHaveLength(1)
    expect(others).toEqual([])
    await server.close()
    elsewhere.closeAllConnections()
    elsewhere.close()
  })
})

describe('NEUROS with this model', () => {
  const told = async (script: readonly ServerReply[]) => {
    const server = await startOpenAiServer(script)
    const model = await openai({ model: 'test', baseURL: server.url, apiKey: 'k', timeoutMs: 2_000 }).open(context)
    const answer = await ask(numbers, { model })
    await server.close()
    return { ...answer, requests: server.requests }
  }
  const whole = `${rendered.charAt(0).toUpperCase()}${rendered.slice(1)}.`

  it('lets it call the query tool and write with what it got', async () => {
    const { sentences, degraded, requests } = await told([
      { kind: 'calls', calls: [{ name: 'query', args: JSON.stringify(steps) }] },
      { kind: 'text', chunks: ['You took ', '{{fact', ':f1}}.'] },
    ])
    expect(degraded).toEqual([])
    expect(sentences[0]).toBe(`You took ${rendered}.`)
    const messages = requests[1]?.body.messages as { role: string; content: string }[] | undefined
    expect(messages?.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool'])
    expect(JSON.parse(messages?.[3]?.content ?? '{}')).toMatchObject({ id: 'f1', value: 8214 })
  })

  it.each<[string, ServerReply]>([
    ['breaks off', { kind: 'breaks', chunks: ['You took 9,999'] }],
    ['returns rubbish', { kind: 'rubbish' }],
    ['returns HTML', { kind: 'html' }],
    ['asks to slow down', { kind: 'status', status: 429 }],
  ])('tells the facts itself when the endpoint %s', async (_name, reply) => {
    const { sentences, degraded, parts } = await told([reply])
    expect(sentences[0]).toBe(whole)
    expect(degraded).toEqual([['composer', 'The model did not answer as expected']])
    expect(JSON.stringify(parts)).not.toContain('9,999')
  })
})
