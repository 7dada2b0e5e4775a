// Streams a plausible export.xml of an invented person together with the truth that is planted in it.
//   node --import tsx bench/generate/apple-export.ts --out export.xml [--bytes 1e9 | --records 1e6 | --months 3]
//     [--seed 1] [--revision 2] [--end 2025-06-30] [--truth truth.json]

import { once } from 'node:events'
import { createWriteStream, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { head } from './apple-dtd.js'
import { type Page, sections, stamp } from './apple-sections.js'
import { createSweep, emptyTruth, type Truth } from './apple-truth.js'

/** How much to write: the first that is given counts. All three end on `end`. */
export interface ExportOptions {
  seed?: number
  bytes?: number
  records?: number
  months?: number
  /** Last day, `yyyy-MM-dd`. @default 2025-06-30 */
  end?: string
  /**
   * 2: the same person exports again, later: kilograms and kilometres throughout (1 changes from lb and mi to kg and km
   * half-way), one weight in ten corrected (same identity, other value, later creation) and one in 25 deleted.
   */
  revision?: 1 | 2
}

function newPage(seed: number, revision: 1 | 2, days: number, metricFrom: number): Page {
  const truth = emptyTruth(seed, days)
  return {
    seed,
    revision,
    metricFrom,
    truth,
    text: '',
    steps: createSweep(truth.steps, truth.stepsBySource),
    distance: createSweep(truth.distance),
  }
}

/** Days that come to the wanted size, judged by a fortnight's sample. */
function daysFor(options: ExportOptions, seed: number, end: number): number {
  if (options.bytes === undefined && options.records === undefined) return Math.round((options.months ?? 3) * 30.4375)
  const page = newPage(seed, 1, 14, end)
  for (let i = 0; i < 14; i++) for (const write of sections) write(end - i * 17, page)
  const records = Object.values(page.truth.records).reduce((sum, n) => sum + n, 0)
  const wanted =
    options.bytes === undefined ? (options.records ?? 0) / records : options.bytes / Buffer.byteLength(page.text)
  return Math.max(2, Math.ceil(wanted * 14))
}

/**
 * Writes an export piece by piece, in constant memory, and returns the truth about it. The same options give the same
 * bytes. Dates of the truth: what carries HKTimeZone (weight, sleep, workouts) by its own zone, all else by the offset
 * written, which is that of the exporting phone in Berlin.
 */
export function* generateAppleExport(options: ExportOptions = {}): Generator<string, Truth> {
  const seed = options.seed ?? 1
  const revision = options.revision ?? 1
  const end = Date.parse(`${options.end ?? '2025-06-30'}T00:00:00Z`) / 86_400_000
  const days = daysFor(options, seed, end)
  const first = end - days + 1
  const page = newPage(seed, revision, days, first + Math.floor(days / 2))
  const exported = (end + 2 + (revision - 1) * 30) * 86_400
  page.text = `${head}<HealthData locale="de_DE">\n <ExportDate value="${stamp(exported)}"/>\n <Me HKCharacteristicTypeIdentifierDateOfBirth="1988-04-02" HKCharacteristicTypeIdentifierBiologicalSex="HKBiologicalSexNotSet" HKCharacteristicTypeIdentifierBloodType="HKBloodTypeNotSet" HKCharacteristicTypeIdentifierFitzpatrickSkinType="HKFitzpatrickSkinTypeNotSet" HKCharacteristicTypeIdentifierCardioFitnessMedicationsUse="None"/>\n`
  for (const write of sections) {
    for (let day = first; day <= end; day++) {
      write(day, page)
      if (page.text.length < 65_536) continue
      page.truth.bytes += Buffer.byteLength(page.text)
      yield page.text
      page.text = ''
    }
  }
  page.steps.advance((end + 3) * 1440)
  page.distance.advance((end + 3) * 1440)
  page.text += '</HealthData>\n'
  page.truth.bytes += Buffer.byteLength(page.text)
  yield page.text
  return page.truth
}

async function main(): Promise<void> {
  const names = ['out', 'bytes', 'records', 'months', 'seed', 'revision', 'end', 'truth'] as const
  const { values } = parseArgs({
    options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
  })
  const number = (name: string) => (values[name] === undefined ? undefined : Number(values[name]))
  if (typeof values.out !== 'string') throw new Error('Say where to: --out export.xml')
  const given = { seed: number('seed'), bytes: number('bytes'), records: number('records'), months: number('months') }
  const options = Object.fromEntries(
    Object.entries({ ...given, revision: number('revision'), end: values.end }).filter(
      ([, value]) => value !== undefined,
    ),
  )
  const writing = generateAppleExport(options as ExportOptions)
  const file = createWriteStream(values.out)
  for (;;) {
    const { done, value } = writing.next()
    if (done) {
      file.end()
      await once(file, 'close')
      const truth = JSON.stringify(value)
      if (typeof values.truth === 'string') writeFileSync(values.truth, truth)
      else console.log(truth)
      return
    }
    if (!file.write(value)) await once(file, 'drain')
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await main()
