import {
  autocorrelation,
  benjaminiHochberg,
  circularDifference,
  median,
  standardDeviation,
  twoSidedP,
} from '../../analysis/index.js'
import { dayOf, type Season, seasons } from '../../query/calendar.js'
import { DAY_MINUTES } from '../../query/clock.js'
import { SLEEP_MIDPOINT } from './inputs.js'
import type { LadderRow } from './ports.js'

/** A season that differs from those beside it, year after year. */
export interface SeasonEffect {
  series: string
  unit: string
  season: Season
  /** Median difference of the season from the mean of the seasons before and after it, in the unit of the series. */
  effect: number
  /** The difference of each year that has one; the year is that of the season's last day. */
  years: { year: number; effect: number }[]
  p: number
  /** False discovery rate among all seasons of all series. */
  q: number
}

/** Years that must have the season with its neighbours, and the least effect in spreads of a month's days. */
const YEARS = 2
const LEAST = 0.5
const FALSE_DISCOVERIES = 0.05

interface Cell {
  season: Season
  year: number
  /** Seasons since the year 0: neighbours differ by one. */
  at: number
  value: number
}

/**
 * Seasons that recur: in every year but at most one of five the season differs from its two neighbours in the same
 * direction, by half a spread of the days in the middle year, and more than seasons of equal weeks would by chance
 * (z-test on the month's own scatter, widened for alike months; Benjamini & Hochberg 1995 over all seasons of all
 * series). Against both neighbours, so that a steady trend is no season. Needs two years; meteorological seasons of the
 * northern hemisphere, as the query language has them.
 */
export function seasonsOf(seriesRows: ReadonlyMap<string, readonly LadderRow[]>): SeasonEffect[] {
  const candidates: (Omit<SeasonEffect, 'q'> & { spread: number })[] = []
  for (const [series, rows] of [...seriesRows].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const months = unwound(
      series,
      rows.filter(({ rung, median: value }) => rung === 'month' && value !== null),
    )
    if (months.length < 12 * YEARS) continue
    const cells = cellsOf(months)
    const scatter = scatterOf(months, cells)
    const spread = median(months.flatMap((row) => row.spread ?? []))
    const byPlace = new Map(cells.map((cell) => [cell.at, cell.value]))
    for (const season of seasons) {
      const years = cells
        .filter((cell) => cell.season === season)
        .flatMap(({ year, at, value }) => {
          const [before, after] = [byPlace.get(at - 1), byPlace.get(at + 1)]
          return before === undefined || after === undefined ? [] : [{ year, effect: value - (before + after) / 2 }]
        })
      if (years.length < YEARS) continue
      const effect = median(years.map((held) => held.effect))
      // A cell is the median of about three months; two of them, each counted half, stand beside it.
      const error = scatter * Math.sqrt(1.5 / 3 / years.length)
      const p = error === 0 ? (effect === 0 ? 1 : 0) : twoSidedP(effect / error)
      candidates.push({ series, unit: months[0]!.unit, season, effect, years, p, spread })
    }
  }
  const qs = benjaminiHochberg(candidates.map(({ p }) => p))
  return candidates.flatMap(({ spread, ...found }, i) => {
    const against = found.years.filter(({ effect }) => Math.sign(effect) !== Math.sign(found.effect)).length
    const agree = found.years.length - against >= YEARS && against <= found.years.length / 5
    const large = Math.abs(found.effect) >= LEAST * spread && found.effect !== 0
    return agree && large && qs[i]! <= FALSE_DISCOVERIES ? [{ ...found, q: qs[i]! }] : []
  })
}

/** Clock times as differences from the first month's, so that none of them wraps at midnight. */
function unwound(series: string, months: readonly LadderRow[]): readonly LadderRow[] {
  const centre = months[0]?.median
  if (series !== SLEEP_MIDPOINT || centre === undefined || centre === null) return months
  return months.map((row) => ({ ...row, median: circularDifference(row.median as number, centre, DAY_MINUTES) }))
}

function placeOf(row: LadderRow): { season: Season; year: number; at: number } {
  const { season } = dayOf(row.from)
  const month = Number(row.from.slice(-5, -3))
  // December begins the winter of the next year.
  const year = Number(row.from.slice(0, -6)) + (month === 12 ? 1 : 0)
  return { season, year, at: year * 4 + seasons.indexOf(season) }
}

/** Seasons of single years with at least two of their months. */
function cellsOf(months: readonly LadderRow[]): Cell[] {
  const cells = new Map<number, Cell & { values: number[] }>()
  for (const row of months) {
    const place = placeOf(row)
    const held = cells.get(place.at)
    if (held) held.values.push(row.median as number)
    else cells.set(place.at, { ...place, value: 0, values: [row.median as number] })
  }
  return [...cells.values()]
    .filter(({ values }) => values.length >= 2)
    .map(({ values, ...cell }) => ({ ...cell, value: median(values) }))
    .sort((a, b) => a.at - b.at)
}

/** Standard deviation of months about their season of that year, widened where neighbouring months are alike. */
function scatterOf(months: readonly LadderRow[], cells: readonly Cell[]): number {
  const byPlace = new Map(cells.map((cell) => [cell.at, cell.value]))
  const rest = [...months]
    .sort((a, b) => (a.from < b.from ? -1 : 1))
    .flatMap((row) => {
      const middle = byPlace.get(placeOf(row).at)
      return middle === undefined ? [] : [(row.median as number) - middle]
    })
  // Three months about their own median have two degrees of freedom.
  const own = standardDeviation(rest) * Math.sqrt(3 / 2)
  const alike = Math.min(0.9, Math.max(0, autocorrelation(rest)))
  return own * Math.sqrt((1 + alike) / (1 - alike))
}
