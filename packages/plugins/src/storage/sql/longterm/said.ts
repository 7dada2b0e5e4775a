import type { Deletion, Observation, Sample, SourceType } from '@auren/core'
import type { Entry } from './codec.js'
import type { Row } from './rows.js'

/** Whose words they are. */
interface Spoken {
  source: string
  type: SourceType
}

function common(
  of: Pick<Entry, 'offset' | 'recordId' | 'version' | 'flags' | 'ordinal'>,
  origin: Spoken,
  zoneBasis: Entry['zoneBasis'],
) {
  return {
    source: { name: origin.source, type: origin.type },
    offset: of.offset,
    zoneBasis,
    ...(of.recordId === null ? {} : { recordId: of.recordId }),
    ...(of.version === null ? {} : { version: of.version }),
    ...(of.flags === 0 ? {} : { flags: of.flags }),
    ...(of.ordinal === 0 ? {} : { ordinal: of.ordinal }),
  }
}

/** A sample of a chunk as an observation. */
export function sampleToObservation(metric: string, unit: string, origin: Spoken, entry: Entry): Sample {
  return {
    shape: 'sample',
    metric,
    start: entry.start,
    ...(entry.end === null ? {} : { end: entry.end }),
    value: entry.value,
    unit,
    ...common(entry, origin, entry.zoneBasis),
  }
}

/** A row of `entries` as an observation; `text`: its words, opened. */
export function rowToObservation(
  row: Row,
  origin: Spoken,
  text: string | null,
  unitOf: (metric: string) => string,
): Exclude<Observation, Deletion> {
  const rest = common(row, origin, row.zoneBasis ?? 'absent')
  const start = row.start as number
  switch (row.shape) {
    case 'daily_total':
      return {
        shape: 'daily_total',
        metric: row.name,
        date: row.date as string,
        value: row.value as number,
        unit: unitOf(row.name),
        ...rest,
      }
    case 'tag':
      return {
        shape: 'tag',
        tag: row.name,
        start,
        ...(row.end === null ? {} : { end: row.end }),
        ...(row.value === null ? {} : { value: row.value }),
        ...(row.body.unit === undefined ? {} : { unit: row.body.unit }),
        ...(text === null ? {} : { text }),
        ...rest,
      }
    case 'session': {
      const { measures = {}, unit: _, ...body } = row.body
      return {
        shape: 'session',
        kind: row.name as 'sleep' | 'workout',
        start,
        end: row.end as number,
        measures,
        ...body,
        ...(text === null ? {} : { text }),
        ...rest,
      }
    }
  }
}
