import type { SleepStage, StageInterval } from '@auren/core'

/** In order and within the night, without overlaps: where two overlap, the earlier holds. Neighbours of one stage are one. */
export function timelineOf(intervals: readonly StageInterval[], start: number, end: number): StageInterval[] {
  const timeline: StageInterval[] = []
  for (const { stage, start: from, end: to } of [...intervals].sort((a, b) => a.start - b.start)) {
    const last = timeline.at(-1)
    push(timeline, { stage, start: Math.max(from, start, last?.end ?? start), end: Math.min(to, end) })
  }
  return timeline
}

/** What lies upon a timeline takes the place of what is below: it is awake for that while, and nothing is counted twice. */
export function overlay(timeline: readonly StageInterval[], upon: readonly StageInterval[]): StageInterval[] {
  let below = [...timeline]
  for (const top of upon) {
    const cut: StageInterval[] = []
    for (const piece of below) {
      if (piece.end <= top.start || piece.start >= top.end) cut.push(piece)
      else {
        if (piece.start < top.start) cut.push({ ...piece, end: top.start })
        if (piece.end > top.end) cut.push({ ...piece, start: top.end })
      }
    }
    if (top.end > top.start) cut.push(top)
    below = cut
  }
  const whole: StageInterval[] = []
  for (const piece of below.sort((a, b) => a.start - b.start)) push(whole, piece)
  return whole
}

function push(timeline: StageInterval[], piece: StageInterval): void {
  if (piece.end <= piece.start) return
  const last = timeline.at(-1)
  if (last && last.stage === piece.stage && last.end === piece.start) last.end = piece.end
  else timeline.push({ ...piece })
}

/** Seconds of each stage of a timeline. */
export function secondsIn(timeline: readonly StageInterval[], stage: SleepStage): number {
  return timeline.reduce((sum, one) => sum + (one.stage === stage ? (one.end - one.start) / 1000 : 0), 0)
}
