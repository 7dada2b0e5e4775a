import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { importFile, imports } from '../src/cli/commands/import.js'
import { type Installation, install, recordedOutput } from './harness.js'

const { output, printed } = recordedOutput()
let here: Installation
let folder = ''

beforeAll(async () => {
  here = await install()
  folder = await mkdtemp(join(tmpdir(), 'auren-import-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await here?.close()
  await here?.remove()
})

const weighing = (day: number, value: string): string => {
  const at = `2026-10-0${day} 07:00:00 +0200`
  return `<Record type="HKQuantityTypeIdentifierBodyMass" sourceName="Scale" unit="kg" creationDate="${at}" startDate="${at}" endDate="${at}" value="${value}"/>`
}
async function bring(name: string, content: string): Promise<{ code: number; said: string[] }> {
  await writeFile(join(folder, name), content)
  const code = await importFile(here.client, output, undefined, join(folder, name), {})
  return { code, said: printed.splice(0) }
}
const exported = (date: string, ...records: string[]): string =>
  `<?xml version="1.0"?><HealthData locale="en_GB"><ExportDate value="${date} 10:00:00 +0100"/>${records.join('')}</HealthData>`

it('says why a file cannot be read, and does not ask for it again', async () => {
  const { code, said } = await bring('note.txt', 'hello')
  expect(code).toBe(1)
  expect(said.at(-1)).toMatch(
    /^Nothing was imported: The file was not recognised\. Exports that can be read: .*csv\. \(AUREN_INPUT_INVALID\)$/,
  )
})

it('counts one as one, and says what a later export lacks', async () => {
  const first = await bring('a.xml', exported('2026-11-01', weighing(1, '71.2'), weighing(2, '712')))
  expect(first.code).toBe(0)
  expect(first.said.slice(-4)).toEqual([
    'Imported 1 observation.',
    '1 was left aside:',
    '  1 × hard_range',
    'See them with: auren quarantine list',
  ])
  await bring('b.xml', exported('2026-11-02', weighing(1, '71.2'), weighing(3, '70.9'), weighing(4, '70.8')))
  const { said } = await bring('c.xml', exported('2026-11-03', weighing(1, '71.2'), weighing(4, '70.8')))
  expect(said.slice(-4, -1)).toEqual([
    'Imported 2 observations.',
    '1 record (33.3 % of such) that earlier exports had, and this one lacks:',
    '  1 of 3 × weight',
  ])
  expect(await imports.list(here.client, output)).toBe(0)
  expect(printed.splice(0).join('\n')).toContain('c.xml  ')
})
