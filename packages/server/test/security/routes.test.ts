import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Answer } from '../identity-http.js'
import { type Operation, operationsOf, startTwo, type Two } from './two-persons.js'

const servers = vi.hoisted(() => [] as Server[])
vi.mock('../../src/http/server.js', async (original) => {
  const real = await original<typeof import('../../src/http/server.js')>()
  return {
    ...real,
    createBoundedServer: () => {
      const server = real.createBoundedServer()
      servers.push(server)
      return server
    },
  }
})

const canary = 'CANARY-ann-7f3'
let two: Two
let operations: Operation[]
/** What is Ann's, by where it can stand in a request. */
let anns: Record<'import' | 'replay' | 'quarantine' | 'thread' | 'run' | 'memory' | 'contradiction' | 'token', string>
/** What Ben was answered before there was anything of Ann's. */
let before: Map<string, Answer>

/** Where an id can stand, and whose it is. Everything else that a request can say must be listed as no id. */
const ids: Record<string, keyof typeof anns> = {
  '/v1/imports/{id}': 'import',
  '/v1/imports/{id}/parts': 'import',
  '/v1/imports/{id}/file': 'import',
  '/v1/imports/{id}/start': 'import',
  '/v1/imports/{id}/events': 'import',
  '/v1/imports/{id}/withdrawal': 'import',
  '/v1/replays/{id}': 'replay',
  '/v1/quarantine/{id}': 'quarantine',
  '/v1/quarantine/{id}/replay': 'quarantine',
  '/v1/operator/quarantine/{id}': 'quarantine',
  '/v1/operator/quarantine/{id}/replay': 'quarantine',
  '/v1/threads/{id}': 'thread',
  '/v1/threads/{id}/messages': 'thread',
  '/v1/threads/{id}/runs/{run}': 'thread',
  '/v1/threads/{id}/runs/{run}/stream': 'thread',
  '/v1/memories/{id}': 'memory',
  '/v1/memories/{id}/trace': 'memory',
  '/v1/memories/{id}/observations': 'memory',
  '/v1/contradictions/{id}': 'contradiction',
  '/v1/tokens/{id}': 'token',
}
/** Names in paths, queries and bodies that name no record of anybody. */
const noIds = new Set(
  'provider metric rung from to buckets source limit all date kind about as_of text tokens turns today confirm back reveal reason offset code state error invitation after format status open'.split(
    ' ',
  ),
)
/** Of routes whose ids are the client's own to choose: what is there for Ann is not there for Ben, so they are empty. */
const emptyForAll: Record<string, number> = { 'GET /v1/threads/{id}/messages': 200 }
/** Makes something of one's own under an id of one's choice: tried below. */
const makes = 'POST /v1/threads/{id}/messages'
/** What a route wants besides. */
const wanted: Record<string, { query?: string; body?: unknown }> = {
  'PUT /v1/imports/{id}/parts': { query: '?offset=0', body: 'bytes' },
  'PUT /v1/imports/{id}/file': { body: 'bytes' },
  'PATCH /v1/memories/{id}': { body: { text: 'mine now' } },
  'PATCH /v1/contradictions/{id}': { body: { keep: 'mine-now' } },
}

const fill = (path: string, id: string, run: string): string => path.replace('{id}', id).replace('{run}', run)
const like = (id: string): string =>
  /^[\da-f-]{36}$/.test(id)
    ? randomUUID()
    : id.replace(/[a-z0-9]/g, () => 'abcdef0123456789'[Math.floor(Math.random() * 16)] as string)
/** An answer without what names the request, and the moment. */
const shapeOf = ({ status, headers, text }: Answer, ...said: string[]): unknown => ({
  status,
  headers: Object.keys(headers).sort(),
  length: text.length,
  text: said.reduce((rest, word) => rest.replaceAll(word, '…'), text),
})

