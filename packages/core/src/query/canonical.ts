import { createHash } from 'node:crypto'
import type { LocalDate } from '../observation/schema.js'
import type { Query } from './schema.js'

/** Name and version of this engine: another version may answer differently, and so makes other ids. */
export const ALGORITHM = 'facts@1.0.0'

/** Lists whose order means nothing. */
const unordered = new Set(['where', 'of', 'in', 'activity'])

function canonical(value: unknown, key = ''): string {
  if (Array.isArray(value)) {
    const items = value.map((item) => canonical(item))
    return `[${(unordered.has(key) ? items.sort() : items).join(',')}]`
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, held]) => held !== undefined)
    entries.sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([name, held]) => `${JSON.stringify(name)}:${canonical(held, name)}`).join(',')}}`
  }
  return JSON.stringify(value)
}

/**
 * Id of a fact: SHA-256 over the query in canonical form (keys and conditions sorted), the version of the person's
 * data, and today. Equal data and question give an equal id on every machine.
 */
export function factId(query: Query, version: number, today: LocalDate, lastPlus: 0 | 1): string {
  const text = canonical({ algorithm: ALGORITHM, query, version, today, lastPlus })
  return `f_${createHash('sha256').update(text).digest('hex').slice(0, 20)}`
}
