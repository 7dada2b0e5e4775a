import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AurenError, publish } from '@auren/core'
import express from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { problems } from '../src/http/problem.js'
import { createLog } from '../src/log.js'
import { createMetrics } from '../src/metrics.js'
import { type MetricsAccess, observeVariables, readMetricsAccess } from '../src/observe/config.js'
import { createMetricsServer } from '../src/observe/page.js'
import { answerOf, type Installation, install } from './harness.js'
import { parseScrape, type Scraped } from './observe/scrape.js'

const CANARY = 61.73717
const TOKEN = 'a-token-of-more-than-24-letters'
const servers: Server[] = []

async function serve(server: Server): Promise<string> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
}
afterAll(() => {
  for (const server of servers) server.close()
})

describe('metrics of a run', () => {
  let here: Installation
  let before: Scraped
  let after: Scraped
  let text: string

  const scrape = async (): Promise<string> => (await fetch(`${here.services.addresses.neuros}/metrics`)).text()
  const sample = (value: number, day: number) => ({
    shape: 'sample',
    metric: 'heart_rate',
    start: Date.UTC(2026, 2, day, 8),
    value,
    unit: '/min',
  })
  const post = (key: string, observations: unknown[]) =>
    fetch(`${here.services.addresses.biometric}/v1/observations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ app: 'canary-7f3', observations }),
    })

  beforeAll(async () => {
    here = await install({ AUREN_USER: 'CANARY-7f3-person' })
    before = parseScrape(await scrape())
    await post('one', [sample(CANARY, 1), sample(62, 2), sample(100_000, 3)])
    await post('one', [sample(CANARY, 1), sample(62, 2), sample(100_000, 3)])
    await here.auren.ingest.settled()
    await answerOf(here.client, 'What was my average heart rate from 2026-03-01 to 2026-03-02?', '2026-03-03')
    await answerOf(here.client, 'CANARY-7f3 florble the wug?', '2026-03-03')
    await here.client.call('neuros', 'GET', '/v1/today?today=2026-03-03')
    await here.client.call('neuros', 'GET', '/v1/today?today=2026-03-03')
    await fetch(`${here.services.addresses.neuros}/v1/threads/CANARY-7f3/messages`, {
      method: 'CANARY' as never,
    }).catch(() => undefined)
    text = await scrape()
    after = parseScrape(text)
  })
  afterAll(async () => {
    await here.close()
    await here.remove()
  })

  const grown = (name: string, labels: Record<string, string> = {}): number =>
    after.sum(name, labels) - before.sum(name, labels)

  it('tells what was accepted, set aside, doubled and stored', () => {
    expect(grown('auren_deliveries_total', { provider: 'app' })).toBe(1)
    expect(grown('auren_deliveries_duplicate_total', { provider: 'app' })).toBe(1)
    expect(grown('auren_observations_accepted_total', { provider: 'app' })).toBe(2)
    expect(grown('auren_observations_quarantined_total', { provider: 'app' })).toBe(1)
    expect(grown('auren_consumer_observations_total')).toBe(2)
    expect(grown('auren_consumer_batch_duration_seconds_count')).toBeGreaterThanOrEqual(1)
    expect(grown('auren_relay_envelopes_total', { log: 'table' })).toBeGreaterThanOrEqual(1)
    expect(after.sum('auren_quarantine_open')).toBe(1)
    expect(after.sum('auren_outbox_waiting')).toBe(0)
    expect(after.sum('auren_log_behind')).toBe(0)
    expect(after.sum('auren_envelopes_accepted_total')).toBe(after.sum('auren_envelopes_stored_total'))
    expect(after.sum('auren_reconciliation_difference')).toBe(0)
    expect(after.sum('auren_store_up')).toBe(1)
    expect(after.sum('auren_log_connected', { log: 'table' })).toBe(1)
  })

  it('tells how questions, tier 1 and the pool fared', () => {
    expect(grown('auren_question_duration_seconds_count', { outcome: 'answered' })).toBe(1)
    expect(grown('auren_question_duration_seconds_count', { outcome: 'not_understood' })).toBe(1)
    // What is kept ready is read by each step that needs it, and made once.
    expect(grown('auren_hot_reads_total', { outcome: 'hit' })).toBeGreaterThanOrEqual(1)
    expect(grown('auren_hot_reads_total', { outcome: 'miss' })).toBeGreaterThanOrEqual(1)
    expect(grown('auren_sql_wait_seconds_count', { lane: 'interactive' })).toBeGreaterThan(0)
    expect(grown('auren_sql_wait_seconds_count', { lane: 'bulk' })).toBeGreaterThan(0)
  })

  it('tells rate, errors and duration of requests by the route’s pattern', () => {
    const route = { service: 'biometric', method: 'POST', route: '/v1/observations', status: '200' }
    expect(grown('auren_http_request_duration_seconds_count', route)).toBe(2)
    expect(after.labels('auren_http_request_duration_seconds_count', 'route')).toContain('/v1/threads/:id/messages')
    expect(after.sum('auren_http_requests_running', { service: 'neuros' })).toBe(1)
  })

  it('says how full the disk is and how late the event loop', () => {
    expect(after.sum('auren_disk_available_bytes')).toBeGreaterThan(0)
    expect(after.sum('auren_disk_size_bytes')).toBeGreaterThan(after.sum('auren_disk_available_bytes'))
    expect(after.sum('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0)
  })

  it('holds nothing of a person: no id, no value, no chosen name (C30)', () => {
    expect(text).not.toMatch(/canary/i)
    expect(text).not.toContain(String(CANARY))
    const names = new Set(after.samples.flatMap(({ labels }) => Object.keys(labels)))
    const known = 'service method route status provider log part code kind state outcome node model direction lane le'
    const nodes = 'type space version major minor patch'
    expect([...names].filter((name) => !`${known} ${nodes}`.split(' ').includes(name))).toEqual([])
  })
})

describe('what is told on the channels', () => {
  it('is counted: the model’s calls and tokens, failures behind, jobs, connections refused', async () => {
    const metrics = createMetrics('neuros', { lag: () => Promise.reject(new Error('away')) })
    const read = async () => parseScrape((await metrics.scrape()).text)
    const before = await read()
    publish('model', { model: 'm', ms: 1500, code: null, tokens: { input: 70, output: 11 } })
    publish('model', { model: 'm', ms: 10, code: 'AUREN_MODEL_FAILED', tokens: null })
    publish('nodeFailed', { node: 'sleep', code: 'AUREN_TIMEOUT' })
    publish('stuck', { part: 'relay', code: 'AUREN_LOG_UNAVAILABLE' })
    publish('job', { kind: 'fetch', state: 'dead', attempts: 8, ms: 3000 })
    publish('sqlWait', { lane: 'bulk', ms: 10_000, code: 'AUREN_STORE_BUSY' })
    const after = await read()
    const grown = (name: string, labels: Record<string, string>) => after.sum(name, labels) - before.sum(name, labels)
    expect(grown('auren_model_call_duration_seconds_count', { model: 'm' })).toBe(2)
    expect(grown('auren_model_call_duration_seconds_sum', { model: 'm' })).toBeCloseTo(1.51, 9)
    expect(grown('auren_model_failures_total', { code: 'AUREN_MODEL_FAILED' })).toBe(1)
    expect(grown('auren_model_tokens_total', { direction: 'input' })).toBe(70)
    expect(grown('auren_model_tokens_total', { direction: 'output' })).toBe(11)
    expect(grown('auren_node_failures_total', { node: 'sleep', code: 'AUREN_TIMEOUT' })).toBe(1)
    expect(grown('auren_work_failures_total', { part: 'relay', code: 'AUREN_LOG_UNAVAILABLE' })).toBe(1)
    expect(grown('auren_jobs_ended_total', { kind: 'fetch', state: 'dead' })).toBe(1)
    expect(grown('auren_sql_refused_total', { lane: 'bulk', code: 'AUREN_STORE_BUSY' })).toBe(1)
  })

  it('a store that is away shows as such, and old numbers do not stay', async () => {
    let away = false
    const log = { name: 'table', health: { connected: true, since: 0, code: null }, behind: 2, dropped: 0 }
    const lag = async () => {
      if (away) throw new AurenError('AUREN_STORE_UNAVAILABLE', 'The store is away')
      return {
        waiting: 2,
        oldestMs: 5000,
        quarantined: 1,
        jobs: 0,
        planned: 0,
        accepted: 9,
        stored: 6,
        duplicates: 0,
        published: 0,
        log,
      }
    }
    const metrics = createMetrics('neuros', { lag })
    const read = async () => parseScrape((await metrics.scrape()).text)
    expect((await read()).sum('auren_reconciliation_difference')).toBe(1)
    away = true
    const gone = await read()
    expect(gone.sum('auren_store_up')).toBe(0)
    for (const name of ['auren_outbox_waiting', 'auren_envelopes_accepted_total', 'auren_reconciliation_difference'])
      expect(gone.has(name)).toBe(false)
    away = false
    const back = await read()
    expect([back.sum('auren_store_up'), back.sum('auren_envelopes_accepted_total')]).toEqual([1, 9])
  })
})

describe('who may read the metrics (C24)', () => {
  const scrape = async () => ({ type: 'text/plain', text: 'up 1\n' })
  const page = (access: MetricsAccess): Promise<string> => {
    const app = express()
    const lag = () => Promise.reject(new Error('no store'))
    app.get('/metrics', createMetrics('neuros', { lag }, { access }).page)
    app.use(problems(createLog('silent')))
    return serve(createServer(app))
  }
  const status = async (url: string, headers: Record<string, string> = {}) => (await fetch(url, { headers })).status

  it('this machine, where no token is set; not what a proxy forwards', async () => {
    const url = await page({ port: null, token: null, local: true })
    expect(await status(url)).toBe(200)
    expect(await status(url, { 'x-forwarded-for': '203.0.113.9' })).toBe(404)
    expect(await status(url.replace('127.0.0.1', 'localhost'))).toBe(200)
  })

  it('nobody in production without a token', async () => {
    const url = await page({ port: null, token: null, local: false })
    expect(await status(url)).toBe(404)
    expect(await status(url, { authorization: 'Bearer ' })).toBe(404)
  })

  it('who has the token, where one is set', async () => {
    const url = await page({ port: null, token: TOKEN, local: true })
    expect(await status(url)).toBe(401)
    expect(await status(url, { authorization: `Bearer ${TOKEN}x` })).toBe(401)
    expect(await status(url, { authorization: TOKEN })).toBe(401)
    expect(await status(url, { authorization: `Bearer ${TOKEN}` })).toBe(200)
  })

  it('nobody on the service’s port, where metrics have one of their own', async () => {
    const access = { port: 0, token: null, local: true }
    expect(await status(await page(access))).toBe(404)
    const own = await serve(createMetricsServer(scrape, access))
    expect(await (await fetch(own)).text()).toBe('up 1\n')
    expect(await status(own.replace('/metrics', '/'))).toBe(404)
    expect((await fetch(own, { method: 'POST' })).status).toBe(404)
    const guarded = await serve(createMetricsServer(scrape, { ...access, token: TOKEN }))
    expect(await status(guarded)).toBe(401)
    expect(await status(guarded, { authorization: `Bearer ${TOKEN}` })).toBe(200)
  })

  it('reads its variables', () => {
    expect(readMetricsAccess({}, { production: true })).toEqual({ port: null, token: null, local: false })
    expect(readMetricsAccess({ AUREN_METRICS_PORT: 9464 }, { production: false })).toMatchObject({ port: 9464 })
    expect(observeVariables.AUREN_METRICS_TOKEN.safeParse('short').success).toBe(false)
    expect(observeVariables.AUREN_METRICS_TOKEN.safeParse(TOKEN).success).toBe(true)
  })
})
