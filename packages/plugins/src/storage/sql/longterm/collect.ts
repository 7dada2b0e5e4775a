import {
  AurenError,
  type Batch,
  type Gone,
  type Observation,
  type RecordMark,
  type Source as SaidSource,
  typeRank,
} from '@auren/core'
import { type Bucket, bucketKey } from './cache.js'
import type { Entry } from './codec.js'
import { sourceKey, stableId } from './keys.js'
import type { IncomingRow } from './rows.js'
import { type Place, recordKey, type Source, type Work } from './work.js'

/** Samples for one chunk. */
export interface IncomingSeries {
  metric: string
  bucket: number
  sourceId: number
  entries: Entry[]
}

/** A record as this write tells of it. */
export interface IncomingRecord {
  accountId: number
  recordId: string
  marks: RecordMark[]
  places: Map<string, Place>
}

/** Observations sorted by where they go. */
export interface Collected {
  series: Map<string, IncomingSeries>
  rows: IncomingRow[]
  records: Map<string, IncomingRecord>
  sources: Map<number, Source>
  observations: number
}

/** Sorts the observations of batches by chunk, row and record. Touches no table. */
export function collect(work: Work, batches: readonly Batch[]): Collected {
  const collected: Collected = {
    series: new Map(),
    rows: [],
    records: new Map(),
    sources: new Map(),
    observations: 0,
  }
  for (const batch of batches) collectBatch(work, batch, collected)
  return collected
}

function collectBatch(work: Work, batch: Batch, into: Collected): void {
  const { provider, account, receivedAt, rawRef, amends = false, lastReceivedAt = receivedAt } = batch
  const accountId = stableId(provider, account)
  const ids = new Map<string, number>()

  const sourceId = (source: SaidSource): number => {
    const name = `${source.type} ${source.name}`
    const known = ids.get(name)
    if (known !== undefined) return known
    const id = stableId(provider, account, source.name)
    ids.set(name, id)
    addSource(into, {
      id,
      accountId,
      key: sourceKey(provider, account, source.name),
      provider,
      account,
      name: source.name,
      type: source.type,
    })
    return id
  }

  const recordOf = (recordId: string): IncomingRecord => {
    const key = recordKey(accountId, recordId)
    let record = into.records.get(key)
    if (!record) {
      record = { accountId, recordId, marks: [], places: new Map() }
      into.records.set(key, record)
    }
    return record
  }

  const mark = (observation: Observation, gone: Gone, place?: Place): void => {
    if (observation.recordId === undefined) return
    const record = recordOf(observation.recordId)
    const version = observation.version ?? null
    const last = record.marks.at(-1)
    // An amended part leaves its record as it is, but is found when that changes.
    if (amends) return void (place && record.places.set(place.join(' '), place))
    if (!last || last.version !== version || last.at !== receivedAt || last.gone !== gone)
      record.marks.push({ version, at: receivedAt, gone })
    if (place) record.places.set(place.join(' '), place)
  }

  const sample = (metric: string, source: SaidSource, entry: Entry): Place => {
    const bucket = work.bucketOf(work.metric(metric), entry.start)
    const id = sourceId(source)
    const key = `${bucketKey(metric, bucket)} ${id}`
    const series = into.series.get(key)
    if (series) series.entries.push(entry)
    else into.series.set(key, { metric, bucket, sourceId: id, entries: [entry] })
    return [metric, bucket, id]
  }

  const stamps = (version: number | undefined) => ({
    version: version ?? null,
    first: receivedAt,
    last: lastReceivedAt,
    rawRef,
  })

  for (const { recordId, marks } of batch.records ?? []) recordOf(recordId).marks.push(...marks)

  for (const observation of batch.observations) {
    into.observations++
    if (observation.shape === 'sample') {
      checkEnd(observation.start, observation.end)
      const entry: Entry = {
        start: observation.start,
        end: observation.end ?? null,
        value: observation.value + 0,
        flags: observation.flags ?? 0,
        offset: observation.offset,
        zoneBasis: observation.zoneBasis,
        recordId: observation.recordId ?? null,
        ordinal: observation.ordinal ?? 0,
        gone: 0,
        ...stamps(observation.version),
      }
      mark(observation, 0, sample(observation.metric, observation.source, entry))
    } else if (observation.shape === 'deletion') {
      const gone = observation.sticky ? 2 : 1
      const { target, source, recordId } = observation
      // A part of a record: its revisions decide what of the rest holds, so they must be at hand.
      if (target && recordId !== undefined) recordOf(recordId)
      if (!target) mark(observation, gone)
      else if (!source)
        throw new AurenError('AUREN_INPUT_INVALID', 'A deletion of one observation must name its source')
      else if (target.shape === 'sample') {
        if (target.start === undefined)
          throw new AurenError('AUREN_INPUT_INVALID', 'A deletion of a sample must name its start')
        sample(target.of, source, {
          start: target.start,
          end: target.end ?? null,
          value: 0,
          flags: 0,
          offset: null,
          zoneBasis: 'absent',
          recordId: recordId ?? null,
          ordinal: target.ordinal ?? 0,
          gone,
          ...stamps(observation.version),
        })
      } else
        into.rows.push({
          observation,
          provider,
          account,
          accountId,
          sourceId: sourceId(source),
          gone,
          ...stamps(observation.version),
        })
      if (!target && recordId === undefined)
        throw new AurenError('AUREN_INPUT_INVALID', 'A deletion must name its record, or its target and source')
    } else {
      if (observation.shape !== 'daily_total') checkEnd(observation.start, observation.end)
      if (observation.shape === 'daily_total') work.metric(observation.metric)
      mark(observation, 0)
      into.rows.push({
        observation,
        provider,
        account,
        accountId,
        sourceId: sourceId(observation.source),
        gone: 0,
        ...stamps(observation.version),
      })
    }
  }
}

function checkEnd(start: number, end: number | undefined): void {
  if (end !== undefined && end < start)
    throw new AurenError('AUREN_INPUT_INVALID', 'An observation ends before it starts: reject it before it is stored')
}

/** One source may be told of with several types: the best-ranked one holds, whatever came first. */
function addSource(into: Collected, source: Source): void {
  const known = into.sources.get(source.id)
  if (!known || typeRank(source.type) < typeRank(known.type)) into.sources.set(source.id, source)
}

/** Buckets that the samples go to. */
export function bucketsOf(series: Iterable<{ metric: string; bucket: number }>): Bucket[] {
  return [...series].map(({ metric, bucket }) => [metric, bucket] as const)
}
