/**
 * A value as a TypeScript literal on one line, in the project's style (single quotes, bare keys where they may be).
 * @param {unknown} value strings, numbers, booleans, null, arrays and plain objects
 * @returns {string}
 */
export function literal(value) {
  if (typeof value === 'string')
    return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (value !== null && typeof value === 'object')
    return `{ ${Object.entries(value)
      .map(([key, inner]) => `${/^[a-z_$][\w$]*$/i.test(key) ? key : literal(key)}: ${literal(inner)}`)
      .join(', ')} }`
  return String(value)
}
