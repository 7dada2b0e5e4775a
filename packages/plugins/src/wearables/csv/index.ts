import {
  AurenError,
  defineWearable,
  type FileContext,
  type FileSource,
  type ImportStep,
  type NormalizeContext,
  type WearablePlugin,
} from '@auren/core'
import { z } from 'zod'
import { likelyHeader } from '../../files/csv.js'
import { textOf } from '../../files/documents.js'
import { columnName, csvPart, dateOrderOf, exportReader, readTime } from '../../files/index.js'
import { guess } from './guess.js'
import { columnsOf, dateColumnsOf, Mapping, readMapping } from './mapping.js'
import { meant } from './near.js'
import { readRow } from './rows.js'
import { type Clocks, clocksOf } from './times.js'

const VENDOR = 'csv'
const HEAD_BYTES = 64 * 1024

/** Text by column. */
const Cells = z.record(z.string(), z.string().max(10_000))

/** Rows with their mapping: what an app that has them at hand hands over. */
const Payload = z.object({
  mapping: Mapping,
  rows: z.array(z.unknown()).max(100_000),
})
type Payload = z.infer<typeof Payload>

/** Tables of any origin, with a mapping that a person has written: which column is what. */
export function csv(): WearablePlugin<'csv', Payload, never> {
  return defineWearable({
    kind: 'wearable',
    id: VENDOR,
    title: 'Tables (CSV)',
    version: '0.1.0',
    payload: Payload,
    *normalize({ mapping, rows }, ctx: NormalizeContext) {
      const named = rows.map((given) => {
        const cells = Cells.safeParse(given)
        return cells.success
          ? Object.fromEntries(Object.entries(cells.data).map(([name, value]) => [columnName(name), value.trim()]))
          : null
      })
      const dates = searchedDatesOf(mapping)
      const order =
        mapping.order ??
        (dates.length > 0
          ? dateOrderOf(
              named.flatMap((row) => dates.flatMap((name) => row?.[name] || [])),
              ctx.receivedAt,
            )
          : 'ymd')
      const read = (text: string | undefined) => (text ? readTime(text, order) : null)
      const clocks = clocksOf(ctx.zoneAt)
      for (const [index, row] of named.entries()) {
        const line = index + 1
        if (row) yield* readRow(row, { mapping, line, read, clocks, reject: ctx.reject })
        else ctx.reject({ line }, 'row_unreadable', `Row ${line} is not text by column.`)
      }
    },
    file: { options: Mapping, recognises: async (_name, head) => isTable(head), read: readTable },
  })
}

/** Columns over which it is found in which order dates are written, where the mapping does not say it. */
function searchedDatesOf(mapping: Mapping): string[] {
  return mapping.format === 'auto' && mapping.order === undefined ? dateColumnsOf(mapping).map(columnName) : []
}

/** Text in columns. Whose export it is, if anybody's, is for the others to say first. */
function isTable(head: Uint8Array): boolean {
  const text = textOf(Buffer.from(head))
  return !text.slice(0, 4096).includes('\0') && !/^\s*[[{<]/.test(text) && likelyHeader(text, []) !== null
}

async function* readTable(file: FileSource, ctx: FileContext): AsyncGenerator<ImportStep> {
  const head = textOf(Buffer.from(await file.read(0, Math.min(HEAD_BYTES, file.size))))
  if (ctx.options === undefined) throw unmapped(head)
  const mapping = readMapping(ctx.options)
  const needs = columnsOf(mapping)
  checkColumns(head, needs, mapping.delimiter)
  /** For each document that is read. */
  const tables = new WeakMap<object, Clocks>()
  const reader = exportReader({
    plugin: VENDOR,
    parts: [
      csvPart({
        path: /./,
        needs: needs.map(columnName),
        dates: searchedDatesOf(mapping),
        ...(mapping.delimiter === undefined ? {} : { delimiter: mapping.delimiter }),
        row(row, { line, time, zoneAt, reject, shared }) {
          const clocks = tables.get(shared) ?? clocksOf(zoneAt)
          tables.set(shared, clocks)
          const read =
            mapping.order === undefined
              ? time
              : (text: string | undefined) => (text ? readTime(text, mapping.order) : null)
          return readRow(row, { mapping, line, clocks, reject, read })
        },
      }),
    ],
  })
  yield* reader.read(file, ctx)
}

/** @throws AurenError AUREN_INPUT_INVALID where the table lacks a column that the mapping names */
function checkColumns(head: string, needs: readonly string[], delimiter: string | undefined): void {
  const fields = (likelyHeader(head, needs.map(columnName), delimiter)?.fields ?? []).filter((field) => field !== '')
  const there = new Set(fields.map(columnName))
  const lacking = needs.filter((name) => !there.has(columnName(name)))
  if (lacking.length === 0) return
  const said = lacking.map((name) => `There is no column '${name}'.${meant(name, fields)}`)
  throw new AurenError('AUREN_INPUT_INVALID', `${said.join(' ')} There are: ${list(fields)}.`, {
    plugin: VENDOR,
    issues: lacking.map((name) => ({ path: name, message: 'is no column of the table' })),
  })
}

function unmapped(head: string): AurenError {
  const fields = likelyHeader(head, [])?.fields ?? []
  const { mapping, left } = guess(fields)
  return new AurenError(
    'AUREN_INPUT_INVALID',
    `A table needs a mapping, which says what its columns are. Save this, correct it, and import with --mapping map.json: ${JSON.stringify(mapping)}${left.length > 0 ? ` Not recognised: ${list(left)}.` : ''}`,
    { plugin: VENDOR },
  )
}

function list(fields: readonly string[]): string {
  return fields
    .slice(0, 60)
    .map((field) => `'${field.slice(0, 80)}'`)
    .join(', ')
}
