import { textArrayLiteral } from '../port.js'

/** `{1.5,-0,NULL}`: a float8[] literal that keeps the sign of zero. */
export function floats(values: readonly (number | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : Object.is(value, -0) ? '-0' : value)).join(',')}}`
}

/** A literal of an array of array literals (or of any texts), to be unnested and cast row by row. */
export const texts = textArrayLiteral

/** `{1,2,NULL}` for numbers and booleans. */
export function plain(values: readonly (number | boolean | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`
}

/** `{1,2}` or null, as one element of {@link texts}. */
export function nested(values: readonly (number | null)[] | null): string | null {
  return values && floats(values)
}
