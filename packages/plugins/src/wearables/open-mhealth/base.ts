import {
  Flag,
  type NormalizeContext,
  type ObservationInput,
  type Source,
  SourceType,
  type ZoneBasis,
} from '@auren/core'
import { Datasheet, type Header } from './payload.js'
import { stampOf } from './times.js'

/** A body on its way, with what its header says. */
export interface Held {
  /** Name of the schema, without namespace. */
  name: string
  body: Readonly<Record<string, unknown>>
  shared: Shared
  /** What AUREN itself has written beside the schema. */
  own: { metric?: string; date?: string }
  reject(reason: string, detail: string): void
}

interface Shared {
  source: Source
  recordId?: string
  version?: number
  createdAt?: number
  flags?: number
}

/** How AUREN names what has no field in the schemas: an IRI each, in the header's datasheets. */
export const urn = 'urn:auren:'

/** What all observations of a data point share. */
export function hold(
  header: Header,
  body: Held['body'],
  index: number | null,
  name: string,
  ctx: NormalizeContext,
): Held {
  const all = (header.external_datasheets ?? []).flatMap((item) => {
    const parsed = Datasheet.safeParse(item)
    if (parsed.success) return parsed.data
    ctx.reject(item, 'schema', `${name || 'a data point'}: a datasheet has no reference`)
    return []
  })
  const own = ownOf(all)
  const provenance = header.acquisition_provenance
  const modality = header.modality ?? provenance?.modality
  const manual = modality === 'self-reported'
  const made = stampOf(
    header.source_creation_date_time ?? provenance?.source_creation_date_time ?? header.creation_date_time,
  )
  const changed = stampOf(provenance?.source_last_modification_date_time) ?? made
  const id = (header.uuid ?? header.id ?? '').slice(0, 250)
  const sheets = all.filter(({ datasheet_reference: one }) => !one.startsWith(urn))
  const sheet = sheets.find(({ datasheet_type: type }) => /device|manufacturer/i.test(type ?? '')) ?? sheets[0]
  const named = (own.source?.name ?? provenance?.source_name ?? sheet?.datasheet_reference ?? '').trim().slice(0, 200)
  return {
    name,
    body,
    own,
    shared: {
      source: {
        name: named === '' ? 'Open mHealth' : named,
        type: own.source?.type ?? (manual ? 'manual' : 'unknown'),
      },
      ...(id === '' ? {} : { recordId: index === null ? id : `${id}/${index}` }),
      ...(changed ? { version: changed.at } : {}),
      ...(made ? { createdAt: made.at } : {}),
      ...(manual ? { flags: Flag.manual } : {}),
    },
    reject: (reason, detail) => ctx.reject({ header, body }, reason, `${name || 'a data point'}: ${detail}`),
  }
}

function ownOf(sheets: readonly Datasheet[]): Held['own'] & { source?: Source } {
  const own: Record<string, string> = {}
  for (const { datasheet_reference: reference } of sheets) {
    const [, key, value] = /^urn:auren:([a-z_]+):(.+)$/.exec(reference) ?? []
    if (key !== undefined && value !== undefined) own[key] = decoded(value)
  }
  const type = SourceType.safeParse(own.type)
  return {
    ...(own.metric ? { metric: own.metric } : {}),
    ...(own.date && /^\d{4}-\d\d-\d\d$/.test(own.date) ? { date: own.date } : {}),
    ...(own.source ? { source: { name: own.source, type: type.success ? type.data : 'unknown' } } : {}),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Offset and where it is from. */
export function zoned(offset: number | null): { offset: number | null; zoneBasis: ZoneBasis } {
  return { offset, zoneBasis: offset === null ? 'absent' : 'carried' }
}

/** A word of a body, whatever stands there; empty where it is none. */
export function wordOf(given: unknown): string {
  return typeof given === 'string' ? given.slice(0, 200) : ''
}

/** What a body becomes. */
export type Make = (held: Held) => Iterable<ObservationInput>
