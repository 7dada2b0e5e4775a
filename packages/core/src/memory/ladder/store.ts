import type { Instant } from '../../observation/schema.js'
import type { Fingerprint } from '../ports.js'
import { rowKey } from './climb.js'
import type { LadderRow, LadderStanding, LadderStore } from './ports.js'

/** A ladder that was never built. */
export const noStanding: LadderStanding = { epoch: 0, until: null, algorithm: '', detectors: {} }

/**
 * A ladder of one person in process: for storages that keep none, which then build it whole each time, and for tests.
 * It is of no transaction: what is advanced stays.
 */
export function memoryLadder(): LadderStore {
  let standing = noStanding
  const marks = new Map<string, Fingerprint>()
  const versions: { row: LadderRow; from: Instant; until: Instant | null }[] = []
  return {
    standing: async () => standing,
    marks: async () => [...marks.values()],
    read: async (_scope, { rungs, series, from, to, asOf }) =>
      versions
        .filter(
          ({ row, from: since, until }) =>
            rungs.includes(row.rung) &&
            (series === undefined || series.includes(row.series)) &&
            (from === undefined || row.to >= from) &&
            (to === undefined || row.from <= to) &&
            (asOf === undefined ? until === null : since <= asOf && (until === null || until > asOf)),
        )
        .map(({ row }) => row)
        .sort(byPlace),
    async advance(_tx, _user, epoch, change, at) {
      if (standing.epoch !== epoch) return false
      const touched = new Set([...change.rows, ...change.gone].map(rowKey))
      for (const version of versions)
        if (version.until === null && touched.has(rowKey(version.row))) version.until = Math.max(at, version.from + 1)
      for (const row of change.rows) versions.push({ row, from: at, until: null })
      for (const mark of change.marks) {
        const key = `${mark.series} ${mark.month}`
        if (mark.digest === '') marks.delete(key)
        else marks.set(key, mark)
      }
      standing = { ...change.standing, epoch: epoch + 1 }
      return true
    },
  }
}

function byPlace(a: LadderRow, b: LadderRow): number {
  const [x, y] = [a, b].map(({ series, from, rung }) => `${series} ${from} ${rung}`) as [string, string]
  return x < y ? -1 : x > y ? 1 : 0
}
