import { type FileContext, type FileSource, Observation, type ObservationInput } from '@auren/core'
import { expect } from 'vitest'
import { fitbit } from '../src/wearables/fitbit/index.js'
import { zipOf } from './apple-health-files.js'

/** The plugin that reads them. */
export const plugin = fitbit({ clientId: 'c', clientSecret: 's', verifyCode: 'v' })
const { file } = plugin
/** When they are imported. */
export const receivedAt = Date.UTC(2026, 9, 6)

/** A file by itself. */
export const fileOf = (content: string | Uint8Array, name: string): FileSource => {
  const bytes = Buffer.from(content)
  return { name, size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) }
}
/** A download, folder and all; what is no text is written as JSON. */
export const zipFrom = (entries: Record<string, unknown>, folder: string): FileSource =>
  fileOf(
    zipOf(
      Object.entries(entries).map(([name, content]) => ({
        name: `${folder}${name}`,
        content: typeof content === 'string' ? content : JSON.stringify(content),
      })),
    ),
    'takeout-20261006T130645Z-1-001.zip',
  )
/** Imports all of it; `zoneAt` is the person’s zone. */
export const read = async (
  source: FileSource,
  zoneAt: (at: number) => string | null = () => 'Europe/Berlin',
  cursor: unknown = null,
) => {
  const ctx: FileContext = {
    account: 'robin',
    cursor,
    signal: new AbortController().signal,
    receivedAt,
    zoneAt,
  }
  const observations: ObservationInput[] = []
  const rejected: { reason: string; detail: string }[] = []
  const cursors: unknown[] = []
  for await (const step of file!.read(source, ctx)) {
    observations.push(...step.observations)
    rejected.push(...step.rejected)
    cursors.push(step.cursor)
  }
  for (const one of observations) expect(Observation.safeParse(one).error?.issues ?? []).toEqual([])
  return { observations, rejected, cursors, reasons: rejected.map(({ reason }) => reason) }
}
/** Whether it is recognised. */
export const knows = async (source: FileSource) => file!.recognises(source.name, await source.read(0, 65_536), source)
/** A table. */
export const csv = (header: string, ...rows: unknown[][]) =>
  `${header}\n${rows.map((row) => row.join(',')).join('\n')}\n`
type Found = { metric: string; value: number; start: number; date: string }
/** What there is of a metric. */
export const of = (observations: readonly unknown[], metric: string) =>
  (observations as Found[]).filter((one) => one.metric === metric)
