import type { Batch, MetricRegistry, UserId, Vault, WriteReport } from '@auren/core'
import type { SqlTx } from '../port.js'
import { raiseVersion } from '../versions.js'
import type { Series } from './cache.js'
import { bucketsOf, type Collected, collect } from './collect.js'
import { rollUpTouched } from './days.js'
import { type Merged, mergeSeries } from './merge.js'
import { mergeRecords } from './records.js'
import { rerollMetrics } from './reroll.js'
import { mergeRows } from './rows.js'
import { loadBuckets, loadHistory, saveChunks, saveHistory, saveStamps, seriesOf } from './series.js'
import { saveSources } from './sources.js'
import { nothingTouched, type Touched, touch } from './touched.js'
import { beginWork, type Place, recordKey, type StoredRecord, type Work } from './work.js'

/**
 * Writes batches of one person, whom the caller has locked: chunks, rows, records, roll-ups and the person's version,
 * all in the caller's transaction and as that person. The tables are a function of the set of what was received:
 * permutation, split and repetition do not show.
 * @throws AurenError AUREN_METRIC_UNKNOWN, AUREN_INPUT_INVALID
 */
export function writeBatches(
  tx: SqlTx,
  user: UserId,
  vault: Vault,
  registry: MetricRegistry,
  batches: readonly Batch[],
): Promise<WriteReport> {
  return tx.as({ user }, async (own) => {
    const work = await beginWork(own, user, vault, registry)
    const collected = collect(work, batches)
    const regraded = await saveSources(work, collected.sources.values())
    const { risen } = await mergeRecords(work, collected.records)
    const touched = nothingTouched()
    const samples = await writeSeries(work, collected, risen, touched)
    const rows = await mergeRows(work, collected.rows, risen)
    for (const row of rows.touched)
      if (row.shape === 'session') touched[row.name as 'sleep' | 'workout'].add(row.date as string)
      else if (row.shape === 'daily_total') touch(touched, row.name, row.date as string, row.sourceId)
    const days = await rollUpTouched(work, touched)
    if (regraded.length > 0) await rerollMetrics(work, (_, sources) => regraded.some(({ id }) => sources.has(id)))
    if (samples.changed || rows.news > 0 || rows.touched.length > 0)
      await raiseVersion(own, user, 'auren.person_versions')
    const news = samples.news + rows.news
    return { changed: news, unchanged: collected.observations - news - deletionsOf(collected), days }
  })
}

/** Deletions of whole records are neither new nor known observations. */
function deletionsOf({ records }: Collected): number {
  let count = 0
  for (const { marks } of records.values()) count += marks.filter(({ gone }) => gone > 0).length
  return count
}

async function writeSeries(
  work: Work,
  collected: Collected,
  risen: readonly StoredRecord[],
  touched: Touched,
): Promise<{ changed: boolean; news: number }> {
  const places = new Map<string, Place>()
  for (const { places: of } of risen) for (const place of of) places.set(place.join(' '), place)
  await loadBuckets(work, [
    ...bucketsOf(collected.series.values()),
    ...[...places.values()].map(([metric, bucket]) => [metric, bucket] as const),
  ])
  const list = new Map<string, Series>()
  for (const { metric, bucket, sourceId } of collected.series.values())
    list.set([metric, bucket, sourceId].join(' '), seriesOf(work, metric, bucket, sourceId))
  for (const [key, place] of places) list.set(key, seriesOf(work, ...place))
  await loadHistory(work, [...list.values()])

  const whole: Series[] = []
  const stamped: Series[] = []
  const old: Series[] = []
  let news = 0
  for (const [key, series] of list) {
    const accountId = work.sources.get(series.sourceId)?.accountId as number
    const merged = mergeSeries(
      series.held,
      series.history as NonNullable<Series['history']>,
      collected.series.get(key)?.entries ?? [],
      (recordId) => work.records.get(recordKey(accountId, recordId))?.marks ?? null,
    )
    series.held = merged.held
    series.history = merged.history
    news += merged.news
    touchDates(work, touched, series, merged)
    if (merged.heldChanged) whole.push(series)
    else if ((merged.stampsChanged || merged.historyChanged) && series.stored) stamped.push(series)
    if (merged.historyChanged) old.push(series)
  }
  await saveChunks(work, whole)
  await saveStamps(work, stamped)
  await saveHistory(work, old)
  return { changed: whole.length > 0 || news > 0, news }
}

function touchDates(work: Work, touched: Touched, series: Series, merged: Merged): void {
  const cumulative = work.metric(series.metric).kind === 'cumulative'
  for (const entry of merged.touched) {
    if (cumulative && entry.end !== null)
      for (const { day } of work.calendar.split(entry)) touch(touched, series.metric, day.date, series.sourceId)
    else touch(touched, series.metric, work.calendar.dayOf(entry).date, series.sourceId)
  }
}
