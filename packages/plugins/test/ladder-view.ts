import type { DetectorView, LadderRow } from '@auren/core'

/** A view of nothing but rows of the ladder, and of what tags and episodes name. */
export function ladderView(
  rows: readonly LadderRow[],
  today: string,
  spans: ReturnType<DetectorView['spans']> = [],
): DetectorView {
  return {
    today,
    metrics: () => [],
    days: () => [],
    tags: () => [],
    rows: (rung, series) => rows.filter((row) => row.rung === rung && row.series === series),
    series: () => [...new Set(rows.map((row) => row.series))].sort(),
    spans: () => spans,
    random: () => () => 0,
  }
}

/** A row with a level and nothing else that is told from it. */
export function ladderRow(
  given: Pick<LadderRow, 'rung' | 'series' | 'period' | 'from' | 'to' | 'unit'> & { level: number; spread?: number },
): LadderRow {
  const { level, spread = 1, ...rest } = given
  return {
    ...rest,
    recorded: 7,
    n: 7,
    coverage: 1,
    median: level,
    all: level,
    spread,
    low: level - 2 * spread,
    high: level + 2 * spread,
    baseline: null,
    z: null,
    state: null,
    rate: null,
    gradient: null,
    excluded: [],
    sources: ['watch'],
    algorithm: 'ladder@1.0.0',
  }
}
