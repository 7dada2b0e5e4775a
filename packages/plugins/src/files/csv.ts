import { Readable } from 'node:stream'
import { AurenError, type Instant } from '@auren/core'
import { type DateOrder, dateOrderOf, readTime } from './civil.js'
import type { PartContext, Row, RowContext } from './types.js'

/** What is known of a delimited document. */
export interface CsvOptions {
  /** Columns that must all be there, by {@link columnName}. */
  needs: readonly string[]
  /** Columns of dates; in which order they write day and month is found over the whole document. */
  dates?: readonly string[]
  /** Where it cannot be found out: a header of one column. */
  delimiter?: string
  /** How the columns of other languages are called here, by {@link columnName}. */
  aliases?: Readonly<Record<string, string>>
}

/** Where the header of a document is. */
export interface Header {
  delimiter: string
  /** Line of the header, from 0. */
  line: number
  columns: string[]
  preamble: string[][]
}

const delimiters = [',', ';', '\t', '|']
/** Exports have their header within the first lines, below who and when. */
const headerLines = 40
const sliceLength = 64 * 1024

/** A column's name as rows are keyed by it: lower-case, single blanks, no byte order mark. */
export function columnName(text: string): string {
  return text
    .replace(/^\ufeff/, '')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase()
}

/** A row that was given by column, as one of a document is: names as {@link columnName} and aliases have them, values as text. */
export function rowOf(
  given: Readonly<Record<string, string | number | null>>,
  aliases: Readonly<Record<string, string>>,
): Row {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      aliases[columnName(name)] ?? columnName(name),
      value === null ? '' : String(value).trim(),
    ]),
  )
}

/** Finds the line that has all the columns, and what stands between them. */
export function findHeader(text: string, { needs, delimiter, aliases = {} }: CsvOptions): Header | null {
  const lines = firstLines(text)
  for (const mark of delimiter === undefined ? delimiters : [delimiter]) {
    const preamble: string[][] = []
    for (const [line, content] of lines.entries()) {
      const fields = fieldsOf(content, mark)
      const columns = fields.map((field) => aliases[columnName(field)] ?? columnName(field))
      if (needs.every((need) => columns.includes(need))) return { delimiter: mark, line, columns, preamble }
      preamble.push(fields)
    }
  }
  return null
}

/**
 * The line that most likely is a header, with its fields as they are written: the one with most of the wanted columns, then
 * with most fields, then the first. Null where nothing is in two columns.
 */
export function likelyHeader(
  text: string,
  wanted: readonly string[],
  delimiter?: string,
): { delimiter: string; fields: string[] } | null {
  let best: { delimiter: string; fields: string[]; score: number } | null = null
  for (const mark of delimiter === undefined ? delimiters : [delimiter])
    for (const line of firstLines(text)) {
      const fields = fieldsOf(line.replace(/^\ufeff/, ''), mark).map((field) => field.trim())
      const names = new Set(fields.map(columnName))
      const score =
        1000 * wanted.filter((name) => names.has(name)).length + fields.filter((field) => field !== '').length
      if (score > (best?.score ?? 1)) best = { delimiter: mark, fields, score }
    }
  return best && { delimiter: best.delimiter, fields: best.fields }
}

function firstLines(text: string): string[] {
  return text.slice(0, sliceLength).split(/\r\n|\n|\r/, headerLines)
}

/** The fields of one line; a field in quotes may hold the separator, and quotes twice. */
function fieldsOf(line: string, mark: string): string[] {
  const fields: string[] = []
  let field = ''
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    const letter = line[i] as string
    if (letter === '"') {
      if (quoted && line[i + 1] === '"') field += line[i++]
      else quoted = !quoted
    } else if (letter === mark && !quoted) {
      fields.push(field)
      field = ''
    } else field += letter
  }
  return [...fields, field]
}

type Read = Pick<RowContext, 'line' | 'time' | 'number' | 'preamble'> & { row: Row }