beforeAll(async () => {
  two = await startTwo()
  const { call, ann, ben, here } = two
  operations = await operationsOf(two)
  before = new Map()
  for (const operation of readable()) before.set(operation.name, await asBen(operation))

  const note = await call('neuros', 'POST', '/v1/memories', ann.token, { body: { kind: 'note', text: canary } })
  const thread = `thread-${randomUUID()}`
  const asked = await call('neuros', 'POST', `/v1/threads/${thread}/messages`, ann.token, {
    body: { text: `How did I sleep last week? ${canary}`, clientId: 'client-1' },
  })
  const upload = await call('biometric', 'POST', '/v1/imports', ann.token, { body: { name: `${canary}.zip` } })
  const token = await call('neuros', 'POST', '/v1/tokens', ann.token, { body: { name: canary } })
  const sample = { shape: 'sample', metric: 'heart_rate', start: '2026-11-20T10:00:00Z', unit: '/min', recordId: 'r1' }
  const sent = await call('biometric', 'POST', '/v1/observations', ann.token, {
    headers: { 'idempotency-key': 'key-1' },
    body: {
      app: 'watch',
      observations: [
        { ...sample, value: 61 },
        { ...sample, recordId: canary, value: 61737 },
      ],
    },
  })
  expect(sent.json).toMatchObject({ accepted: 1, quarantined: 1 })
  const [aside] = JSON.parse((await call('biometric', 'GET', '/v1/quarantine', ann.token)).text) as { id: string }[]
  const tokens = { accessToken: two.oura.grant(), expiresAt: Date.now() + 3_600_000 }
  await here.auren.ingest.connections.adopt(ann.user, 'oura', two.oura.account, tokens)
  await here.auren.ingest.settled()
  const replay = await call('biometric', 'POST', '/v1/replays', ann.token, { body: { provider: 'oura', dryRun: true } })
  await here.auren.ingest.settled()
  for (const text of ['I take warfarin', 'I do not take warfarin'])
    await call('neuros', 'POST', '/v1/memories', ann.token, { body: { kind: 'safety', text } })
  const [contradiction] = JSON.parse((await call('neuros', 'GET', '/v1/contradictions', ann.token)).text)
  anns = {
    memory: note.json.id as string,
    contradiction: contradiction.id as string,
    thread,
    run: asked.headers['x-auren-run'] as string,
    import: upload.json.id as string,
    replay: replay.json.id as string,
    quarantine: aside?.id as string,
    token: token.json.id as string,
  }
  for (const [kind, id] of Object.entries(anns)) expect(id, kind).toMatch(/.{8}/)
  expect(ben.user).not.toBe(ann.user)
})
afterAll(() => two?.close())

function withIds(): Operation[] {
  return operations.filter(({ path, name }) => ids[path] !== undefined && name !== makes)
}
/** Routes that only read, without an id. */
function readable(): Operation[] {
  const query = /^(\/v1\/auth\/(login|callback)|\/v1\/connections\/.*|\/webhooks\/.*|\/openapi.json)$/
  return operations.filter(
    ({ method, path, open }) => method === 'GET' && !open && !path.includes('{') && !query.test(path),
  )
}
const queries: Record<string, string> = {
  'GET /v1/trace': '?metric=heart_rate&date=2026-11-20',
  'GET /v1/sessions': '?from=2026-11-01&to=2026-11-30',
}
const asBen = ({ service, method, path, name }: Operation): Promise<Answer> =>
  two.call(service, method, `${path}${queries[name] ?? ''}`, two.ben.token)

