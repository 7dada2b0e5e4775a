import {
  autocorrelation,
  changePoints,
  changeTest,
  circularDifference,
  circularMean,
  cosinor,
  MAD_TO_SD,
  mad,
  median,
  standardDeviation,
} from '../../analysis/index.js'
import { DAY_MINUTES } from '../../query/clock.js'

/** Weeks that a level has to hold for. */
export const SHORTEST_LEVEL = 6
/** Two years of weeks: a season is seen from then on. */
const SEASONED = 104
const YEAR = 365.2425 / 7
/** Weeks of the running median that the season is told from. */
const YEAR_WEEKS = 53

/** A week's value; `week` counts weeks from any origin. */
export interface Week {
  week: number
  value: number
}

/** A lasting change of the level of a series. */
export interface LevelChange {
  /** First week of the new level, and last week with a value of the old one. */
  week: number
  lastBefore: number
  /** Medians before and after, of the neighbouring levels, without the season. */
  before: number
  after: number
  /** after − before; the short way round for clock times. */
  shift: number
  /** |shift| in robust standard deviations of the weeks about their levels. */
  strength: number
  /** Of {@link changeTest} over both levels. */
  p: number
  /** True where a straight line through both levels fits better than a step (by BIC). */
  gradual: boolean
}

/** What was found in one series. */
export interface Levels {
  changes: LevelChange[]
  /** The p of every change that was looked at, also of those that were not taken: for what is made of many series. */
  tested: number[]
  /** The weeks without their season, in the order of time; clock times turned to lie about one centre. */
  weeks: Week[]
  /** What clock times were turned about. */
  centre: number | null
}

/** Weekly values about a centre (clock times), with the yearly wave taken out where two years show one. */
export function seasonless(weeks: readonly Week[], circular: boolean): { weeks: Week[]; centre: number | null } {
  const sorted = [...weeks].sort((a, b) => a.week - b.week)
  const centre = circular
    ? circularMean(
        sorted.map(({ value }) => value),
        DAY_MINUTES,
      )
    : null
  const turned = sorted.map(({ week, value }) => ({
    week,
    value: centre === null ? value : circularDifference(value, centre, DAY_MINUTES),
  }))
  if (turned.length < SEASONED) return { weeks: turned, centre }
  const half = Math.floor(YEAR_WEEKS / 2)
  // A running median of a year keeps steps and has no season of its own.
  const rest = turned.map(({ week, value }, i) => ({
    t: week,
    y: value - median(turned.slice(Math.max(0, i - half), i + half + 1).map((held) => held.value)),
  }))
  const wave = cosinor(rest, YEAR)
  if (!wave || wave.r2 < 0.1 || wave.f < 10) return { weeks: turned, centre }
  return {
    weeks: turned.map(({ week, value }) => ({
      week,
      value: value - wave.amplitude * Math.cos((2 * Math.PI * (week - wave.acrophase)) / YEAR),
    })),
    centre,
  }
}

/** Values less the median of their segment. */
function residuals(values: readonly number[], changes: readonly number[]): number[] {
  return [0, ...changes].flatMap((from, i) => {
    const segment = values.slice(from, changes[i])
    const middle = median(segment)
    return segment.map((value) => value - middle)
  })
}

/** Squared error about the best line, and about the two means of a split. */
function isGradual(values: readonly number[], at: number): boolean {
  const n = values.length
  const error = (of: readonly number[], slope: number, from: number) => {
    const middle = of.reduce((sum, value, i) => sum + value - slope * (from + i), 0) / of.length
    return of.reduce((sum, value, i) => sum + (value - slope * (from + i) - middle) ** 2, 0)
  }
  const x = (n - 1) / 2
  const y = values.reduce((a, b) => a + b, 0) / n
  const slope = values.reduce((sum, value, i) => sum + (i - x) * (value - y), 0) / ((n * (n * n - 1)) / 12)
  const line = error(values, slope, 0)
  const step = error(values.slice(0, at), 0, 0) + error(values.slice(at), 0, 0)
  if (step === 0) return false
  // Two parameters against three: two levels and the place of the step.
  return n * Math.log(Math.max(line, 1e-12) / n) + 2 * Math.log(n) < n * Math.log(step / n) + 3 * Math.log(n)
}

