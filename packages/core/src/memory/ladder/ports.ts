import type { Tx } from '../../events/ports.js'
import type { Instant, LocalDate, UserId } from '../../observation/schema.js'
import type { Fingerprint, Scope } from '../ports.js'

/** Steps of the ladder from days upwards. Weeks are ISO weeks; all are of the person's own calendar. */
export const rungs = ['week', 'month', 'quarter', 'year'] as const
export type Rung = (typeof rungs)[number]

/** How a period stands to what was usual in the 90 days before it: its median within 1, 2 or beyond 2 of their spreads. */
export type LadderState = 'far below' | 'below' | 'usual' | 'above' | 'far above'

/** Where a period's values led. */
export type Gradient = 'rising' | 'falling' | 'steady'

/** Days of a period that were left out of everything but `recorded`, and why. */
export interface ExcludedDays {
  /** `illness`, `travel`, … ({@link contextNames}) */
  context: string
  days: number
}

/** What a whole period of one series came to. Numbers are in `unit`; those of clock times are minutes after midnight. */
export interface LadderRow {
  rung: Rung
  /** Metric, or `sleep_midpoint`. */
  series: string
  /** `2021-W09`, `2021-03`, `2021-Q1`, `2021` */
  period: string
  /** First and last day, both included. */
  from: LocalDate
  to: LocalDate
  unit: string
  /** Days with a value, excluded ones too; and those that count. */
  recorded: number
  n: number
  /** Mean coverage of the period's days; a day without a value is 0. */
  coverage: number
  /** Null where fewer days count than it takes. */
  median: number | null
  /** Median of all recorded days, excluded ones too: what chapters are told from. */
  all: number | null
  /** Spread of the days on the scale of a standard deviation ({@link robustSummary}). */
  spread: number | null
  /** What is usual on most days: median ± 2 spreads; quarters and years. */
  low: number | null
  high: number | null
  /** The days before that `state` is told against; weeks and months. */
  baseline: { median: number; spread: number; n: number } | null
  /** (median − baseline's median) / baseline's spread. */
  z: number | null
  state: LadderState | null
  /** Theil-Sen slope per week with its 95 % interval and the p of Mann-Kendall; `n` points (days, or weeks for months). */
  rate: { slope: number; low: number; high: number; p: number; n: number; unit: string } | null
  gradient: Gradient | null
  excluded: ExcludedDays[]
  /** Keys of the sources that the recorded days came from, sorted. */
  sources: string[]
  /** `ladder@1.0.0` */
  algorithm: string
}

/** Names a row. */
export type LadderKey = Pick<LadderRow, 'rung' | 'series' | 'period'>

/** What a person's ladder was last built from. */
export interface LadderStanding {
  /** Raised by each build; two builds at once are told by it. 0: there was none. */
  epoch: number
  /** Periods that ended before this day are concluded; null before the first build. */
  until: LocalDate | null
  algorithm: string
  /** Detector → what else than rows of the ladder it last ran with. */
  detectors: Readonly<Record<string, string>>
}

/** What a build of the ladder changed. */
export interface LadderChange {
  rows: readonly LadderRow[]
  gone: readonly LadderKey[]
  /** New or changed; a digest of '' forgets. */
  marks: readonly Fingerprint[]
  standing: Omit<LadderStanding, 'epoch'>
}

/** Keeps weeks, months, quarters and years of tier 3; storage plugins may provide it. */
export interface LadderStore {
  /** Takes everything away, past versions too: the next build makes it anew. Absent: it cannot. */
  reset?(tx: Tx, user: UserId): Promise<void>
  standing(scope: Scope): Promise<LadderStanding>
  /** Fingerprints of the last build. */
  marks(scope: Scope): Promise<Fingerprint[]>
  /** Rows whose period touches [from, to], ascending by series and start. `asOf`: as it was concluded then. */
  read(
    scope: Scope,
    q: { rungs: readonly Rung[]; series?: readonly string[]; from?: LocalDate; to?: LocalDate; asOf?: Instant },
  ): Promise<LadderRow[]>
  /**
   * Stores a build made from `epoch`: what changed closes its old version, which can still be read as of then.
   * @returns false, and nothing is done, where another build came between
   */
  advance(tx: Tx, user: UserId, epoch: number, change: LadderChange, at: Instant): Promise<boolean>
}
