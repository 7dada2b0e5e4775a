import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How the server answers one request. */
export type ServerReply =
  | { kind: 'text'; chunks: readonly string[] }
  | { kind: 'calls'; calls: readonly { name: string; args: string }[]; text?: string }
  /** Streams these pieces and cuts the connection. */
  | { kind: 'breaks'; chunks: readonly string[] }
  /** Streams what is no JSON. */
  | { kind: 'rubbish' }
  /** Streams JSON of another shape. */
  | { kind: 'nonsense' }
  /** 200 with a page of HTML, as a proxy in between does. */
  | { kind: 'html' }
  /** 200, and a stream without a single piece. */
  | { kind: 'empty' }
  | { kind: 'status'; status: number; retryAfter?: number }
  /** Accepts and never answers. */
  | { kind: 'hangs' }
  /** Streams these pieces and then nothing. */
  | { kind: 'stalls'; chunks: readonly string[] }

/** A request that the server got. */
export interface ServerRequest {
  path: string
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: Record<string, unknown>
}

/** A running server. */
export interface OpenAiServer {
  /** For `baseURL`: ends in `/v1`. */
  readonly url: string
  readonly requests: readonly ServerRequest[]
  /** Requests whose connection the client closed before the answer was over. */
  readonly hungUp: () => number
  close(): Promise<void>
}

/**
 * A server on a loopback port that speaks OpenAI's chat completions, for tests: it follows `script`, one reply per
 * request, the last one for ever. It streams, calls tools, breaks off, returns rubbish, refuses, and hangs.
 */
export async function startOpenAiServer(script: readonly ServerReply[]): Promise<OpenAiServer> {
  const requests: ServerRequest[] = []
  let hungUp = 0
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    const reply = script[Math.min(requests.length, script.length - 1)]
    requests.push({ path: request.url ?? '', headers: request.headers, body })
    response.on('close', () => {
      if (!response.writableFinished) hungUp += 1
    })
    if (reply) await send(reply, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    hungUp: () => hungUp,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  for await (const chunk of request) text += chunk
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

function frame(delta: Record<string, unknown>, finish: string | null = null): string {
  const choice = { index: 0, delta, finish_reason: finish }
  const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'test', choices: [choice] }
  return `data: ${JSON.stringify(chunk)}\n\n`
}

async function send(reply: ServerReply, response: ServerResponse): Promise<void> {
  const stream = () => response.writeHead(200, { 'content-type': 'text/event-stream' })
  /** Each piece is a write of its own, flushed before the next. */
  const write = (text: string) => new Promise<void>((resolve) => response.write(text, () => resolve()))
  switch (reply.kind) {
    case 'text':
    case 'breaks':
    case 'stalls': {
      stream()
      await write(frame({ role: 'assistant', content: '' }))
      for (const content of reply.chunks) await write(frame({ content }))
      if (reply.kind === 'breaks') response.destroy()
      if (reply.kind === 'text') response.end(`${frame({}, 'stop')}data: [DONE]\n\n`)
      return
    }
    case 'calls': {
      stream()
      await write(frame({ role: 'assistant', content: reply.text ?? null }))
      for (const [index, { name, args }] of reply.calls.entries()) {
        await write(
          frame({ tool_calls: [{ index, id: `call_${index}`, type: 'function', function: { name, arguments: '' } }] }),
        )
        // Arguments come in pieces that are no JSON by themselves.
        for (const piece of args.match(/.{1,7}/gs) ?? []) {
          await write(frame({ tool_calls: [{ index, function: { arguments: piece } }] }))
        }
      }
      response.end(`${frame({}, 'tool_calls')}data: [DONE]\n\n`)
      return
    }
    case 'rubbish':
      stream()
      response.end('data: {"choices":[{"delta":{"content":"hal\n\ndata: ]]>>\n\n')
      return
    case 'nonsense':
      stream()
      response.end('data: {"hello":"world"}\n\ndata: [DONE]\n\n')
      return
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end('<!doctype html><h1>Gateway says hello</h1>')
      return
    case 'empty':
      stream()
      response.end('data: [DONE]\n\n')
      return
    case 'status':
      response.writeHead(reply.status, {
        'content-type': 'application/json',
        ...(reply.retryAfter === undefined ? {} : { 'retry-after': String(reply.retryAfter) }),
      })
      response.end(JSON.stringify({ error: { message: 'CANARY of the vendor', type: 'error' } }))
      return
    case 'hangs':
      return
  }
}
