import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { startOpenAiServer } from '../../core/src/testing/openai-server.js'
import { testModel } from '../../core/src/testing/test-model.js'
import { openai } from '../src/models/openai/index.js'

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
