/** Reads a value as PostgreSQL writes it. */
export type Read = (text: string) => unknown

/**
 * How a type of pg_type is read: what the port promises (storage/sql/port.ts), the same that PGlite's driver gives.
 * Whatever is not listed (uuid, date …) stays as it is written.
 */
export function readerOf(type: number): Read {
  return readers[type] ?? asIs
}

const asIs: Read = (text) => text
const readBool: Read = (text) => text === 't'
const readInt8 = (text: string): number | bigint => {
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : BigInt(text)
}
const readBytes = (text: string): Uint8Array => {
  const bytes = Buffer.from(text.slice(2), 'hex')
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** Numbers of an array are JSON, but for NULL, NaN and Infinity, which are rare. */
const readNumbers: Read = (text) => (/[NI]/.test(text) ? readItems(text, Number) : JSON.parse(`[${text.slice(1, -1)}]`))
/** Sixteen digits and more may need a bigint. */
const readInt8s: Read = (text) => (/\d{16}/.test(text) ? readItems(text, readInt8) : readNumbers(text))

/** Elements of an array of one dimension: quoted with backslashes where they need it, NULL where there is none. */
function readItems(text: string, read: Read): unknown[] {
  const items: unknown[] = []
  let at = 1
  const end = text.length - 1
  while (at < end) {
    let item = ''
    if (text[at] === '"') {
      for (at++; text[at] !== '"'; at++) {
        if (text[at] === '\\') at++
        item += text[at]
      }
      items.push(read(item))
      at += 2
    } else {
      const comma = text.indexOf(',', at)
      const stop = comma < 0 ? end : comma
      item = text.slice(at, stop)
      items.push(item === 'NULL' ? null : read(item))
      at = stop + 1
    }
  }
  return items
}

const arrayOf =
  (read: Read): Read =>
  (text) =>
    readItems(text, read)

/** By type OID (pg_type.dat). */
const readers: Readonly<Record<number, Read>> = {
  16: readBool,
  17: readBytes,
  20: readInt8,
  21: Number,
  23: Number,
  26: Number,
  114: (text) => JSON.parse(text),
  700: Number,
  701: Number,
  1000: arrayOf(readBool),
  1001: arrayOf(readBytes),
  1005: readNumbers,
  1007: readNumbers,
  1009: arrayOf(asIs),
  1015: arrayOf(asIs),
  1016: readInt8s,
  1021: readNumbers,
  1022: readNumbers,
  1700: Number,
  2278: () => null,
  3802: (text) => JSON.parse(text),
}
