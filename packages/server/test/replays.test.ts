import type { ImportStep, ReplayView, WearablePlugin } from '@auren/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { generateAppleExport } from '../../../bench/generate/apple-export.js'
import { imports } from '../src/cli/commands/import.js'
import { replay } from '../src/cli/commands/replay.js'
import type { Output } from '../src/cli/output.js'
import { type Installation, importOverHttp, install } from './harness.js'

let here: Installation
let xml = ''
let printed: string[] = []
const told: unknown[] = []
const output = (json: boolean): Output => ({
  json,
  interactive: false,
  print: (text) => printed.push(text),
  note: () => undefined,
  data: (value) => told.push(value),
})

/** The export's reader as it was before it was mended: it took resting heart rates for too high by ten. */
function breakReader(plugin: WearablePlugin): () => void {
  const file = plugin.file as { read: NonNullable<WearablePlugin['file']>['read'] }
  const { read } = file
  file.read = async function* (source, ctx): AsyncGenerator<ImportStep> {
    for await (const step of read(source, ctx))
      yield {
        ...step,
        observations: step.observations.map((one) =>
          one.shape === 'sample' && one.metric === 'resting_heart_rate' ? { ...one, value: one.value + 10 } : one,
        ),
      }
  }
  return () => {
    file.read = read
  }
}

beforeAll(async () => {
  here = await install()
  for (const parts = generateAppleExport({ months: 1, seed: 11 }); ; ) {
    const next = parts.next()
    if (next.done) break
    xml += next.value
  }
  const mend = breakReader(here.auren.plugins.require('wearable', 'apple-health'))
  await importOverHttp(here.client, 'export.xml', Buffer.from(xml), 'apple-health')
  await here.auren.ingest.settled()
  mend()
}, 180_000)
afterAll(async () => {
  await here.close()
  await here.remove()
})

const records = (text: string): string[] =>
  text.match(/<Record type="HKQuantityTypeIdentifierRestingHeartRate".*/g) ?? []

it('tells over the command line what would change, then changes it, and finds nothing the next time', async () => {
  const n = records(xml).length
  expect(n).toBeGreaterThan(20)
  expect(await replay(here.client, output(false), 'apple-health', { dryRun: true })).toBe(0)
  const said = printed.join('\n')
  expect(said).toMatch(new RegExp(`resting_heart_rate +0 +${n} +0 +0 +0`))
  expect(said).toMatch(/e\.g\. \d{4}-\d\d-\d\d, .*: changed, [\d.]+ \/min → [\d.]+ \/min/)
  expect(said).toContain('Nothing was changed.')
  expect(await replay(here.client, output(true), 'apple-health', {})).toBe(0)
  const done = told.at(-1) as ReplayView
  expect(done).toMatchObject({ dryRun: false, state: 'done', unread: 0, report: { untold: 0 } })
  // Of everything else that the export holds (siblings, nights, workouts) nothing differs.
  expect(
    done.report.kinds.filter(({ added, changed, withdrawn, kept }) => added + changed + withdrawn + kept > 0),
  ).toHaveLength(1)
  expect(done.report.kinds.length).toBeGreaterThan(5)
  printed = []
  await here.auren.ingest.settled()
  await replay(here.client, output(false), 'apple-health', { dryRun: true })
  expect(printed).toContain('Nothing would change.')
  const listed = await here.client.call<ReplayView[]>('biometric', 'GET', '/v1/replays')
  expect(listed.map(({ dryRun }) => dryRun)).toEqual([true, false, true])
})

it('proposes over HTTP to withdraw what a later export lacks, and does and undoes it over the command line', async () => {
  const [last = ''] = records(xml).slice(-1)
  const whole = xml.includes('<ExportDate')
    ? xml
    : xml.replace(/(<HealthData[^>]*>)/, '$1<ExportDate value="2026-01-01 00:00:00 +0100"/>')
  const second = (await importOverHttp(
    here.client,
    'export.xml',
    Buffer.from(whole.replace(last, '')),
    'apple-health',
  )) as Awaited<ReturnType<typeof importOverHttp>> & { missing: unknown }
  expect(second.missing).toMatchObject({
    count: 1,
    state: 'proposed',
    kinds: [{ of: 'resting_heart_rate', missing: 1 }],
  })
  const count = async (): Promise<number> => {
    await here.auren.ingest.settled()
    return (
      await here.auren.longTerm.samples(
        { user: 'local', purpose: 'display' },
        { metric: 'resting_heart_rate', from: 0, to: Date.UTC(2100, 0) },
      )
    ).length
  }
  const before = await count()
  printed = []
  expect(await imports.withdraw(here.client, output(false), second.id)).toBe(0)
  expect(printed.at(-1)).toBe(`They are withdrawn. Take that back with: auren imports restore ${second.id}`)
  expect(await count()).toBe(before - 1)
  expect(await imports.restore(here.client, output(false), second.id)).toBe(0)
  expect(await count()).toBe(before)
  printed = []
  await imports.list(here.client, output(false))
  expect(printed.join('\n')).toContain('1 missing: restored')
  await expect(imports.restore(here.client, output(false), second.id)).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
})

it('stands in the audit log', async () => {
  const rows = await here.client.call<{ action: string; reason: string }[]>('neuros', 'GET', '/v1/audit')
  expect(rows.map(({ action, reason }) => `${action}: ${reason}`).toReversed()).toEqual([
    ...Array.from({ length: 3 }, () => 'data.replay: POST /v1/replays'),
    'data.withdraw: POST /v1/imports/{id}/withdrawal',
    'data.restore: DELETE /v1/imports/{id}/withdrawal',
    'data.restore: DELETE /v1/imports/{id}/withdrawal',
  ])
})

it('refuses what is no replay', async () => {
  for (const body of [
    {},
    { provider: 'nobody' },
    { provider: 'apple-health', from: 'soon' },
    { provider: 'apple-health', from: '2026-02-01', to: '2026-01-01' },
  ])
    await expect(here.client.call('biometric', 'POST', '/v1/replays', body)).rejects.toMatchObject({
      name: 'AurenError',
    })
  await expect(here.client.call('biometric', 'GET', '/v1/replays/no-id')).rejects.toThrow()
})
