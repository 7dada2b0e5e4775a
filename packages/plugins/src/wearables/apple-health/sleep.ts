import { Flag, type ObservationInput, type SourceType } from '@auren/core'
import { type Segment, sleepMeasures, timeline } from './timeline.js'

const minute = 60_000
/** A pause of this length ends a sleep session. */
export const gapMs = 90 * minute
/** No sleep session is longer. */
export const maxSleepMs = 24 * 60 * minute
const openPerSource = 4
const maxSources = 24
const maxSegments = 2000
/** Elements without a segment for a session after which it is closed, so that cursors stay small. */
const idleElements = 20_000

/** A session to which segments may still come. */
interface OpenNight {
  source: string
  type: SourceType
  start: number
  end: number
  segments: Segment[]
  /** Number of the element that last added to it. */
  touched: number
}

/** JSON-able state of the assembly. */
export type OpenNights = OpenNight[]

/** Sleep sessions out of segments that come in the order of the file. */
export interface Nights {
  /** @param at running number of the element */
  add(source: string, type: SourceType, segment: Segment, at: number): void
  /** Closes what has had no segment for long. Call it at element numbers that do not depend on chunks. */
  sweep(at: number): void
  /** Closes everything: the end of the file. */
  flush(): void
  state(): OpenNights
}

/**
 * Assembles sessions per source: segments less than {@link gapMs} apart belong together. Exports hold the segments of a
 * night nearly in order, so a few sessions per source are kept open; within them the order does not matter, and two that
 * a late segment connects become one. Everything that decides is in the state, so a resumed import assembles the same.
 */
export function createNights(emit: (observation: ObservationInput) => void, before: OpenNights = []): Nights {
  let open: OpenNight[] = before.map((night) => ({ ...night, segments: [...night.segments] }))
  const close = (night: OpenNight): void => {
    open = open.filter((other) => other !== night)
    emit(sessionOf(night))
  }
  return {
    add(source, type, segment, at) {
      const [start, end] = segment
      let home: OpenNight | null = null
      for (const night of open) {
        if (night.source !== source || start >= night.end + gapMs || end <= night.start - gapMs) continue
        const from = Math.min(start, night.start, home?.start ?? start)
        const to = Math.max(end, night.end, home?.end ?? end)
        if (to - from > maxSleepMs || (home?.segments.length ?? 0) + night.segments.length >= maxSegments) continue
        if (home === null) {
          home = night
          home.segments.push(segment)
        } else {
          home.segments.push(...night.segments)
          open = open.filter((other) => other !== night)
        }
        home.start = from
        home.end = to
        home.touched = at
      }
      if (home !== null) return
      const name = Buffer.from(source, 'utf8').toString('utf8')
      open.push({ source: name, type, start, end, segments: [segment], touched: at })
      const own = open.filter((night) => night.source === source)
      const crowd = own.length > openPerSource ? own : open.length > openPerSource * maxSources ? open : null
      if (crowd) close(crowd.reduce((oldest, night) => (night.touched < oldest.touched ? night : oldest)))
    },
    sweep(at) {
      for (const night of open) if (at - night.touched >= idleElements) close(night)
    },
    flush() {
      for (const night of open) close(night)
    },
    state: () => open.map((night) => ({ ...night, segments: [...night.segments] })),
  }
}

function sessionOf({ source, type, start, end, segments }: OpenNight): ObservationInput {
  const slices = timeline(segments)
  // The zone in which the person woke: of the segment that ends last.
  const last = segments.reduce((a, b) => (b[1] > a[1] || (b[1] === a[1] && b[5] > a[5]) ? b : a))
  const createdAt = segments.reduce((latest, segment) => Math.max(latest, segment[3]), 0)
  return {
    shape: 'session',
    kind: 'sleep',
    start,
    end,
    stages: slices,
    measures: sleepMeasures(slices),
    source: { name: source, type },
    offset: last[4],
    zoneBasis: last[4] === null ? 'absent' : last[5] === 1 ? 'carried' : 'inferred',
    ...(createdAt > 0 ? { createdAt } : {}),
    ...(segments.every((segment) => segment[6] === 1) ? { flags: Flag.manual } : {}),
  }
}
