import { defineWearable, type NormalizeContext, type ObservationInput, type WearablePlugin } from '@auren/core'
import { z } from 'zod'
import { csvPart, dateOrderOf, exportReader, readNumber, readTime, rowOf } from '../../files/index.js'
import { setAside } from '../../vendor/items.js'
import { aliases, type GlucoseUnit, glucoseUnits } from './columns.js'
import { type RowReader, rowReader } from './rows.js'

const units = Object.keys(glucoseUnits) as GlucoseUnit[]
const TIME = 'device timestamp'

/** Rows of an export by column, as an application of one's own may have them; the columns may be of any language that is known. */
const Payload = z.object({ rows: z.array(z.unknown()).max(500_000) })
const Columns = z.record(z.string().max(200), z.union([z.string().max(20_000), z.number(), z.null()]))
/** Rows of an export by column. */
export type LibrePayload = z.infer<typeof Payload>

const archive = exportReader({
  plugin: 'libre',
  parts: units.map((unit) => {
    /** What is known of the rows before, for each document that is read. */
    const readers = new WeakMap<object, RowReader>()
    return csvPart({
      path: /\.(csv|txt|tsv)$/i,
      needs: [TIME, `historic glucose ${unit}`],
      dates: [TIME],
      aliases,
      row(row, ctx) {
        let read = readers.get(ctx.shared)
        if (!read) {
          read = rowReader(unit, ctx.zoneAt)
          readers.set(ctx.shared, read)
        }
        return read(row, ctx)
      },
    })
  }),
})

/**
 * FreeStyle Libre: the CSV that LibreView exports and the text of the reader's own program. Readings of the sensor and
 * of strips, ketones, insulin, food and notes; local times, whose zone comes from the profile.
 */
export function libre(): WearablePlugin<'libre', LibrePayload, never> {
  return defineWearable({
    kind: 'wearable',
    id: 'libre',
    title: 'LibreView',
    version: '0.1.0',
    payload: Payload,
    normalize,
    metrics: {
      'libre.ketone': {
        title: 'Ketones in blood or tissue',
        unit: 'mmol/L',
        aggregates: ['mean', 'max'],
        hard: [0, 30],
        plausible: [0, 8],
        kind: 'instant',
        sparse: true,
      },
    },
    file: archive,
  })
}

function* normalize(
  { rows }: LibrePayload,
  { receivedAt, zoneAt, reject }: NormalizeContext,
): Iterable<ObservationInput> {
  const read = rows.map((given) => {
    const columns = Columns.safeParse(given)
    if (!columns.success) setAside(given, 'row', columns.error, { reject })
    return columns.success ? rowOf(columns.data, aliases) : null
  })
  const order = dateOrderOf(
    read.flatMap((row) => row?.[TIME] ?? []),
    receivedAt,
  )
  const readers = new Map<GlucoseUnit, RowReader>(units.map((unit) => [unit, rowReader(unit, zoneAt)]))
  for (const [index, row] of read.entries()) {
    if (row === null) continue
    const unit = units.find((one) => Object.keys(row).some((column) => column.endsWith(` glucose ${one}`))) ?? 'mg/dl'
    yield* (readers.get(unit) as RowReader)(row, {
      line: index + 1,
      time: (text) => (text ? readTime(text, order) : null),
      number: readNumber,
      reject,
    })
  }
}