/**
 * The rows below a header. One with more fields than the header is set aside; where fields are missing they are empty.
 * @throws AurenError AUREN_PAYLOAD_INVALID after the last row, where the document broke off within quotes
 */
export async function* readRows(
  text: string,
  header: Header,
  { dates = [] }: CsvOptions,
  ctx: PartContext,
): AsyncGenerator<Read> {
  const order = dates.length > 0 ? await orderOf(text, header, dates, ctx.receivedAt) : 'ymd'
  const time: RowContext['time'] = (written) => (written ? readTime(written, order) : null)
  const { columns, preamble } = header
  let damaged = false
  const note = (): undefined => {
    damaged = true
  }
  for await (const { fields, line } of records(text, header, note)) {
    const more = fields.slice(columns.length)
    if (more.some((field) => field.trim() !== '')) {
      ctx.reject({ line }, 'row_malformed', `Line ${line} has more fields than the header.`)
      continue
    }
    const row: Record<string, string> = {}
    // Of two columns with one name the first is kept.
    for (const [i, column] of columns.entries()) row[column] ??= (fields[i] ?? '').trim()
    yield { row, line, time, number: readNumber, preamble }
  }
  if (damaged) throw new AurenError('AUREN_PAYLOAD_INVALID', 'Some of its rows cannot be told apart.')
}

/** When a document was written: a time of day in the lines above its header, as `Generated on` has it. */
const written = /\d[-/. ]\d.*\d[:.]\d\d/

async function orderOf(
  text: string,
  header: Header,
  dates: readonly string[],
  receivedAt: Instant,
): Promise<DateOrder> {
  const places = dates.map((name) => header.columns.indexOf(name)).filter((place) => place >= 0)
  const texts = header.preamble.flat().filter((cell) => written.test(cell) && isTime(cell))
  for await (const { fields } of records(text, header)) {
    for (const place of places) if (fields[place]?.trim()) texts.push(fields[place] as string)
  }
  return dateOrderOf(texts, receivedAt)
}

/** In some order. */
function isTime(cell: string): boolean {
  return (readTime(cell, 'dmy') ?? readTime(cell, 'mdy')) !== null
}

/** Records below the header, with the line that each ends on. */
async function* records(
  text: string,
  { delimiter, line }: Header,
  onDamage: () => undefined = () => undefined,
): AsyncGenerator<{ fields: string[]; line: number }> {
  const { parse } = await import('csv-parse')
  const parser = parse({
    delimiter,
    from_line: line + 2,
    bom: true,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: onDamage,
    max_record_size: 1024 * 1024,
  })
  Readable.from(slices(text)).pipe(parser)
  for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
    if (record.some((field) => field !== '')) yield { fields: record, line: info.lines }
  }
}

function* slices(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += sliceLength) yield text.slice(at, at + sliceLength)
}

/**
 * A number as people's computers write it: `1234.5`, `1234,5`, `1,234.5`, `1.234,5`, `1 234,5`. A single mark is taken for
 * the decimal one, unless it stands before exactly three digits after one to three others and is a comma: `12,345`.
 */
export function readNumber(text: string | undefined): number | null {
  const plain = (text ?? '').replace(/[\s\u00a0\u202f']/g, '')
  if (!/^[+-]?(?=[\d.,]*\d)[\d.,]+(?:e[+-]?\d+)?$/i.test(plain)) return null
  const point = plain.lastIndexOf('.')
  const comma = plain.lastIndexOf(',')
  const thousands = /^[+-]?\d{1,3}(,\d{3})+$/.test(plain) || /^[+-]?\d{1,3}(\.\d{3}){2,}$/.test(plain)
  const normal =
    thousands || (point >= 0 && comma >= 0)
      ? thousands || point > comma
        ? plain.replaceAll(',', '').replace(thousands ? /\./g : /$^/, '')
        : plain.replaceAll('.', '').replace(',', '.')
      : plain.replace(',', '.')
  const value = Number(normal)
  return Number.isFinite(value) ? value : null
}
