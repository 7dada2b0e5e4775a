import type { Instant } from '../../observation/schema.js'
import type { Fingerprint } from '../ports.js'
import { rowKey } from './climb.js'
import type { LadderRow, LadderStanding, LadderStore } from './ports.js'

/** A ladder that was never built. */
export const noStanding: LadderStanding = { epoch: 0, until: null, algorithm: '', detectors: {} }

/** All that a ladder of one person holds; changed by making another one. */
export interface HeldLadder {
  readonly standing: LadderStanding
  readonly marks: ReadonlyMap<string, Fingerprint>
  readonly versions: readonly { row: LadderRow; from: Instant; until: Instant | null }[]
}

/** Of a ladder that was never built. */
export const emptyLadder: HeldLadder = { standing: noStanding, marks: new Map(), versions: [] }

/** The state after a change; null where it has gone on since `epoch`. */
export function advanceLadder(
  { standing, marks, versions }: HeldLadder,
  epoch: number,
  change: Parameters<LadderStore['advance']>[3],
  at: Instant,
): HeldLadder | null {
  if (standing.epoch !== epoch) return null
  const touched = new Set([...change.rows, ...change.gone].map(rowKey))
  const fresh = new Map(marks)
  for (const mark of change.marks) {
    const key = `${mark.series} ${mark.month}`
    if (mark.digest === '') fresh.delete(key)
    else fresh.set(key, mark)
  }
  return {
    standing: { ...change.standing, epoch: epoch + 1 },
    marks: fresh,
    versions: [
      ...versions.map((version) =>
        version.until === null && touched.has(rowKey(version.row))
          ? { ...version, until: Math.max(at, version.from + 1) }
          : version,
      ),
      ...change.rows.map((row) => ({ row, from: at, until: null })),
    ],
  }
}

/** Rows of a state, as {@link LadderStore.read} gives them. */
export function readLadder(
  { versions }: HeldLadder,
  { rungs, series, from, to, asOf }: Parameters<LadderStore['read']>[1],
): LadderRow[] {
  return versions
    .filter(
      ({ row, from: since, until }) =>
        rungs.includes(row.rung) &&
        (series === undefined || series.includes(row.series)) &&
        (from === undefined || row.to >= from) &&
        (to === undefined || row.from <= to) &&
        (asOf === undefined ? until === null : since <= asOf && (until === null || until > asOf)),
    )
    .map(({ row }) => row)
    .sort(byPlace)
}

function byPlace(a: LadderRow, b: LadderRow): number {
  const [x, y] = [a, b].map(({ series, from, rung }) => `${series} ${from} ${rung}`) as [string, string]
  return x < y ? -1 : x > y ? 1 : 0
}
