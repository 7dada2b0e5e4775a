/** A column of a result. */
export interface Column {
  name: string
  /** Type OID of pg_type. */
  type: number
}

/** One message of PostgreSQL's backend protocol: its type letter and where its body lies. */
export interface BackendMessage {
  type: string
  start: number
  end: number
}

/** An answer of the engine with a view for reading it. */
export interface Answer {
  bytes: Uint8Array
  view: DataView
  messages: BackendMessage[]
}

const utf8 = new TextDecoder()

/** Splits an answer into messages (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
export function readAnswer(bytes: Uint8Array): Answer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const messages: BackendMessage[] = []
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 1 + view.getInt32(at + 1)
    messages.push({ type: String.fromCharCode(bytes[at] as number), start: at + 5, end })
    at = end
  }
  return { bytes, view, messages }
}

/** Reads a zero-terminated string. */
function cstring(answer: Answer, start: number): { value: string; next: number } {
  const end = answer.bytes.indexOf(0, start)
  return { value: utf8.decode(answer.bytes.subarray(start, end)), next: end + 1 }
}

/** Columns of a RowDescription. */
export function readColumns(answer: Answer, message: BackendMessage): Column[] {
  const columns: Column[] = []
  let at = message.start + 2
  for (let left = answer.view.getInt16(message.start); left > 0; left--) {
    const { value, next } = cstring(answer, at)
    columns.push({ name: value, type: answer.view.getInt32(next + 6) })
    at = next + 18
  }
  return columns
}

/** What the command did, e.g. `COMMIT` or `UPDATE 3`. */
export function readTag(answer: Answer, message: BackendMessage): string {
  return cstring(answer, message.start).value
}

/** Fields of an ErrorResponse by their letter: `C` SQLSTATE, `M` message, `n` constraint, `t` table … */
export function readError(answer: Answer, message: BackendMessage): Record<string, string> {
  const fields: Record<string, string> = {}
  for (let at = message.start; answer.bytes[at] !== 0; ) {
    const { value, next } = cstring(answer, at + 1)
    fields[String.fromCharCode(answer.bytes[at] as number)] = value
    at = next
  }
  return fields
}

/** A DataRow as an object; the columns' formats must be those of {@link formatOf}. */
export function readRow(answer: Answer, message: BackendMessage, columns: readonly Column[]): Record<string, unknown> {
  const row: Record<string, unknown> = {}
  let at = message.start + 2
  for (const { name, type } of columns) {
    const size = answer.view.getInt32(at)
    at += 4
    if (size < 0) row[name] = null
    else {
      const read = binary[type]
      row[name] = read ? read(answer, at, size) : fromText(type, utf8.decode(answer.bytes.subarray(at, at + size)))
      at += size
    }
  }
  return row
}

/** Result format to ask for: 1 (binary) for the types that are read so, else 0 (text). */
export function formatOf(column: Column): 0 | 1 {
  return column.type in binary ? 1 : 0
}

type Read = (answer: Answer, at: number, size: number) => unknown

const readInt8: Read = ({ view }, at) => {
  const exact = view.getBigInt64(at)
  const value = Number(exact)
  return Number.isSafeInteger(value) ? value : exact
}
const readText: Read = ({ bytes }, at, size) => utf8.decode(bytes.subarray(at, at + size))

/** One dimension: dimensions, has-nulls, element type, then length and lower bound, then the elements by size. */
function arrayOf(element: Read): Read {
  return (answer, at) => {
    const { view } = answer
    if (view.getInt32(at) === 0) return []
    const length = view.getInt32(at + 12)
    const values = new Array<unknown>(length)
    let next = at + 20
    for (let i = 0; i < length; i++) {
      const size = view.getInt32(next)
      next += 4
      values[i] = size < 0 ? null : element(answer, next, size)
      if (size > 0) next += size
    }
    return values
  }
}

const readBool: Read = ({ bytes }, at) => bytes[at] === 1
const readInt2: Read = ({ view }, at) => view.getInt16(at)
const readInt4: Read = ({ view }, at) => view.getInt32(at)
const readFloat4: Read = ({ view }, at) => view.getFloat32(at)
const readFloat8: Read = ({ view }, at) => view.getFloat64(at)

/** By type OID (pg_type.dat). */
const binary: Readonly<Record<number, Read>> = {
  16: readBool,
  17: ({ bytes }, at, size) => bytes.slice(at, at + size),
  20: readInt8,
  21: readInt2,
  23: readInt4,
  25: readText,
  26: ({ view }, at) => view.getUint32(at),
  700: readFloat4,
  701: readFloat8,
  1043: readText,
  1000: arrayOf(readBool),
  1001: arrayOf(({ bytes }, at, size) => bytes.slice(at, at + size)),
  1005: arrayOf(readInt2),
  1007: arrayOf(readInt4),
  1009: arrayOf(readText),
  1015: arrayOf(readText),
  1016: arrayOf(readInt8),
  1021: arrayOf(readFloat4),
  1022: arrayOf(readFloat8),
}

/** Types that come as text: numeric as number, json parsed, void as null, all others (date …) as they are written. */
function fromText(type: number, text: string): unknown {
  if (type === 1700) return Number(text)
  if (type === 114 || type === 3802) return JSON.parse(text)
  if (type === 2278) return null
  return text
}
