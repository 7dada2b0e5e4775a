import { readField, type Value } from './fields.js'
import type { Report, Segment } from './segments.js'

/** A value that an app on the watch has added. */
export interface DeveloperValue {
  name: string
  units?: string | undefined
  /** Field of FIT's own that it stands for: numbers of message and field. */
  native?: readonly [message: number, field: number] | undefined
  value: Value
}

/** A message: fields by their number, as they are written. Times are seconds since 1989-12-31T00:00:00Z. */
export interface Message {
  number: number
  fields: Readonly<Record<number, Value>>
  developer?: readonly DeveloperValue[] | undefined
}

/** Number of the field that holds a message's time. */
export const TIMESTAMP = 253
const RECORD = 20
const FIELD_DESCRIPTION = 206

interface FieldDefinition {
  number: number
  size: number
  baseType: number
}
interface DeveloperDefinition {
  index: number
  number: number
  size: number
}
interface Definition {
  number: number
  littleEndian: boolean
  fields: FieldDefinition[]
  developer: DeveloperDefinition[]
  size: number
}
type Description = Omit<DeveloperValue, 'value'> & { baseType: number }

interface State {
  definitions: (Definition | undefined)[]
  descriptions: Map<number, Description>
  timestamp: number | null
  distance: { raw: number; metres: number }
}

/**
 * The messages of a FIT file, one after the other, as far as they decode: at the first record that cannot be right it is
 * reported how much is left over. Nothing is kept but the definitions.
 * @param wanted numbers of messages; of others only the time is read, which compressed headers count on from
 */
export function* messagesOf(
  bytes: Uint8Array,
  { start, end }: Segment,
  wanted: ReadonlySet<number>,
  report: Report,
): Generator<Message> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const state: State = {
    definitions: [],
    descriptions: new Map(),
    timestamp: null,
    distance: { raw: 0, metres: 0 },
  }
  let at = start
  while (at < end) {
    const header = view.getUint8(at)
    const isDefinition = (header & 0xc0) === 0x40
    if (isDefinition) {
      const read = readDefinition(view, at, end, (header & 0x20) !== 0)
      if (!read) return report(...broken(at, end, 'a definition'))
      state.definitions[header & 0x0f] = read.definition
      at = read.end
      continue
    }
    const compressed = (header & 0x80) !== 0
    const definition = state.definitions[compressed ? (header >> 5) & 3 : header & 0x0f]
    if (!definition) return report(...broken(at, end, 'a message without a definition'))
    if (at + 1 + definition.size > end) return report(...broken(at, end, 'a message'))
    const message = readMessage(view, at + 1, definition, wanted, state, compressed ? header & 0x1f : null)
    if (message) yield message
    at += 1 + definition.size
  }
}

function broken(at: number, end: number, what: string): [reason: string, detail: string] {
  return ['fit_truncated', `It breaks off in ${what}: ${end - at} bytes are not read.`]
}

function readDefinition(
  view: DataView,
  at: number,
  end: number,
  hasDeveloper: boolean,
): { definition: Definition; end: number } | null {
  if (at + 6 > end) return null
  const architecture = view.getUint8(at + 2)
  const count = view.getUint8(at + 5)
  let to = at + 6 + count * 3
  if (architecture > 1 || to + (hasDeveloper ? 1 : 0) > end) return null
  const triple = (from: number): [number, number, number] => [
    view.getUint8(from),
    view.getUint8(from + 1),
    view.getUint8(from + 2),
  ]
  const fields = Array.from({ length: count }, (_, i) => {
    const [number, size, baseType] = triple(at + 6 + i * 3)
    return { number, size, baseType }
  })
  const developer: DeveloperDefinition[] = []
  if (hasDeveloper) {
    const more = view.getUint8(to)
    if (to + 1 + more * 3 > end) return null
    for (let i = 0; i < more; i++) {
      const [number, size, index] = triple(to + 1 + i * 3)
      developer.push({ number, size, index })
    }
    to += 1 + more * 3
  }
  const littleEndian = architecture === 0
  const size = [...fields, ...developer].reduce((sum, field) => sum + field.size, 0)
  return {
    definition: { number: view.getUint16(at + 3, littleEndian), littleEndian, fields, developer, size },
    end: to,
  }
}

function readMessage(
  view: DataView,
  from: number,
  { number, littleEndian, fields, developer }: Definition,
  wanted: ReadonlySet<number>,
  state: State,
  timeOffset: number | null,
): Message | null {
  const isWanted = wanted.has(number) || number === FIELD_DESCRIPTION
  const read: Record<number, Value> = {}
  let at = from
  for (const field of fields) {
    if (isWanted || field.number === TIMESTAMP) {
      const value = readField(view, at, field.size, field.baseType, littleEndian)
      if (value !== undefined) read[field.number] = value
    }
    at += field.size
  }
  const written = read[TIMESTAMP]
  if (typeof written === 'number') state.timestamp = written
  else if (timeOffset !== null && state.timestamp !== null) {
    // Five bits of the time, that roll over.
    state.timestamp += (timeOffset - (state.timestamp & 0x1f)) & 0x1f
    read[TIMESTAMP] = state.timestamp
  }
  if (!isWanted) return null
  if (number === FIELD_DESCRIPTION) describe(read, state)
  if (number === RECORD) expand(read, state)
  const values = developer.flatMap((field): DeveloperValue[] => {
    const described = state.descriptions.get(field.index * 256 + field.number)
    const value = described && readField(view, at, field.size, described.baseType, littleEndian)
    at += field.size
    if (!described || value === undefined) return []
    const { baseType: _, ...rest } = described
    return [{ ...rest, value }]
  })
  return { number, fields: read, ...(values.length > 0 ? { developer: values } : {}) }
}

/** What an app on the watch says of a field of its own. */
function describe(fields: Readonly<Record<number, Value>>, { descriptions }: State): void {
  const [index, number, baseType, name] = [fields[0], fields[1], fields[2], fields[3]]
  if (typeof index !== 'number' || typeof number !== 'number' || typeof baseType !== 'number') return
  const [message, field] = [fields[14], fields[15]]
  descriptions.set(index * 256 + number, {
    name: typeof name === 'string' ? name.slice(0, 100) : `field ${number}`,
    units: typeof fields[8] === 'string' ? fields[8].slice(0, 40) : undefined,
    native: typeof message === 'number' && typeof field === 'number' ? [message, field] : undefined,
    baseType,
  })
}

/** Old sensors pack speed and distance into three bytes: 12 bits of 1/100 m/s, and 12 bits of 1/16 m that roll over. */
function expand(fields: Record<number, Value>, { distance }: State): void {
  const packed = fields[8]
  if (!Array.isArray(packed) || packed.length !== 3) return
  const [a, b, c] = packed as [number, number, number]
  const raw = (b >> 4) | (c << 4)
  distance.metres += ((raw - distance.raw) & 0xfff) / 16
  distance.raw = raw
  fields[5] ??= distance.metres * 100
  fields[6] ??= (a | ((b & 0x0f) << 8)) * 10
}