describe('somebody else’s (C1)', () => {
  it('has a case for every place of every route where an id can stand', () => {
    expect(operations.length).toBeGreaterThan(40)
    const unknown = operations.flatMap(({ name, path, parameters }) => [
      ...parameters
        .filter(({ name: place, in: where }) => where === 'path' && !noIds.has(place) && ids[path] === undefined)
        .map(({ name: place }) => `${name}: ${place} in the path`),
      ...parameters
        .filter(({ name: place, in: where }) => where !== 'path' && !noIds.has(place))
        .map(({ name: place, in: where }) => `${name}: ${place} in the ${where}`),
    ])
    expect(unknown).toEqual([])
    // Fields that end as ids do stand in a body only where this test sends them.
    const named = operations.flatMap(({ name, fields }) =>
      fields
        .filter((field) => /(^|_)(id|ids|user|account|owner|thread|run|session|token)$|Id$/i.test(field))
        .map((field) => `${name}: ${field}`),
    )
    // A vendor's account, and only among the deliveries of whoever asks.
    expect(named.sort()).toEqual(['POST /v1/replays: account', 'POST /v1/threads/{id}/messages: clientId'])
    expect(Object.keys(ids).filter((path) => !operations.some((operation) => operation.path === path))).toEqual([])
  })

  it('is answered as what never was: same status, same words, same length, same headers', async () => {
    const tried: string[] = []
    for (const operation of withIds()) {
      const { service, method, path, name, scope } = operation
      const id = anns[ids[path] as keyof typeof anns]
      const request = wanted[name] ?? {}
      const never = like(id)
      const neverRun = like(anns.run)
      const ask = (token: string, of: string, run: string): Promise<Answer> =>
        two.call(service, method, `${fill(path, of, run)}${request.query ?? ''}`, token, {
          ...(request.body === undefined ? {} : { body: request.body }),
          headers: { 'last-event-id': '1' },
        })
      const foreign = await ask(two.ben.token, id, anns.run)
      const unknown = await ask(two.ben.token, never, neverRun)
      const expected = scope === 'operate' ? 403 : (emptyForAll[name] ?? 404)
      expect(foreign.status, name).toBe(expected)
      expect(shapeOf(foreign, id, anns.run), name).toEqual(shapeOf(unknown, never, neverRun))
      expect(foreign.text, name).not.toContain(canary)
      if (path.includes('{run}')) {
        // Ann's run in a thread of Ben's own, and Ann's thread with a run of nobody.
        for (const pair of [
          [never, anns.run],
          [id, neverRun],
        ] as const)
          expect((await ask(two.ben.token, ...pair)).status, name).toBe(404)
      }
      tried.push(name)
    }
    expect(tried.length).toBeGreaterThanOrEqual(18)
  })

  it('is the same for a program with a token of Ben’s', async () => {
    const made = await two.call('neuros', 'POST', '/v1/tokens', two.ben.token, {
      body: { name: 'script', scopes: ['read', 'write'] },
    })
    const token = made.json.token as string
    for (const { service, method, path, name, scope } of withIds()) {
      if (emptyForAll[name] !== undefined) continue
      const request = wanted[name] ?? {}
      const answer = await two.call(
        service,
        method,
        `${fill(path, anns[ids[path] as keyof typeof anns], anns.run)}${request.query ?? ''}`,
        token,
        request.body === undefined ? {} : { body: request.body },
      )
      expect(answer.status, name).toBe(scope === 'operate' || scope === 'account' ? 403 : 404)
    }
    await two.call('neuros', 'DELETE', `/v1/tokens/${made.json.id}`, two.ben.token)
  })

  it('shows in nothing that Ben reads: what he was answered before Ann came, he is answered still', async () => {
    for (const operation of readable()) {
      const answer = await asBen(operation)
      expect(answer.text, operation.name).not.toContain(canary)
      expect(answer.text, operation.name).not.toContain(two.ann.user)
      // Ben's own acts in this test are a token made and revoked, a thread, and sign-ins.
      if (/tokens|audit|auth\/sessions|threads|export/.test(operation.path)) continue
      const first = before.get(operation.name) as Answer
      expect({ status: answer.status, text: answer.text }, operation.name).toEqual({
        status: first.status,
        text: first.text,
      })
    }
  })

  it('is not reached by keys that clients choose: client id, idempotency key, record id, account', async () => {
    const { call, ann, ben, here } = two
    const again = await call('neuros', 'POST', `/v1/threads/${anns.thread}/messages`, ben.token, {
      body: { text: 'How did I sleep last week?', clientId: 'client-1' },
    })
    expect(again.headers['x-auren-run']).not.toBe(anns.run)
    expect(again.text).not.toContain(canary)
    const sample = { shape: 'sample', metric: 'heart_rate', start: '2026-11-20T10:00:00Z', unit: '/min', value: 99 }
    const sent = await call('biometric', 'POST', '/v1/observations', ben.token, {
      headers: { 'idempotency-key': 'key-1' },
      body: { app: 'watch', observations: [{ ...sample, recordId: 'r1' }] },
    })
    expect(sent.status, sent.text).toBe(200)
    expect(sent.headers['idempotent-replayed']).toBeUndefined()
    expect(sent.json.accepted).toBe(1)
    await call('biometric', 'POST', '/v1/observations', ben.token, {
      headers: { 'idempotency-key': 'key-2' },
      body: { app: 'watch', observations: [{ shape: 'deletion', recordId: 'r1' }] },
    })
    await here.auren.ingest.settled()
    const trace = (token: string): Promise<Answer> =>
      call('neuros', 'GET', '/v1/trace?metric=heart_rate&date=2026-11-20', token)
    expect((await trace(ann.token)).json.samples).toMatchObject([{ value: 61 }])
    expect((await trace(ben.token)).text).not.toContain('61')
    // Ann's vendor is none of Ben's.
    for (const [method, path] of [
      ['POST', '/v1/connections/oura/sync'],
      ['DELETE', '/v1/connections/oura'],
    ] as const)
      expect((await call('biometric', method, path, ben.token)).status, path).toBeLessThan(500)
    expect((await call('biometric', 'GET', '/v1/connections', ann.token)).text).toContain(two.oura.account)
  })

  it('is unchanged after all that', async () => {
    const { call, ann } = two
    expect((await call('neuros', 'GET', '/v1/memories', ann.token)).text).toContain(canary)
    expect((await call('neuros', 'GET', `/v1/threads/${anns.thread}/messages`, ann.token)).text).toContain(canary)
    expect((await call('biometric', 'GET', `/v1/imports/${anns.import}`, ann.token)).json).toMatchObject({
      state: 'uploading',
      progress: { bytes: 0 },
    })
    expect((await call('biometric', 'GET', `/v1/quarantine/${anns.quarantine}`, ann.token)).json.replayedAt).toBeNull()
    const tokens = JSON.parse((await call('neuros', 'GET', '/v1/tokens', ann.token)).text) as { revokedAt: unknown }[]
    expect(tokens).toMatchObject([{ revokedAt: null }])
  })
})

