import type { Contradiction, MemoryRecord, Recall } from '@auren/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { memory } from '../src/cli/commands/memory.js'
import { type Installation, install, recordedOutput } from './harness.js'

let here: Installation
const { output, printed } = recordedOutput()
const say = (kind: string, text: string) =>
  here.client.call<MemoryRecord>('neuros', 'POST', '/v1/memories', { kind, text })
const pinned = async (): Promise<string[]> =>
  (await here.client.call<Recall>('neuros', 'GET', '/v1/recall?text=hello')).pinned.map(({ id }) => id)

beforeAll(async () => {
  here = await install()
})
afterAll(async () => {
  await here?.close()
  await here?.remove()
})

it('are shown with both sides, told with a recall, and decided by HTTP and the command line', async () => {
  await memory.contradictions(here.client, output, {})
  expect(printed.splice(0)).toEqual(['Nothing contradicts anything else.'])
  const risk = await say('safety', 'I am allergic to penicillin')
  const none = await say('safety', 'I am not allergic to penicillin')
  const [found, ...others] = await here.client.call<(Contradiction & { sides: MemoryRecord[] })[]>(
    'neuros',
    'GET',
    '/v1/contradictions?open=true',
  )
  expect(others).toEqual([])
  expect(found).toMatchObject({ kind: 'negation', resolution: 'open', acts: risk.id, holds: null })
  expect(found?.sides.map(({ text }) => text).sort()).toEqual([risk.text, none.text].sort())

  await memory.recall(here.client, output, 'may I take penicillin', {})
  expect(printed.splice(0).join('\n')).toContain(
    `Two of them contradict each other (negation); ${risk.id} counts for now. Decide: auren memory resolve ${found?.id} <id>`,
  )
  await memory.contradictions(here.client, output, {})
  expect(printed.splice(0).join('\n')).toContain('counts for now  I am allergic to penicillin')
  expect((await pinned()).sort()).toEqual([risk.id, none.id].sort())
  await memory.resolve(here.client, output, found?.id ?? '', none.id)
  expect(printed.splice(0)).toEqual([
    `Decided: ${none.id} holds. The other one is put aside, and can be read as of before.`,
  ])
  expect(await pinned()).toEqual([none.id])
  await memory.contradictions(here.client, output, {})
  expect(printed.splice(0)).toEqual(['Nothing contradicts anything else.'])
  await memory.contradictions(here.client, output, { all: true })
  expect(printed.splice(0).join('\n')).toContain('negation, person')
  await expect(memory.resolve(here.client, output, 'contradiction-0', none.id)).rejects.toMatchObject({
    code: 'AUREN_NOT_FOUND',
  })
})

it('leave drafts to be confirmed or undone, and words to be corrected', async () => {
  const { id } = await here.auren.memory.for('local').remember({ kind: 'note', text: 'I like tea', drafted: true })
  await memory.list(here.client, output, { status: 'drafted' })
  expect(printed.splice(0).join('\n')).toMatch(new RegExp(`${id} +note .* drafted .* I like tea`))
  await memory.confirm(here.client, output, id)
  await memory.correct(here.client, output, id, 'I like green tea')
  expect(printed.splice(0)).toEqual(['Confirmed: I like tea', 'Corrected: I like green tea'])
  await memory.list(here.client, output, { status: 'drafted' })
  await memory.list(here.client, output, { kind: 'note' })
  const [none, held] = printed.splice(0)
  expect(none).toBe('Nothing is remembered yet.')
  expect(held).toMatch(/active .*I like green tea/)
  await memory.list(here.client, output, { kind: 'note', asOf: '2020-01-01' })
  expect(printed.splice(0)).toEqual(['Nothing is remembered yet.'])
})

it('are found in notes, whose statements are drafted, confirmed or undone, and go with the note', async () => {
  await memory.note(
    here.client,
    output,
    'Long day. I take insulin. I was travelling from 3 March 2026 to 9 March 2026.',
  )
  const [noted = '', ...drafted] = printed.splice(0)
  expect(drafted.map((line) => line.split('\n')[0])).toEqual([
    'Drafted as safety: I take insulin.',
    'Drafted as episode: I was travelling from 3 March 2026 to 9 March 2026.',
  ])
  const drafts = await here.client.call<MemoryRecord[]>('neuros', 'GET', '/v1/memories?status=drafted')
  const trip = drafts.find(({ kind }) => kind === 'episode')
  expect(trip).toMatchObject({
    about: ['travel'],
    validFrom: Date.UTC(2026, 2, 3),
    validTo: Date.UTC(2026, 2, 10),
  })
  await memory.confirm(here.client, output, trip?.id ?? '')
  await memory.forget(here.client, output, drafts.find(({ kind }) => kind === 'safety')?.id ?? '')
  await memory.forget(here.client, output, noted.slice('Noted: '.length, -1))
  // The note, and both versions of the journey: as it was drafted, and as it was confirmed.
  expect(printed.splice(0).slice(1)).toEqual(['Forgotten: 1 record.', 'Forgotten: 3 records.'])
})