/** Whether two changes lead the same way within a year. */
function follows(a: LevelChange, b: LevelChange): boolean {
  return Math.sign(a.shift) === Math.sign(b.shift) && Math.abs(a.week - b.week) <= YEAR_WEEKS
}

/**
 * Where the level of a weekly series changed for good: segments by {@link changePoints} with a penalty of 3 ln n
 * variances of the noise, more where neighbouring weeks are alike (√((1+r)/(1−r)), what did best on TCPDBench), then
 * only those changes that are at least `floor` and one standard deviation of the noise large, and whose p, tested
 * against permuted blocks, is at most 0.01. The least sure change goes first, and its neighbours are looked at again.
 * Seeded; the same weeks in any order give the same changes.
 * @param options.floor smallest change that means anything, in the unit of the series
 */
export function levelChanges(
  given: readonly Week[],
  { floor, circular = false }: { floor: number; circular?: boolean },
): Levels {
  const { weeks, centre } = seasonless(given, circular)
  const values = weeks.map(({ value }) => value)
  const n = values.length
  const none: Levels = { changes: [], tested: [], weeks, centre }
  const overall = standardDeviation(values)
  if (n < 2 * SHORTEST_LEVEL || !(overall > 0)) return none
  const search = (scale: number, penalty: number) =>
    changePoints(
      values.map((value) => value / scale),
      { penalty, minimum: SHORTEST_LEVEL },
    )
  const first = search(overall, 3 * Math.log(n))
  const rest = residuals(values, first)
  const alike = Math.min(0.9, Math.max(0, autocorrelation(rest)))
  const noise = Math.max(MAD_TO_SD * mad(rest), floor / 10, overall / 1000)
  let changes = search(noise, 3 * Math.log(n) * Math.sqrt((1 + alike) / (1 - alike)))
  const block = alike < 0.1 ? 1 : alike < 0.3 ? 2 : 4

  const tested: number[] = []
  const look = (at: number): LevelChange => {
    const place = changes.indexOf(at)
    const from = changes[place - 1] ?? 0
    const to = changes[place + 1] ?? n
    const [before, after] = [median(values.slice(from, at)), median(values.slice(at, to))]
    const both = values.slice(from, to)
    return {
      week: weeks[at]!.week,
      lastBefore: weeks[at - 1]!.week,
      before,
      after,
      shift: after - before,
      strength: Math.abs(after - before) / noise,
      p: changeTest(both, { seed: n, block, minimum: SHORTEST_LEVEL }),
      gradual: isGradual(both, at - from),
    }
  }
  const lost = ({ shift, strength }: LevelChange) => Math.abs(shift) < floor || strength < 1
  let known = new Map<number, LevelChange>()
  for (;;) {
    known = new Map(changes.map((at) => [at, known.get(at) ?? look(at)]))
    const worst = [...known]
      .filter(([, change]) => lost(change) || change.p > 0.01)
      .sort(([a, x], [b, y]) => Number(lost(y)) - Number(lost(x)) || y.p - x.p || x.strength - y.strength || a - b)[0]
    if (!worst) break
    tested.push(worst[1].p)
    const place = changes.indexOf(worst[0])
    for (const near of [changes[place - 1], changes[place + 1]]) if (near !== undefined) known.delete(near)
    changes = changes.filter((at) => at !== worst[0])
  }
  const found = [...known.values()].map((change, i, all) => ({
    ...change,
    // A ramp reads as steps that follow on each other the same way.
    gradual: change.gradual || [all[i - 1], all[i + 1]].some((near) => near !== undefined && follows(change, near)),
  }))
  return { changes: found, tested: [...tested, ...found.map(({ p }) => p)], weeks, centre }
}
