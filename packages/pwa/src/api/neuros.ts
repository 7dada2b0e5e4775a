import { address, NEUROS } from './address'
import { getJson, sendJson } from './http'
import type {
  ChapterView,
  ContradictionView,
  Fact,
  LocalDate,
  MemoryKind,
  MemoryRecord,
  MetricInfo,
  PatternQuery,
  Profile,
  Provenance,
  SeriesView,
  ThreadInfo,
  TodayView,
  TraceView,
  Turn,
} from './wire'

const at = (parts: string[], query?: Record<string, string | number | undefined>) => address(NEUROS, parts, query)

/** The day's cards. */
export const readToday = (signal?: AbortSignal) => getJson<TodayView>(at(['today']), signal)
/** What is measured, since when. */
export const readMetrics = (signal?: AbortSignal) => getJson<MetricInfo[]>(at(['metrics']), signal)
/** A metric over a span, small enough to draw. */
export const readSeries = (metric: string, from: LocalDate, to: LocalDate, buckets: number, signal?: AbortSignal) =>
  getJson<SeriesView>(at(['series', metric], { from, to, buckets }), signal)
/** Down to the measurements of a day. */
export const readTrace = (metric: string, date: LocalDate, limit: number, signal?: AbortSignal) =>
  getJson<TraceView>(at(['trace'], { metric, date, limit }), signal)
/** What is usual. */
export async function readPattern(query: PatternQuery): Promise<Fact | null> {
  const { facts } = await sendJson<{ facts: Fact[] }>('POST', at(['query']), { query })
  return facts[0] ?? null
}

/** Conversations, newest first. */
export const readThreads = (signal?: AbortSignal) => getJson<ThreadInfo[]>(at(['threads']), signal)
/** The turns of a conversation; none where it has not begun. */
export const readTurns = (thread: string, signal?: AbortSignal) =>
  getJson<Turn[]>(at(['threads', thread, 'messages']), signal)
export const deleteThread = (thread: string) => sendJson<void>('DELETE', at(['threads', thread]))
/** Stops an answer; what was said stays. */
export const stopRun = (thread: string, run: string) => sendJson<void>('DELETE', at(['threads', thread, 'runs', run]))

/** What is remembered now. */
export const readMemories = (signal?: AbortSignal) => getJson<MemoryRecord[]>(at(['memories']), signal)
export const addMemory = (kind: MemoryKind, text: string) =>
  sendJson<MemoryRecord>('POST', at(['memories']), { kind, text })
/** Keeps a note, with drafts of what was read in it. */
export const addNote = (text: string) =>
  sendJson<{ note: MemoryRecord; drafts: MemoryRecord[] }>('POST', at(['notes']), { text })
/** Chapters of the person's life, the oldest first. */
export const readChapters = (signal?: AbortSignal) => getJson<ChapterView[]>(at(['chapters']), signal)
/** What contradicts what, and waits for a decision. */
export const readContradictions = (signal?: AbortSignal) =>
  getJson<ContradictionView[]>(at(['contradictions'], { open: 'true' }), signal)
export const decideContradiction = (id: string, keep: string) =>
  sendJson<unknown>('PATCH', at(['contradictions', id]), { keep })
export const confirmMemory = (id: string) => sendJson<MemoryRecord>('PATCH', at(['memories', id]), { confirm: true })
export const correctMemory = (id: string, text: string) =>
  sendJson<MemoryRecord>('PATCH', at(['memories', id]), { text })
export const traceMemory = (id: string, signal?: AbortSignal) =>
  getJson<Provenance>(at(['memories', id, 'trace']), signal)
export const forgetMemory = (id: string) => sendJson<{ removed: number }>('DELETE', at(['memories', id]))

/** What the person said about themselves. */
export const readProfile = (signal?: AbortSignal) => getJson<Profile>(at(['profile']), signal)
export const writeProfile = (profile: Profile) => sendJson<void>('PUT', at(['profile']), profile)
/** Address of everything, as newline-delimited JSON. */
export const exportAddress = at(['export'])
/** Erases the person everywhere. */
export const eraseEverything = () =>
  sendJson<{ removed: Record<string, number> }>('DELETE', at(['me'], { confirm: 'erase everything' }))
