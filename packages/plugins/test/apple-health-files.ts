import { crc32, deflateRawSync } from 'node:zlib'
import type { FileContext, FileSource, ImportStep, ObservationInput } from '@auren/core'
import { type AppleHealthOptions, appleHealth } from '../src/wearables/apple-health/index.js'

/** A file of bytes. */
export function fileOf(content: string | Uint8Array, name = 'export.xml'): FileSource {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : Buffer.from(content)
  return { name, size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) }
}

/** A file that is made while it is read and never whole in memory. */
export function streamed(head: string, unit: string, times: number, tail: string): FileSource {
  const [first, middle, last] = [Buffer.from(head), Buffer.from(unit), Buffer.from(tail)]
  const size = first.length + middle.length * times + last.length
  const at = (offset: number): number => {
    if (offset < first.length) return first[offset] as number
    const into = offset - first.length
    return into < middle.length * times
      ? (middle[into % middle.length] as number)
      : (last[into - middle.length * times] as number)
  }
  return {
    name: 'export.xml',
    size,
    async read(offset, length) {
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - offset)))
      for (let i = 0; i < bytes.length; i++) bytes[i] = at(offset + i)
      return bytes
    },
  }
}

/** An export with these children of its root. */
export const exportOf = (children: string, before = ''): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${before}<HealthData locale="en_US">\n${children}\n</HealthData>\n`

interface RecordFields {
  type?: string
  source?: string
  unit?: string
  value?: string
  start?: string
  end?: string
  created?: string
  device?: string
  children?: string
}

/** A record; what is not given is a heart rate of a watch. */
export function record(fields: RecordFields = {}): string {
  const { type = 'HKQuantityTypeIdentifierHeartRate', source = 'Robin’s Apple Watch', unit = 'count/min' } = fields
  const { value = '61', start = '2024-05-01 08:00:00 +0200', end = start, device, children = '' } = fields
  const { created = '2024-05-01 09:00:00 +0200' } = fields
  const on = device === undefined ? '' : ` device="${device}"`
  return `<Record type="${type}" sourceName="${source}"${on} unit="${unit}" creationDate="${created}" startDate="${start}" endDate="${end}" value="${value}">${children}</Record>`
}

/** Everything that one reading yields. */
export interface Imported {
  observations: ObservationInput[]
  rejected: ImportStep['rejected']
  steps: ImportStep[]
}

/** What a file is read with. */
export const contextOf = (cursor: unknown, signal = new AbortController().signal): FileContext => ({
  account: 'robin',
  cursor,
  signal,
  receivedAt: 0,
  zoneAt: () => null,
})

/** Reads a file to its end. */
export async function importAll(
  file: FileSource,
  options: AppleHealthOptions = {},
  cursor: unknown = null,
): Promise<Imported> {
  const imported: Imported = { observations: [], rejected: [], steps: [] }
  for await (const step of appleHealth(options).file?.read(file, contextOf(cursor)) ?? []) {
    imported.observations.push(...step.observations)
    imported.rejected.push(...step.rejected)
    imported.steps.push(step)
  }
  return imported
}

/** Reads an export with these children of its root. */
export const importChildren = (children: string): Promise<Imported> => importAll(fileOf(exportOf(children)))

/** One entry of an archive that is made by hand, honest or not. */
export interface ZipEntry {
  name: string
  content: string | Uint8Array
  stored?: boolean
  encrypted?: boolean
  link?: boolean
  /** Lies about the unpacked size. */
  size?: number
  /** Lies about the checksum. */
  crc?: number
  zip64?: boolean
  /** Packed bytes to put in the place of the honest ones. */
  packed?: Uint8Array
}

/** Writes an archive byte by byte (APPNOTE 6.3.10), so that it can be wrong in any way. */
export function zipOf(entries: readonly ZipEntry[], options: { overlap?: boolean } = {}): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const content = Buffer.from(entry.content)
    const packed = Buffer.from(entry.packed ?? (entry.stored ? content : deflateRawSync(content)))
    const name = Buffer.from(entry.name)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(0x800 | (entry.encrypted ? 1 : 0), 2)
    fields.writeUInt16LE(entry.stored ? 0 : 8, 4)
    fields.writeUInt32LE(entry.crc ?? crc32(content), 10)
    fields.writeUInt32LE(packed.length, 14)
    fields.writeUInt32LE(entry.zip64 ? 0xffffffff : (entry.size ?? content.length), 18)
    fields.writeUInt16LE(name.length, 22)
    const extra = Buffer.alloc(entry.zip64 ? 12 : 0)
    if (entry.zip64) {
      extra.writeUInt16LE(1, 0)
      extra.writeUInt16LE(8, 2)
      extra.writeBigUInt64LE(BigInt(entry.size ?? content.length), 4)
    }
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, name, packed])
    const central = Buffer.alloc(46)
    central.write('PK\x01\x02', 'latin1')
    central.writeUInt16LE(entry.link ? 0x0314 : 20, 4)
    fields.copy(central, 6)
    central.writeUInt16LE(extra.length, 30)
    central.writeUInt32LE(entry.link ? (0o120777 << 16) >>> 0 : 0, 38)
    central.writeUInt32LE(options.overlap ? 0 : offset, 42)
    directory.push(Buffer.concat([central, name, extra]))
    parts.push(local)
    offset += local.length
  }
  const list = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(list.length, 12)
  const body = options.overlap ? (parts[0] as Buffer) : Buffer.concat(parts)
  end.writeUInt32LE(body.length, 16)
  return Buffer.concat([body, list, end])
}
