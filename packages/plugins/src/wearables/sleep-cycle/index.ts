import { defineWearable, type NormalizeContext, type ObservationInput, type WearablePlugin } from '@auren/core'
import { z } from 'zod'
import { csvPart, dateOrderOf, exportReader, readTime, rowOf } from '../../files/index.js'
import { aliases } from './columns.js'
import { metrics } from './metrics.js'
import { type RowReader, rowReader } from './rows.js'

const Fields = z.record(z.string().max(200), z.union([z.string().max(20_000), z.number(), z.null()]))
/** Rows of an export by column, as an application of one's own may have them; each is looked at by itself. */
const Payload = z.object({ rows: z.array(z.unknown()).max(100_000) })
/** Rows of an export by column. */
export type SleepCyclePayload = z.infer<typeof Payload>

/** Older versions of the app write hours and minutes in bed, newer ones seconds. */
const forms = ['time in bed', 'time in bed (seconds)'] as const

const archive = exportReader({
  plugin: 'sleep-cycle',
  parts: forms.map((inBed) => {
    /** What is known of the rows before, for each document that is read. */
    const readers = new WeakMap<object, RowReader>()
    return csvPart({
      path: /\.(csv|txt)$/i,
      needs: ['start', 'end', 'sleep quality', inBed],
      dates: ['start', 'end'],
      aliases,
      row(row, ctx) {
        const read = readers.get(ctx.shared) ?? rowReader(ctx.zoneAt)
        readers.set(ctx.shared, read)
        return read(row, ctx)
      },
    })
  }),
})

/** Sleep Cycle: the CSV that the app exports, of every version of it. Local times, whose zone comes from the profile. */
export function sleepCycle(): WearablePlugin<'sleep-cycle', SleepCyclePayload, never> {
  return defineWearable({
    kind: 'wearable',
    id: 'sleep-cycle',
    title: 'Sleep Cycle',
    version: '0.1.0',
    payload: Payload,
    normalize,
    metrics,
    file: archive,
  })
}

function* normalize(
  { rows }: SleepCyclePayload,
  { receivedAt, zoneAt, reject }: NormalizeContext,
): Iterable<ObservationInput> {
  const named = rows.map((row) => {
    const fields = Fields.safeParse(row)
    return fields.success ? rowOf(fields.data, aliases) : null
  })
  const order = dateOrderOf(
    named.flatMap((row) => [row?.start ?? '', row?.end ?? '']),
    receivedAt,
  )
  const read = rowReader(zoneAt)
  for (const [index, row] of named.entries()) {
    if (row) yield* read(row, { line: index + 1, time: (text) => (text ? readTime(text, order) : null), reject })
    else reject(rows[index], 'schema', `Row ${index + 1} is not text by column.`)
  }
}