describe('answers about a person (C29)', () => {
  it('are never stored, whatever the answer, on every route that knows who asks', async () => {
    for (const { service, method, path, name } of operations.filter(({ open }) => !open)) {
      if (name === 'DELETE /v1/me' || name === 'DELETE /v1/auth/sessions') continue
      const filled = path.replace(/\{\w+\}/g, randomUUID())
      for (const [who, token] of [
        ['signed in', two.ben.token],
        ['nobody', null],
        ['forged', 'auren_pat_x'],
      ] as const) {
        const answer = await two.call(service, method, filled, token, /GET|DELETE/.test(method) ? {} : { body: {} })
        expect(answer.headers['cache-control'], `${name}, ${who}: ${answer.status}`).toContain('no-store')
        expect(answer.headers.etag, name).toBeUndefined()
        if (token !== two.ben.token) expect(answer.status, `${name}, ${who}`).toBe(401)
      }
    }
  })

  it('that grant something are never stored either', async () => {
    for (const path of ['/v1/auth/login', '/v1/auth/signup', '/v1/auth/refresh']) {
      const answer = await two.call('neuros', 'POST', path, null, {
        body: { name: 'ben@example.org', password: 'a few words in a row' },
      })
      expect(answer.headers['cache-control'], path).toContain('no-store')
    }
  })
})

describe('what there is (C24)', () => {
  it('is what the OpenAPI document says, route by route, in both services', () => {
    const mounted = servers.map((server) => routesOf(server.listeners('request')[0] as never))
    expect(mounted).toHaveLength(2)
    const documented = (service: string): string[] =>
      operations
        .filter((operation) => operation.service === service)
        .map(({ name }) => name.replace(/\{(\w+)\}/g, ':$1'))
    const own = ['GET /openapi.json', 'GET /metrics']
    const both = [documented('biometric'), documented('neuros')].map((names) => [...names, ...own].sort())
    expect(mounted.map((names) => names.sort())).toEqual(both)
  })

  it('says the scope of every route that is not open', () => {
    for (const { name, open, scope } of operations)
      if (!open) expect(['read', 'write', 'operate', 'account'], name).toContain(scope)
    const of = (name: string): string | undefined => operations.find((operation) => operation.name === name)?.scope
    expect(of('POST /v1/query')).toBe('read')
    expect(of('POST /v1/memories')).toBe('write')
    expect(of('POST /v1/operator/quarantine/replay')).toBe('operate')
    expect(of('DELETE /v1/me')).toBe('account')
    expect(operations.filter(({ open }) => open).map(({ path }) => path.replace(/\/[^/]*$/, '/*'))).toSatisfy(
      (paths: string[]) =>
        paths.every((path) =>
          /^\/(\*|webhooks\/\*|v1\/auth\/\*|v1\/connections\/\{provider\}\/\*|\.well-known\/\*)$/.test(path),
        ),
    )
  })

  it('has nothing else: no page for debugging, no test, no documentation of ours, no file', async () => {
    const guesses = `/docs /swagger /swagger.json /api-docs /redoc /graphql /debug /debug/pprof /debug/vars /admin /test
      /test/end-to-end /_next /.env /.git/config /server-status /actuator /actuator/env /console /phpinfo.php /status
      /v1 /v1/ /v1/users /v1/admin /v1/debug /v1/test /api /index.html /package.json /main.js.map /../package.json
      /%2e%2e/package.json /openapi.yaml /__proto__ /constructor`.split(/\s+/)
    for (const service of ['neuros', 'biometric'] as const)
      for (const path of guesses)
        for (const method of ['GET', 'POST', 'TRACE', 'PROPFIND']) {
          const { status } = await two.call(service, method, path, two.operator.token)
          expect(status, `${method} ${path}`).toBe(404)
        }
  })
})

interface Layer {
  route?: { path: string; methods: Record<string, boolean> }
  handle?: { stack?: Layer[] }
}

function routesOf(app: { router: { stack: Layer[] } }): string[] {
  const walk = (layers: Layer[]): string[] =>
    layers.flatMap(({ route, handle }) =>
      route
        ? Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`)
        : walk(handle?.stack ?? []),
    )
  return walk(app.router.stack)
}
