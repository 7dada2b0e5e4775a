import type { SqlValue } from '../sql/port.js'

const utf8 = new TextEncoder()

/** A growing message of PostgreSQL's frontend protocol, version 3. */
export interface Frontend {
  parse(name: string, text: string): Frontend
  describeStatement(name: string): Frontend
  /** `formats`: 1 where a result column comes in binary; empty means text for all. */
  bind(name: string, params: readonly SqlValue[], formats: readonly number[]): Frontend
  execute(): Frontend
  closeStatement(name: string): Frontend
  sync(): Frontend
  /** Simple query: several statements, no parameters. */
  simple(text: string): Frontend
  /** The bytes so far. Their buffer is nobody else's, and can be transferred once nothing more is to be added. */
  bytes(): Uint8Array<ArrayBuffer>
}

/**
 * Starts a message (https://www.postgresql.org/docs/current/protocol-message-formats.html). Byte arrays go in binary,
 * so that a bytea of a megabyte is copied and not spelled out in hex.
 */
export function frontend(): Frontend {
  let buffer = new Uint8Array(1024)
  let view = new DataView(buffer.buffer)
  let end = 0

  const reserve = (size: number): void => {
    if (end + size <= buffer.length) return
    const grown = new Uint8Array(Math.max(buffer.length * 2, end + size))
    grown.set(buffer.subarray(0, end))
    buffer = grown
    view = new DataView(buffer.buffer)
  }
  const int16 = (value: number): void => {
    reserve(2)
    view.setInt16(end, value)
    end += 2
  }
  const int32 = (value: number): void => {
    reserve(4)
    view.setInt32(end, value)
    end += 4
  }
  const text = (value: string): void => {
    // UTF-8 needs at most three bytes per UTF-16 unit.
    reserve(value.length * 3)
    end += utf8.encodeInto(value, buffer.subarray(end)).written
  }
  const cstring = (value: string): void => {
    text(value)
    reserve(1)
    buffer[end++] = 0
  }
  const message = (type: string, body: () => void): Frontend => {
    reserve(5)
    buffer[end] = type.charCodeAt(0)
    const start = end + 1
    end += 5
    body()
    view.setInt32(start, end - start)
    return self
  }
  const sized = (write: () => void): void => {
    int32(0)
    const start = end
    write()
    view.setInt32(start - 4, end - start)
  }
  const value = (param: SqlValue): void => {
    if (param === null) int32(-1)
    else if (typeof param === 'object') {
      int32(param.length)
      reserve(param.length)
      buffer.set(param, end)
      end += param.length
    } else sized(() => text(param === true ? 't' : param === false ? 'f' : String(param)))
  }

  const self: Frontend = {
    parse: (name, sql) =>
      message('P', () => {
        cstring(name)
        cstring(sql)
        int16(0)
      }),
    describeStatement: (name) =>
      message('D', () => {
        text('S')
        cstring(name)
      }),
    bind: (name, params, formats) =>
      message('B', () => {
        cstring('')
        cstring(name)
        int16(params.length)
        for (const param of params) int16(typeof param === 'object' && param !== null ? 1 : 0)
        int16(params.length)
        for (const param of params) value(param)
        int16(formats.length)
        for (const format of formats) int16(format)
      }),
    execute: () =>
      message('E', () => {
        cstring('')
        int32(0)
      }),
    closeStatement: (name) =>
      message('C', () => {
        text('S')
        cstring(name)
      }),
    sync: () => message('S', () => {}),
    simple: (sql) => message('Q', () => cstring(sql)),
    bytes: () => buffer.subarray(0, end),
  }
  return self
}
