import type { ObservationInput, StageInterval } from '@auren/core'
import { AurenError } from '@auren/core'
import { findHeader, readRows } from '../../files/csv.js'
import { textOf } from '../../files/documents.js'
import type { Part } from '../../files/index.js'
import { secondsIn, timelineOf } from '../../vendor/timeline.js'
import { stageOf } from '../google-health/stages.js'
import { readOffset } from './archive-google.js'
import { utc } from './clock.js'
import { tracker } from './sources.js'

const options = { needs: ['sleep_id', 'sleep_stage_type', 'sleep_stage_start', 'sleep_stage_end'] }
const pieceSize = 200

interface Night {
  id: string
  pieces: StageInterval[]
  /** At the end of its last stage. */
  end: { at: number; offset: number | null }
}

/** Stages of nights, a row each: the rows of a night make it a session of its own, which stands beside its sums. */
export const stagesPart: Part = {
  path: /(^|\/)UserSleepStages_[^/]*\.csv$/i,
  looks: (head) => findHeader(head, options) !== null,
  async *read(document, ctx) {
    const text = textOf(await document.bytes())
    const header = findHeader(text, options)
    if (!header) throw new AurenError('AUREN_PAYLOAD_INVALID', 'It has not the columns that it should have.')
    const nights = new Map<string, Night>()
    for await (const { row, time, line } of readRows(text, header, options, ctx)) {
      const [from, to] = [time(row.sleep_stage_start), time(row.sleep_stage_end)]
      const [start, end] = [from ? utc(from) : 0, to ? utc(to) : 0]
      const id = row.sleep_id?.slice(0, 100)
      if (!from || !to || end <= start || !id) {
        ctx.reject({ line }, 'row_unreadable', `Line ${line} has no night or no times that can be read.`)
        continue
      }
      const offset = readOffset(row.end_utc_offset)
      const night = nights.get(id) ?? { id, pieces: [], end: { at: end, offset } }
      nights.set(id, night)
      night.pieces.push({ stage: stageOf(row.sleep_stage_type ?? ''), start, end })
      if (end >= night.end.at) night.end = { at: end, offset }
    }
    const sessions = [...nights.values()].map(sessionOf)
    for (let at = 0; at < sessions.length; at += pieceSize) yield sessions.slice(at, at + pieceSize)
  },
}

function sessionOf({ id, pieces, end: { at: end, offset } }: Night): ObservationInput {
  const start = Math.min(...pieces.map((one) => one.start))
  const stages = timelineOf(pieces, start, end)
  const [light, deep, rem, awake, asleep] = (['light', 'deep', 'rem', 'awake', 'asleep_unspecified'] as const).map(
    (stage) => secondsIn(stages, stage),
  ) as [number, number, number, number, number]
  const staged = light + deep + rem > 0
  return {
    shape: 'session',
    kind: 'sleep',
    start,
    end,
    stages,
    measures: {
      sleep_duration: light + deep + rem + asleep,
      sleep_awake: awake,
      ...(staged ? { sleep_light: light, sleep_deep: deep, sleep_rem: rem } : {}),
    },
    source: tracker,
    offset,
    zoneBasis: offset === null ? 'absent' : 'carried',
    recordId: `user-sleep-stages/${id}`,
  }
}
