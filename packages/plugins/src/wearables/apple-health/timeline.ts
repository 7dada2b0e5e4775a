import type { SleepStage, StageInterval } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'

/** A stage segment as HealthKit stores it, packed: thousands are kept while nights are open, also in the cursor. */
export type Segment = [
  start: number,
  end: number,
  stage: number,
  /** ms; 0 where the record does not say. */
  createdAt: number,
  /** Minutes at the end; null where nothing says it. */
  offset: number | null,
  /** 1: the offset came with the record. */
  carried: 0 | 1,
  /** 1: typed in by the person. */
  manual: 0 | 1,
]

/** Stages in the order of HealthKit's own codes (HKCategoryValueSleepAnalysis). */
export const stages: readonly SleepStage[] = ['in_bed', 'asleep_unspecified', 'awake', 'light', 'deep', 'rem']

const prefix = 'HKCategoryValueSleepAnalysis'
const words = lookup<number>({
  InBed: 0,
  Asleep: 1,
  AsleepUnspecified: 1,
  Awake: 2,
  AsleepCore: 3,
  AsleepDeep: 4,
  AsleepREM: 5,
})

/** Code of a value, which is a word (`HKCategoryValueSleepAnalysisAsleepREM`) or, in old exports, an integer. */
export function stageCode(value: string): number | null {
  if (value.startsWith(prefix)) {
    const word = value.slice(prefix.length)
    return Object.hasOwn(words, word) ? (words[word] as number) : null
  }
  return /^[0-5]$/.test(value) ? Number(value) : null
}

/** In bed says least, then asleep without a stage; a stage or being awake says most. */
const specific = [0, 1, 2, 2, 2, 2]

/** True where `a` holds instead of `b` while both do: the more specific, then the later made, then the shorter. */
function outranks(a: Segment, b: Segment): boolean {
  const said = (specific[a[2]] as number) - (specific[b[2]] as number)
  if (said !== 0) return said > 0
  if (a[3] !== b[3]) return a[3] > b[3]
  const length = a[1] - a[0] - (b[1] - b[0])
  return length !== 0 ? length < 0 : a[2] > b[2] || (a[2] === b[2] && a[0] < b[0])
}

/**
 * One source's night as a timeline without overlaps: in each slice the segment that holds. The result does not depend on
 * the order of the segments. Gaps stay gaps.
 */
export function timeline(segments: readonly Segment[]): StageInterval[] {
  const sorted = [...segments].sort((a, b) => a[0] - b[0] || a[1] - b[1])
  const cuts = [...new Set([...sorted.map((one) => one[0]), ...sorted.map((one) => one[1])])].sort((a, b) => a - b)
  const slices: StageInterval[] = []
  let active: Segment[] = []
  let next = 0
  for (let i = 0; i + 1 < cuts.length; i++) {
    const [from, to] = [cuts[i] as number, cuts[i + 1] as number]
    active = active.filter((segment) => segment[1] > from)
    for (; next < sorted.length && (sorted[next] as Segment)[0] <= from; next++) active.push(sorted[next] as Segment)
    const best = active.reduce<Segment | null>((a, b) => (a === null || outranks(b, a) ? b : a), null)
    if (best === null) continue
    const stage = stages[best[2]] as SleepStage
    const last = slices.at(-1)
    if (last?.stage === stage && last.end === from) last.end = to
    else slices.push({ stage, start: from, end: to })
  }
  return slices
}

/**
 * What a night comes to, in catalogue units (s, %). Asleep seconds only where the source tells sleep; stages only where
 * it tells stages; latency and efficiency only where it says when the person was in bed. Efficiency is the share of the
 * time in bed (in bed, asleep or awake) that was slept.
 */
export function sleepMeasures(slices: readonly StageInterval[]): Record<string, number> {
  const seconds: Record<string, number> = {}
  let firstAsleep: number | null = null
  for (const { stage, start, end } of slices) {
    seconds[stage] = (seconds[stage] ?? 0) + (end - start) / 1000
    if (firstAsleep === null && stage !== 'in_bed' && stage !== 'awake') firstAsleep = start
  }
  const { light = 0, deep = 0, rem = 0, asleep_unspecified = 0, awake = 0, in_bed = 0 } = seconds
  const asleep = light + deep + rem + asleep_unspecified
  const measures: Record<string, number> = {}
  if (asleep === 0) return awake > 0 ? { sleep_awake: awake } : measures
  measures.sleep_duration = asleep
  const staged = light + deep + rem > 0
  if (staged) Object.assign(measures, { sleep_light: light, sleep_deep: deep, sleep_rem: rem })
  if (staged || awake > 0) measures.sleep_awake = awake
  if (in_bed === 0) return measures
  const bed = slices[0]
  if (bed && firstAsleep !== null && bed.stage === 'in_bed') measures.sleep_latency = (firstAsleep - bed.start) / 1000
  measures.sleep_efficiency = (100 * asleep) / (asleep + awake + in_bed)
  return measures
}
