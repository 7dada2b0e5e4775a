import { z } from 'zod'
import { id } from './payload.js'

const DAY = 86_400_000
/** How long a log is known, to notice that it is gone. */
const WATCHED = 31 * DAY

/** Logs of late, each with its day. */
export const Seen = z.array(z.tuple([z.string(), z.iso.date()]))
export type Seen = z.infer<typeof Seen>

/** Logs with an identity, by the list that they come in. */
const logs: Readonly<Record<string, string>> = { sleep: 'sleep', activities: 'activity', weight: 'weight', fat: 'fat' }
const Log = z.object({
  logId: id,
  dateOfSleep: z.iso.date().optional(),
  startDate: z.iso.date().optional(),
  date: z.iso.date().optional(),
  /** A workout of the list of logs says its day only here, before the offset. */
  startTime: z.string().max(60).optional(),
})

/** The day that a log is of, as the person's clock had it. */
export function dayOf(item: unknown): string | null {
  const log = Log.safeParse(item).data
  const written = log?.dateOfSleep ?? log?.startDate ?? log?.date ?? log?.startTime?.slice(0, 10)
  return z.iso.date().safeParse(written).data ?? null
}

/**
 * What of the logs of these days is there now, and what is not any longer.
 * @param document an answer that has all logs of its lists from `first` to `last`, both included
 */
export function watch(
  document: unknown,
  seen: Seen,
  first: string,
  last: string,
  now: number,
): { seen: Seen; missing: string[] } {
  const found = new Map<string, string>()
  const kinds = new Set<string>()
  for (const [name, kind] of Object.entries(logs)) {
    const list = z.object({ [name]: z.array(z.unknown()) }).safeParse(document)
    if (!list.success) continue
    kinds.add(kind)
    for (const item of (list.data as Record<string, unknown[]>)[name] ?? []) {
      const log = Log.safeParse(item)
      const date = dayOf(item)
      if (log.success && date) found.set(`${kind}/${log.data.logId}`, date)
    }
  }
  const isOf = ([recordId, date]: Seen[number]): boolean =>
    kinds.has(recordId.split('/')[0] ?? '') && date >= first && date <= last
  const missing = seen.flatMap((one) => (isOf(one) && !found.has(one[0]) ? [one[0]] : []))
  const oldest = dateOf(now - WATCHED)
  const kept = seen.filter((one) => !isOf(one) && !found.has(one[0]))
  return { seen: [...kept, ...found].filter(([, date]) => date >= oldest), missing }
}

/** The civil date of an instant in UTC. */
export function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
