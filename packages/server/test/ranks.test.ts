import type { Profile, TraceView } from '@auren/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { rank } from '../src/cli/commands/ranks.js'
import { factsOf, type Installation, install, recordedOutput } from './harness.js'

let here: Installation
const { output, printed } = recordedOutput()

/** Watch and phone of the same walks: only the phone has the third, and both saw the first two. */
const walks = [
  ['Watch', 'watch', '08:00', '09:00', 2157],
  ['Watch', 'watch', '10:00', '11:00', 2000],
  ['Phone', 'phone', '08:00', '09:00', 2300],
  ['Phone', 'phone', '10:00', '11:00', 1800],
  ['Phone', 'phone', '14:00', '16:00', 9922],
] as const
const dates = ['2025-03-03', '2025-09-09']

beforeAll(async () => {
  here = await install()
  const observations = dates.flatMap((date) =>
    walks.map(([name, type, from, to, value]) => ({
      shape: 'sample',
      metric: 'steps',
      start: `${date}T${from}:00+01:00`,
      end: `${date}T${to}:00+01:00`,
      value,
      unit: '{steps}',
      source: { name, type },
    })),
  )
  const answer = await fetch(`${here.services.addresses.biometric}/v1/observations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'walks' },
    body: JSON.stringify({ observations }),
  })
  expect(await answer.json()).toMatchObject({ accepted: 10, quarantined: 0 })
  await here.auren.ingest.settled()
})
afterAll(async () => {
  await here.close()
  await here.remove()
})

const explained = (date: string) => here.client.call<TraceView>('neuros', 'GET', `/v1/trace?metric=steps&date=${date}`)
const named = (key: string): string => key.split('/').at(-1) as string
/** What each device gave to the day, as its explanation has it. */
const steps = async (date: string) => {
  const { text, rows } = await explained(date)
  const parts = rows.find(({ source }) => source === 'merged')?.parts ?? {}
  return { text, parts: Object.fromEntries(Object.entries(parts).map(([key, value]) => [named(key), value])) }
}
const keyOf = async (name: string): Promise<string> =>
  (await explained(dates[0] as string)).rows.find(({ source }) => named(source) === name)?.source as string

it('counts the watch, and the phone in its gaps: 14,079 = 4,157 + 9,922', async () => {
  for (const date of dates) {
    const { text, parts } = await steps(date)
    expect(parts).toEqual({ Watch: 4157, Phone: 9922 })
    expect(text).toMatch(/^14,079 steps on .* 2025 = 9,922 steps Phone \+ 4,157 steps Watch$/)
  }
})

it('counts otherwise when the person says so, and the past follows', async () => {
  const before = await here.client.call<Profile>('neuros', 'GET', '/v1/profile')
  const ranks = { steps: [await keyOf('Phone'), await keyOf('Watch')] }
  await here.client.call('neuros', 'PUT', '/v1/profile', { ...before, ranks })
  for (const date of dates) expect((await steps(date)).parts).toEqual({ Phone: 14_022 })
  const [fact] = await factsOf(here.client, 'How many steps did I walk in March 2025?', '2025-12-31')
  expect(fact?.value).toBe(14_022)
  // Only for steps, and only as long as it is said.
  await here.client.call('neuros', 'PUT', '/v1/profile', before)
  expect((await steps(dates[0] as string)).parts).toEqual({ Watch: 4157, Phone: 9922 })
})

it('is changed by name at the command line, which leaves the rest of the profile alone', async () => {
  const zones = [{ from: 0, zone: 'Europe/Berlin' }]
  await here.client.call('neuros', 'PUT', '/v1/profile', { zones, units: 'imperial' })
  expect(await rank(here.client, output, 'steps', ['phone', 'watch'])).toBe(0)
  expect((await steps(dates[1] as string)).parts).toEqual({ Phone: 14_022 })
  const phone = await keyOf('Phone')
  expect(await here.client.call<Profile>('neuros', 'GET', '/v1/profile')).toMatchObject({
    zones,
    units: 'imperial',
    ranks: { steps: [phone, expect.stringContaining('Watch')] },
  })
  printed.length = 0
  await rank(here.client, output, undefined, [])
  expect(printed.join('\n')).toMatch(/steps .*yours: .*Phone > .*Watch/)
  await rank(here.client, output, 'steps', [], { reset: true })
  expect((await steps(dates[1] as string)).parts).toEqual({ Watch: 4157, Phone: 9922 })
  await rank(here.client, output, '*', ['phone'])
  expect((await steps(dates[1] as string)).parts).toEqual({ Phone: 14_022 })
  await expect(rank(here.client, output, 'steps', ['ring'])).rejects.toThrow(/No source is called "ring"\. There are: /)
  await expect(rank(here.client, output, 'steps', ['h'])).rejects.toThrow(/More than one source is called/)
  await expect(rank(here.client, output, 'wieght', ['phone'])).rejects.toThrow(/Nothing has been measured of wieght/)
  await rank(here.client, output, '*', [], { reset: true })
})

it('keeps every measurement, whichever counts', async () => {
  const { samples } = await explained(dates[0] as string)
  expect(samples.map(({ value }) => value).sort((a, b) => a - b)).toEqual([1800, 2000, 2157, 2300, 9922])
})
