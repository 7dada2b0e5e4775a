import type { FileSource, ObservationInput } from '@auren/core'
import { bytesPart, exportReader, jsonPart, type Part, type PartContext } from '../../files/index.js'
import { openZip } from '../../files/zip.js'
import { loadNames } from '../fit/products.js'
import { mostBytes, readFit } from '../fit/read.js'
import { activities, days, health, maxMet, nights, readiness } from './export-days.js'
import { watch } from './make.js'

const FIT = /\.fit(\.gz)?$/i
/** FIT files in one of the zips: years of several watches have some ten thousand. */
const MOST_FILES = 100_000

/** A list of objects in a document of a folder, read one by one. */
function listPart(
  path: RegExp,
  sign: RegExp,
  read: (item: unknown, ctx: PartContext) => Iterable<ObservationInput>,
): Part {
  return jsonPart({
    path,
    looks: (head) => sign.test(head),
    *read(value, ctx) {
      for (const item of Array.isArray(value) ? value : [value]) yield* read(item, ctx)
    },
  })
}

/** What the watches have uploaded: FIT files in zips within the zip. What is in zips within those is left. */
const uploadsPart: Part = {
  path: /(^|\/)DI-Connect-Uploaded-Files\/[^/]*\.zip$/i,
  async *read(document, ctx) {
    const bytes = await document.bytes()
    const file: FileSource = {
      name: document.path,
      size: bytes.length,
      read: async (offset, length) => bytes.subarray(offset, offset + length),
    }
    const zip = await openZip(file, 'garmin', {
      entries: MOST_FILES,
      entryBytes: mostBytes,
      totalBytes: 2 ** 33,
      ratio: 250,
    })
    try {
      const nameOf = await loadNames()
      for (const entry of [...zip.entries].sort((a, b) => (a.path < b.path ? -1 : 1))) {
        if (!FIT.test(entry.path)) {
          ctx.reject({ path: entry.path.slice(-100) }, 'unknown_file', 'An uploaded file that is no FIT file.')
          continue
        }
        yield await uploaded(zip, entry, nameOf, ctx)
      }
    } finally {
      zip.close()
    }
  },
}

/** One upload. What is wrong with it is not the next one's fault. */
async function uploaded(
  zip: Awaited<ReturnType<typeof openZip>>,
  entry: Awaited<ReturnType<typeof openZip>>['entries'][number],
  nameOf: Awaited<ReturnType<typeof loadNames>>,
  ctx: PartContext,
): Promise<ObservationInput[]> {
  try {
    const chunks: Buffer[] = []
    for await (const chunk of zip.read(entry)) chunks.push(chunk)
    // Days of the watch stand beside Garmin's own days of the same source.
    return [...readFit(Buffer.concat(chunks), { vendor: 'garmin', nameOf, wellness: watch }, ctx)]
  } catch (cause) {
    ctx.reject(
      { path: entry.path.slice(-100) },
      'document_damaged',
      cause instanceof Error ? cause.message.slice(0, 300) : 'It cannot be read.',
    )
    return []
  }
}

/** The export of an account: what Garmin has computed as JSON, and what the watches have uploaded. */
export const archive = exportReader({
  plugin: 'garmin',
  parts: [
    listPart(/(^|\/)DI-Connect-Aggregator\/UDSFile_[^/]*\.json$/i, /"total(Steps|Kilocalories)"/, days),
    listPart(/(^|\/)DI-Connect-Wellness\/[^/]*_sleepData\.json$/i, /"sleepStartTimestampGMT"/, nights),
    listPart(/(^|\/)DI-Connect-Wellness\/[^/]*_healthStatusData\.json$/i, /"metrics"\s*:\s*\[/, health),
    listPart(
      /(^|\/)DI-Connect-Fitness\/[^/]*_summarizedActivities\.json$/i,
      /"summarizedActivitiesExport"/,
      activities,
    ),
    listPart(/(^|\/)DI-Connect-Metrics\/MetricsMaxMetData_[^/]*\.json$/i, /"vo2MaxValue"/, maxMet),
    listPart(/(^|\/)DI-Connect-Metrics\/TrainingReadinessDTO_[^/]*\.json$/i, /"score"/, readiness),
    uploadsPart,
    bytesPart({
      path: /(^|\/)DI-Connect-[^/]*\/.*\.fit$/i,
      tells: false,
      async *read(bytes, ctx) {
        yield* readFit(bytes, { vendor: 'garmin', nameOf: await loadNames(), wellness: watch }, ctx)
      },
    }),
  ],
  ignored: [
    {
      path: /(^|\/)DI_CONNECT\/.*\.(json|csv|txt|tcx|gpx)$/i,
      why: 'Parts of Garmin Connect that are not read: gear, goals, records, plans.',
    },
    { path: /\.(jpe?g|png|gif|mp4|pdf|html?)$/i, why: 'Pictures and papers are not measurements.' },
    {
      path: /(^|\/)(customer_data|IT_[A-Z_]+|MARKETING|GOLF|INREACH|[A-Z]+_DATA)\//i,
      why: 'The account, its orders and devices: nothing measured.',
    },
  ],
})
