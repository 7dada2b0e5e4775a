import { randomUUID } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { listen, type StoredMessage } from '@auren/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLog } from '../src/log.js'
import { logWork } from '../src/observe/work.js'
import { beginSpan, currentSpan, runInSpan, traceparent } from '../src/trace.js'
import { answerOf, type Installation, install } from './harness.js'

// From W3C Trace Context, level 1, §3.2.
const GIVEN = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const TRACE = '0af7651916cd43dd8448eb211c80319c'

describe('a span', () => {
  it('goes on with a valid traceparent, as a step of its own', () => {
    const span = beginSpan(GIVEN)
    expect(span).toMatchObject({ trace: TRACE, parent: 'b7ad6b7169203331', flags: '01' })
    expect(span.span).toMatch(/^[\da-f]{16}$/)
    expect(span.span).not.toBe(span.parent)
    expect(traceparent(span)).toBe(`00-${TRACE}-${span.span}-01`)
  })

  it.each([
    undefined,
    '',
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
    '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
    `${GIVEN}-more`,
    `${GIVEN}\r\nx: y`,
    'CANARY-7f3',
  ])('begins a trace of its own where it is given %j', (given) => {
    const [one, other] = [beginSpan(given), beginSpan(given)]
    expect(one.parent).toBeNull()
    expect(one.trace).toMatch(/^(?!0{32})[\da-f]{32}$/)
    expect(one.trace).not.toBe(TRACE)
    expect(one.trace).not.toBe(other.trace)
  })

  it('is known to whatever runs in it, and to nothing else', async () => {
    const [one, other] = [beginSpan(), beginSpan()]
    const seen = await Promise.all(
      [one, other].map((span) => runInSpan(span, async () => Promise.resolve().then(() => currentSpan()?.span))),
    )
    expect(seen).toEqual([one.span, other.span])
    expect(currentSpan()).toBeUndefined()
  })
})

describe('a trace through the services', () => {
  let here: Installation
  beforeAll(async () => {
    here = await install()
  })
  afterAll(async () => {
    await here.close()
    await here.remove()
  })

  const send = (traceparentHeader?: string) =>
    fetch(`${here.services.addresses.biometric}/v1/observations`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
        ...(traceparentHeader === undefined ? {} : { traceparent: traceparentHeader }),
      },
      body: JSON.stringify({
        observations: [
          { shape: 'sample', metric: 'heart_rate', start: '2026-03-01T08:00:00+01:00', value: 60, unit: '/min' },
        ],
      }),
    })

  it('is the id of the request, and reaches the consumer and its log', async () => {
    const heard: StoredMessage[] = []
    const lines: Record<string, unknown>[] = []
    const stop = [
      listen('stored', (message) => heard.push(message)),
      logWork(createLog('info', { destination: { write: (line) => lines.push(JSON.parse(line)) } })),
    ]
    const answer = await send(GIVEN)
    expect([answer.status, answer.headers.get('x-request-id')]).toEqual([200, TRACE])
    await here.auren.ingest.settled()
    for (const one of stop) one()

    const [carried] = heard.flatMap(({ traces }) => traces ?? [])
    // The envelope carries the request's own step, whose parent the caller was.
    expect(carried).toMatch(new RegExp(`^00-${TRACE}-(?!b7ad6b7169203331)[\\da-f]{16}-01$`))
    const stored = lines.find(({ msg }) => msg === 'stored')
    expect(stored).toMatchObject({ trace_id: TRACE, traces: [TRACE], envelopes: 1, observations: 1 })
    expect(stored?.span_id).not.toBe(carried?.split('-')[2])
  })

  it('begins here where the caller sent none, or rubbish', async () => {
    for (const header of [undefined, 'CANARY-7f3']) {
      const id = (await send(header)).headers.get('x-request-id')
      expect(id).toMatch(/^[\da-f]{32}$/)
    }
  })
})

describe('a trace ends where others begin', () => {
  const asked: { path: string; headers: IncomingHttpHeaders }[] = []
  const others = createServer((request, response) => {
    asked.push({ path: request.url ?? '', headers: request.headers })
    response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}')
  })
  let here: Installation
  beforeAll(async () => {
    await new Promise<void>((resolve) => others.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(others.address() as AddressInfo).port}`
    here = await install({
      OURA_CLIENT_ID: 'client',
      OURA_CLIENT_SECRET: 's3cret',
      OURA_VERIFICATION_TOKEN: 'token',
      OURA_BASE_URL: url,
      AUREN_MODEL: 'm',
      AUREN_MODEL_URL: `${url}/v1`,
    })
  })
  afterAll(async () => {
    await here.close()
    await here.remove()
    others.closeAllConnections()
    others.close()
  })

  it('neither a vendor nor a model learns which request led to theirs', async () => {
    const { state } = await here.client.call<{ state: string }>('biometric', 'POST', '/v1/connections/oura')
    const callback = `/v1/connections/oura/callback?code=c&state=${encodeURIComponent(state)}`
    await fetch(`${here.services.addresses.biometric}${callback}`, { headers: { traceparent: GIVEN } })
    await answerOf(here.client, 'Hello there, how are you doing these days?', '2026-03-02')
    const paths = asked.map(({ path }) => path)
    expect(paths.some((path) => path.includes('token'))).toBe(true)
    expect(paths.some((path) => path.includes('chat/completions'))).toBe(true)
    for (const { headers } of asked) {
      expect(Object.keys(headers).filter((name) => /trace|baggage|request-id/.test(name))).toEqual([])
      expect(JSON.stringify(headers)).not.toContain(TRACE)
    }
  })
})
