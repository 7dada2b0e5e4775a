import { performance } from 'node:perf_hooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rulesOf } from '../../../plugins/src/neuros/safety/rules.js'
import { startTwo, type Two } from './two-persons.js'

let two: Two
beforeAll(async () => {
  two = await startTwo()
})
afterAll(() => two?.close())

const sql = [
  "heart_rate'; drop table auren.inbox; --",
  "heart_rate' or '1'='1",
  'heart_rate"); select pg_sleep(60); --',
  "steps' union select wrapped from auren.persons --",
  '$1',
  "{a,b}'::text[]",
  '$.value ? (@ == 1)',
  '%',
  'heart_rate\u0000',
]

describe('words in places of names (C22)', () => {
  it('are names of nothing: SQL in metrics, sources, ids and spans', async () => {
    const { call, ann } = two
    for (const word of sql) {
      const said = encodeURIComponent(word)
      for (const path of [
        `/v1/series/${said}?from=2026-11-01&to=2026-11-02`,
        `/v1/series/heart_rate?from=2026-11-01&to=2026-11-02&source=${said}`,
        `/v1/series/heart_rate?from=${said}&to=2026-11-02`,
        `/v1/trace?metric=${said}&date=2026-11-20`,
        `/v1/memories?about=${said}`,
        `/v1/memories?kind=${said}`,
        `/v1/threads/${said}/messages`,
        `/v1/sessions?from=2026-11-01&to=2026-11-02&kind=${said}`,
      ])
        expect((await call('neuros', 'GET', path, ann.token)).status, path).toBeLessThan(500)
      for (const body of [
        { query: { measure: { metric: word }, aggregate: 'mean', period: { kind: 'rolling', days: 7 } } },
        { question: `average ${word} last week` },
      ])
        expect((await call('neuros', 'POST', '/v1/query', ann.token, { body })).status).toBeLessThan(500)
      for (const path of [`/v1/quarantine/${said}`, `/v1/imports/${said}`])
        expect((await call('biometric', 'GET', path, ann.token)).status, path).toBeLessThan(500)
    }
    expect((await call('neuros', 'GET', '/readyz', null)).status).toBe(200)
    expect((await two.here.auren.lag()).jobs).toBe(0)
  })

  it('come back as they were said, as JSON, one line each: formulas and line ends in an export are inert', async () => {
    const words = [
      '=cmd|\u0027/C calc\u0027!A0',
      '+1+1',
      '@SUM(A1)',
      'a\r\nset-cookie: x=1\r\n\r\nb',
      '{"kind":"forged"}\n',
    ]
    for (const text of words)
      expect(
        (await two.call('neuros', 'POST', '/v1/memories', two.ann.token, { body: { kind: 'note', text } })).status,
      ).toBe(201)
    const answer = await two.call('neuros', 'GET', '/v1/export', two.ann.token)
    expect(answer.headers['content-type']).toContain('application/x-ndjson')
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
    expect(answer.headers['content-disposition']).toContain('attachment')
    const lines = answer.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
    for (const text of words)
      expect(JSON.stringify(lines)).toContain(JSON.stringify(text.trim()).slice(1, -1).replace(/"/g, '"'))
  })

  it('set no header: line ends in a path, a query or a key are refused or encoded', async () => {
    for (const path of [
      '/v1/threads/x%0d%0aset-cookie:%20a=1/messages',
      '/v1/nothing%0d%0aset-cookie:%20a=1',
      '/webhooks/oura?challenge=%0d%0aset-cookie:a',
    ]) {
      const answer = await two.call(path.startsWith('/w') ? 'biometric' : 'neuros', 'GET', path, two.ann.token)
      expect(answer.headers['set-cookie'], path).toBeUndefined()
      expect(answer.status, path).toBeLessThan(500)
    }
  })
})

describe('JSON that is no honest client’s (C23)', () => {
  const post = (service: 'neuros' | 'biometric', path: string, body: string): ReturnType<Two['call']> =>
    two.call(service, 'POST', path, two.ann.token, { body, headers: { 'idempotency-key': 'odd' } })
  const bodies: [string, string][] = [
    ['nested 100,000 deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['objects 100,000 deep', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    [
      'an observation nested 100,000 deep',
      `{"observations":[{"shape":"tag","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}]}`,
    ],
    ['300,000 keys', `{${Array.from({ length: 300_000 }, (_, n) => `"k${n}":1`).join()}}`],
    [
      'a prototype',
      '{"__proto__":{"scopes":["operate"],"polluted":true},"constructor":{"prototype":{"polluted":true}},"kind":"note","text":"x"}',
    ],
    ['a number that is none', '{"observations":[{"shape":"sample","metric":"heart_rate","value":1e999}]}'],
    ['one string of 3 MB', JSON.stringify({ kind: 'note', text: 'a'.repeat(3_000_000), question: '9'.repeat(10) })],
    ['nothing', ''],
    ['half of it', '{"kind":'],
  ]
  it.each(bodies)('%s is answered, and not with 500', async (_name, body) => {
    for (const [service, path] of [
      ['neuros', '/v1/memories'],
      ['neuros', '/v1/query'],
      ['neuros', '/v1/threads/t/messages'],
      ['neuros', '/v1/auth/login'],
      ['biometric', '/v1/observations'],
      ['biometric', '/v1/imports'],
      ['biometric', '/webhooks/oura'],
    ] as const) {
      const answer = await post(service, path, body)
      expect(answer.status, `${path}: ${answer.text.slice(0, 200)}`).toBeLessThan(500)
      expect(answer.text.length).toBeLessThan(200_000)
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect((await two.call('neuros', 'GET', '/v1/auth/me', two.ann.token)).json.scopes).toEqual(['read', 'write'])
  })
})

describe('text without end (C23)', () => {
  const shapes: [string, (length: number) => string][] = [
    ['one letter', (length) => 'a'.repeat(length)],
    ['spaces', (length) => ' '.repeat(length)],
    ['digits', (length) => '1'.repeat(length)],
    ['digits and dots', (length) => '1.'.repeat(length / 2)],
    ['negations', (length) => 'not '.repeat(length / 4)],
    ['pain', (length) => 'chest pain no '.repeat(length / 14)],
    ['words', (length) => 'my heart is very very '.repeat(length / 22)],
    ['marks', (length) => '!?,;'.repeat(length / 4)],
    ['line ends', (length) => '\r\n\t'.repeat(length / 3)],
    ['accents', (length) => 'e\u0301'.repeat(length / 2)],
  ]
  /** The quickest of three, in ms. */
  const cost = (work: () => unknown): number =>
    Math.min(
      ...[1, 2, 3].map(() => {
        const from = performance.now()
        work()
        return performance.now() - from
      }),
    )

  it.each(shapes)('%s: the safety gate takes no more per letter for 1 MB than for 10 kB, by far', (_name, shape) => {
    const [short, long] = [shape(10_000), shape(1_000_000)]
    const few = Math.max(
      cost(() => rulesOf(short)),
      0.5,
    )
    // A hundred times the text; what grows with its square would take a hundred times that.
    expect(cost(() => rulesOf(long)) / few).toBeLessThan(2_000)
  })

  it.each(shapes)(
    '%s: the sentence parser takes no more per letter for what a request may hold, by far',
    async (_name, shape) => {
      const ask = async (text: string): Promise<number> => {
        const times: number[] = []
        for (let n = 0; n < 3; n++) {
          const from = performance.now()
          await two.here.auren.understand(two.ann.user, `average steps ${text} last week`, {})
          times.push(performance.now() - from)
        }
        return Math.min(...times)
      }
      const few = Math.max(await ask(shape(200)), 2)
      expect((await ask(shape(4000))) / few).toBeLessThan(300)
      const refused = await two.call('neuros', 'POST', '/v1/query', two.ann.token, {
        body: { question: shape(1_000_000) },
      })
      expect(refused.status).toBe(400)
    },
  )
})
