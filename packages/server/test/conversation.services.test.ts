import { type OpenAiServer, startOpenAiServer } from '@auren/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { service } from '../../../test/services.js'
import { until } from './faults/driver.js'
import { type Fleet, startFleet } from './faults/fleet.js'
import { usePrepared } from './faults/hurt.js'
import { serverWorld, tokenOf } from './faults/place.js'

const postgres = service('postgres')
const headers = { authorization: `Bearer ${tokenOf('ada')}`, 'content-type': 'application/json' }

/** Reads a stream to its end; what was said until it broke off. */
async function read(answer: Response): Promise<{ types: string[]; state: string | null }> {
  const text = await answer.text()
  const frames = [...text.matchAll(/^data: (\{.*\})$/gm)].map(
    ([, data]) => JSON.parse(data as string) as { type: string; messageMetadata?: { state: string } },
  )
  const last = frames.at(-1)
  return { types: frames.map(({ type }) => type), state: last?.messageMetadata?.state ?? null }
}

describe.skipIf(postgres === null)('a conversation with two processes of NEUROS', () => {
  let model: OpenAiServer
  let fleet: Fleet
  const copy = usePrepared(postgres === null ? null : () => serverWorld({ postgres }))
  beforeAll(async () => {
    if (postgres === null) return
    // It begins to answer, and never ends.
    model = await startOpenAiServer([{ kind: 'stalls', chunks: ['Let me'] }])
    const { url } = model
    const env = { AUREN_MODEL: 'slow', AUREN_MODEL_URL: url }
    fleet = await startFleet(await copy(), [
      { roles: 'neuros', env },
      { roles: 'neuros', env },
    ])
  })
  afterAll(async () => {
    await fleet?.end()
    await model?.close()
  })

  const ask = async (at: string, clientId: string): Promise<{ run: string; answer: Response }> => {
    const before = model.requests.length
    const answer = await fetch(`${at}/v1/threads/talk/messages`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ text: 'How have my mornings felt since I moved?', clientId }),
    })
    await until(() => model.requests.length > before)
    return { run: answer.headers.get('x-auren-run') as string, answer }
  }

  it('a run is followed and cancelled through the other process, and is one run for both', async () => {
    const [a, b] = fleet.addresses('neuros') as [string, string]
    const { run, answer } = await ask(a, 'first')
    const there = await fetch(`${b}/v1/threads/talk/runs/${run}/stream`, { headers })
    expect(there.status).toBe(200)
    // The same question sent to the other one is the same run.
    const again = await fetch(`${b}/v1/threads/talk/messages`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ text: 'How have my mornings felt since I moved?', clientId: 'first' }),
    })
    expect(again.headers.get('x-auren-run')).toBe(run)
    const cancelled = await fetch(`${b}/v1/threads/talk/runs/${run}`, { method: 'DELETE', headers })
    expect(cancelled.status).toBe(204)
    for (const stream of [there, again, answer]) expect((await read(stream)).types.at(-1)).toBe('abort')
  })

  it('a run whose process was killed is interrupted, for whoever reads it elsewhere', async () => {
    const [a, b] = fleet.addresses('neuros') as [string, string]
    const { run, answer } = await ask(a, 'second')
    const broken = read(answer).catch(() => 'cut off')
    fleet.members[0]?.server().kill()
    expect(await broken).toBe('cut off')
    const there = await fetch(`${b}/v1/threads/talk/runs/${run}/stream`, { headers })
    expect((await read(there)).state).toBe('interrupted')
  })
})
