import { randomUUID } from 'node:crypto'
import { AurenError } from '@auren/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compose } from '../src/compose.js'
import { readConfig } from '../src/config.js'
import { createLog, personHash } from '../src/log.js'
import { logWork } from '../src/observe/work.js'
import { type Services, startServices } from '../src/services.js'
import { beginSpan, noteUser, runInSpan } from '../src/trace.js'
import { answerOf, type Installation, install } from './harness.js'

const VALUE = 61.73717
const CANARY = 'CANARY-7f3'
const PERSON = 'CANARY-7f3-ada'
const MASTER = Buffer.alloc(32, 7).toString('base64')

/** A log that can be read. */
function memoryLog(level = 'debug') {
  const lines: string[] = []
  const log = createLog(level, { masterKey: MASTER, destination: { write: (line: string) => void lines.push(line) } })
  const read = (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return { log, lines, read }
}

describe('the list of fields', () => {
  it('drops what is not on it, whatever it is called and wherever it hides', () => {
    const { log, lines, read } = memoryLog()
    log.info(
      { code: 'AUREN_INTERNAL', heartRate: VALUE, value: VALUE, note: CANARY, user: PERSON, body: { note: CANARY } },
      'told',
    )
    log.child({ user: PERSON, code: 'X', note: CANARY }).warn({ ms: 3 }, 'child')
    expect(lines.join()).not.toMatch(/CANARY|61\.7/)
    expect(read()).toMatchObject([
      { code: 'AUREN_INTERNAL', msg: 'told' },
      { ms: 3, msg: 'child' },
    ])
    expect(Object.keys(read()[0] ?? {}).sort()).toEqual(['code', 'level', 'msg', 'time'])
  })

  it('drops what is of another kind than the field is for', () => {
    const { log, lines } = memoryLog()
    log.info(
      { code: { note: CANARY }, ms: CANARY, status: [VALUE], traces: [{ CANARY }], attempts: Number.NaN },
      'told',
    )
    log.info({ code: `a sentence with ${CANARY}`, kind: `x\n${CANARY}`, topics: [`so ${CANARY}`] }, 'told')
    expect(lines.join()).not.toMatch(/CANARY|61\.7/)
    expect(JSON.parse(lines[0] ?? '')).not.toHaveProperty('ms')
  })

  it('writes of an error its name, code and place; its message only where it is ours', () => {
    const { log, lines, read } = memoryLog()
    const library = Object.assign(new TypeError(`invalid input ${VALUE} for ${CANARY}`), {
      code: '22P02',
      detail: CANARY,
    })
    log.error({ err: library }, 'library')
    log.error(library)
    log.error(library, 'bare')
    log.error({ err: new AurenError('AUREN_INTERNAL', `oops ${CANARY}`, { cause: library }) }, 'wrapped')
    log.error({ err: new AurenError('AUREN_TIMEOUT', 'It took 3 s', { cause: library }) }, 'ours')
    log.error('about %s', CANARY)
    expect(lines.join()).not.toMatch(/CANARY|61\.7/)
    const [first, , , wrapped, ours] = read() as {
      err: { name: string; code: string; stack: string[]; message?: string }
    }[]
    expect(first?.err).toMatchObject({ name: 'TypeError', code: '22P02' })
    expect(first?.err.stack[0]).toMatch(/^at .*log\.test\.ts/)
    expect(wrapped?.err).toMatchObject({ code: 'AUREN_INTERNAL', cause: { name: 'TypeError', code: '22P02' } })
    expect(wrapped?.err).not.toHaveProperty('message')
    expect(ours?.err.message).toBe('It took 3 s')
  })

  it('keeps one line one line', () => {
    const { log, lines } = memoryLog()
    log.warn({ reason: 'a\n{"level":"info","msg":"forged"}' }, 'told')
    expect(lines).toHaveLength(1)
    expect(lines[0]?.trimEnd()).not.toContain('\n')
  })

  it('stays on stderr, and silent where that is wanted', () => {
    const { log, lines } = memoryLog('silent')
    log.fatal({ code: 'X' }, 'nothing')
    expect(lines).toEqual([])
  })
})

describe('a person in the log', () => {
  it('is a keyed hash: the same in all processes of an installation, another elsewhere', () => {
    const { log, read, lines } = memoryLog()
    const span = beginSpan()
    runInSpan(span, () => {
      log.info('before')
      noteUser(PERSON)
      log.info('after')
    })
    const [before, after] = read()
    expect(before).not.toHaveProperty('person')
    expect(after).toMatchObject({ trace_id: span.trace, span_id: span.span, person: personHash(MASTER)(PERSON) })
    expect(after?.person).toMatch(/^[\da-f]{16}$/)
    expect(personHash(`${MASTER},old`)(PERSON)).toBe(after?.person)
    expect(personHash(Buffer.alloc(32, 8).toString('base64'))(PERSON)).not.toBe(after?.person)
    expect(personHash()(PERSON)).not.toBe(personHash()(PERSON))
    expect(lines.join()).not.toContain('CANARY')
  })
})

describe('the log of a run with canaries (C11)', () => {
  const { log, lines, read } = memoryLog('debug')
  let base: Installation
  let services: Services
  let close: () => Promise<void>
  const bodies: string[] = []
  const headers: string[] = []

  /** Keeps what is answered to failures, headers included. */
  const call = async (path: string, init: RequestInit = {}, role: 'neuros' | 'biometric' = 'biometric') => {
    const answer = await fetch(`${services.addresses[role]}${path}`, init)
    const text = await answer.text()
    if (answer.status >= 400) bodies.push(text)
    headers.push(JSON.stringify([...answer.headers]))
    return answer.status
  }
  const observations = (items: unknown[]) => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify({ observations: items }),
  })

  beforeAll(async () => {
    base = await install({ AUREN_USER: PERSON })
    const dataDir = `${base.config.dataDir}-logged`
    await base.close()
    const config = readConfig({ AUREN_DATA: dataDir, AUREN_USER: PERSON, AUREN_LOG_LEVEL: 'debug' })
    const auren = await compose(config, log)
    services = await startServices(auren, config, log, { neuros: 0, biometric: 0, pwa: 0 })
    const stop = logWork(log)
    close = async () => {
      stop()
      await services.close()
      await auren.close()
      await base.remove()
      await (await import('node:fs/promises')).rm(dataDir, { recursive: true, force: true })
    }
    const sample = { shape: 'sample', metric: 'heart_rate', start: '2026-03-01T08:00:00Z', value: VALUE, unit: '/min' }
    await call('/v1/observations', observations([sample, { ...sample, value: VALUE * 1e6 }]))
    await call(
      '/v1/observations',
      observations([{ shape: 'tag', name: CANARY, text: CANARY, start: '2026-03-01T08:00:00Z' }]),
    )
    await call('/v1/observations', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"note":"${CANARY}`,
    })
    await auren.ingest.settled()
    await call('/v1/imports', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'export.zip', size: 5, plugin: 'apple-health' }),
    })
    await call(`/webhooks/oura?note=${CANARY}&hr=${VALUE}`, {
      method: 'POST',
      body: JSON.stringify({ note: CANARY, hr: VALUE }),
    })
    await call(
      '/v1/query',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ question: `florble ${CANARY} ${VALUE}?` }),
      },
      'neuros',
    )
    await call(`/v1/memories/${CANARY}/trace`, {}, 'neuros')
    await call('/v1/me', { method: 'DELETE', headers: { authorization: `Bearer ${CANARY}` } }, 'neuros')
    const client = (await import('../src/cli/client.js')).createClient(services.addresses)
    await answerOf(
      client,
      `I feel ${CANARY}, my heart rate was ${VALUE}. What was my heart rate on 2026-03-01?`,
      '2026-03-02',
    )
    // A fault of ours, with a person's words in a library's error.
    const asked = auren.today
    Object.assign(auren, { today: () => Promise.reject(new Error(`row (${PERSON}, ${VALUE}, ${CANARY})`)) })
    expect(await call('/v1/today', {}, 'neuros')).toBe(500)
    Object.assign(auren, { today: asked })
  })
  afterAll(() => close())

  it('has lines of requests, of faults and of the work behind', () => {
    const all = read()
    expect(all.filter(({ msg }) => msg === 'request').length).toBeGreaterThan(8)
    expect(all.some(({ msg }) => msg === 'stored')).toBe(true)
    expect(all.find(({ msg }) => msg === 'request failed')).toMatchObject({
      code: 'AUREN_INTERNAL',
      route: '/v1/today',
      person: personHash(MASTER)(PERSON),
    })
  })

  it('tells of a request its route’s pattern, status, time, trace and the hash of its person', () => {
    const line = read().find(({ route }) => route === '/v1/memories/:id/trace')
    expect(line).toMatchObject({ level: 'info', method: 'GET', status: 404, person: personHash(MASTER)(PERSON) })
    expect(line?.trace_id).toMatch(/^[\da-f]{32}$/)
    expect(line?.ms).toBeGreaterThan(0)
  })

  it('holds neither value, nor note, nor person; nor do errors and headers tell a value', () => {
    expect(lines.join('\n')).not.toMatch(/CANARY|canary|61\.7|61737/)
    expect(bodies.length).toBeGreaterThan(3)
    expect(headers.join('\n')).not.toMatch(/CANARY|61\.7/)
    expect(bodies.join('\n')).not.toMatch(/61\.7|61737/)
  })
})
