/** A value as it is written: unscaled; an element of a list that is invalid is null. */
export type Value = number | string | (number | null)[]

/** How a base type is written, by its five low bits. */
interface BaseType {
  size: number
  /** The value that means "none", or null where another rule holds. */
  invalid: number | null
  read(view: DataView, at: number, little: boolean): number
}

const big = (value: bigint): number => (value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Number.NaN)
const byte = (invalid: number | null): BaseType => ({ size: 1, invalid, read: (view, at) => view.getUint8(at) })
const word = (invalid: number): BaseType => ({ size: 2, invalid, read: (view, at, le) => view.getUint16(at, le) })
const long = (invalid: number): BaseType => ({ size: 4, invalid, read: (view, at, le) => view.getUint32(at, le) })
const STRING = 7
const BYTES = 13

const baseTypes: Readonly<Record<number, BaseType>> = {
  0: byte(0xff),
  1: { size: 1, invalid: 0x7f, read: (view, at) => view.getInt8(at) },
  2: byte(0xff),
  3: { size: 2, invalid: 0x7fff, read: (view, at, le) => view.getInt16(at, le) },
  4: word(0xffff),
  5: { size: 4, invalid: 0x7fffffff, read: (view, at, le) => view.getInt32(at, le) },
  6: long(0xffffffff),
  // All ones is not a number already.
  8: { size: 4, invalid: null, read: (view, at, le) => view.getFloat32(at, le) },
  9: { size: 8, invalid: null, read: (view, at, le) => view.getFloat64(at, le) },
  10: byte(0),
  11: word(0),
  12: long(0),
  [BYTES]: byte(null),
  14: { size: 8, invalid: null, read: (view, at, le) => big(view.getBigInt64(at, le)) },
  15: { size: 8, invalid: null, read: (view, at, le) => big(view.getBigUint64(at, le)) },
  16: { size: 8, invalid: 0, read: (view, at, le) => big(view.getBigUint64(at, le)) },
}

/**
 * Reads a field. Undefined where it is invalid (all ones, or zero for types with a `z`), of an unknown type, or of a size
 * that is no multiple of its type's.
 */
export function readField(
  view: DataView,
  at: number,
  size: number,
  baseType: number,
  littleEndian: boolean,
): Value | undefined {
  const kind = baseType & 0x1f
  if (kind === STRING) return readString(view, at, size)
  const type = baseTypes[kind]
  if (!type || size < type.size || size % type.size !== 0) return undefined
  if (kind === BYTES && size > 1) return readBytes(view, at, size)
  if (size === type.size) return valid(type, type.read(view, at, littleEndian)) ?? undefined
  const list: (number | null)[] = []
  for (let i = 0; i < size; i += type.size) list.push(valid(type, type.read(view, at + i, littleEndian)))
  return list.every((one) => one === null) ? undefined : list
}

function valid({ invalid }: BaseType, value: number): number | null {
  return value === invalid || !Number.isFinite(value) ? null : value
}

/** Bytes mean nothing one by one: they are invalid only all together. */
function readBytes(view: DataView, at: number, size: number): number[] | undefined {
  const list = Array.from({ length: size }, (_, i) => view.getUint8(at + i))
  return list.every((one) => one === 0xff) ? undefined : list
}

function readString(view: DataView, at: number, size: number): string | undefined {
  const bytes = Buffer.from(view.buffer, view.byteOffset + at, size)
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? size : end) || undefined
}
