import uPlot from 'uplot'
import type { Bucket, LocalDate } from '../../api/wire'
import { dayNumber } from '../dates'
import { formatDuration, formatQuantity, type Reader } from '../format'
import type { Colours } from './colours'
import { hasRange, isTotal } from './series'
import type { Span } from './span'

/** What stands behind the values. */
export interface Shaded {
  /** The usual range, in the unit of the chart, and the dates that it is of: it says nothing of other years. */
  usual: { low: number; high: number; median: number; from: LocalDate; to: LocalDate } | null
  /** Dates that the number is about, where the chart shows more. */
  about: Span | null
}

interface Plotted {
  width: number
  buckets: readonly Bucket[]
  unit: string
  metric: string
  reader: Reader
  shaded: Shaded
  colours: Colours
  onPoint: (point: number | null | undefined) => void
}

const HEIGHT = 260
const FONT = '12px system-ui, sans-serif'
/** Steps of an axis of seconds that people count in. */
const secondSteps = [1, 5, 15, 30, 60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400]

function paintBehind(plot: uPlot, { shaded, colours }: Plotted): void {
  const { ctx, bbox } = plot
  const across = ({ from, to }: Span): [number, number] => [
    Math.max(bbox.left, plot.valToPos(dayNumber(from) * 86_400, 'x', true)),
    Math.min(bbox.left + bbox.width, plot.valToPos((dayNumber(to) + 1) * 86_400, 'x', true)),
  ]
  ctx.save()
  if (shaded.about) {
    const [left, right] = across(shaded.about)
    ctx.fillStyle = colours.range
    ctx.fillRect(left, bbox.top, right - left, bbox.height)
  }
  const { usual } = shaded
  if (usual) {
    const top = Math.max(bbox.top, plot.valToPos(usual.high, 'y', true))
    const bottom = Math.min(bbox.top + bbox.height, plot.valToPos(usual.low, 'y', true))
    ctx.fillStyle = colours.band
    const [left, right] = across(usual)
    ctx.fillRect(left, top, right - left, bottom - top)
    const median = plot.valToPos(usual.median, 'y', true)
    ctx.strokeStyle = colours.quiet
    ctx.lineWidth = uPlot.pxRatio
    ctx.setLineDash([4 * uPlot.pxRatio, 4 * uPlot.pxRatio])
    ctx.beginPath()
    ctx.moveTo(left, median)
    ctx.lineTo(right, median)
    ctx.stroke()
  }
  ctx.restore()
}

function tick(value: number, { unit, metric, reader }: Plotted): string {
  if (unit === 's') return formatDuration(value, reader.locale)
  if (unit === 'min') return formatDuration(value * 60, reader.locale)
  return formatQuantity(value, unit, reader, { metric }).value
}

const DAY = 86_400

/** Dates of an axis in the person's way of writing: days, months, or years; the year where it begins. */
function dateTicks(splits: number[], step: number, { locale }: Reader): string[] {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' })
  const year = format({ year: 'numeric' })
  const label =
    step >= 360 * DAY
      ? year
      : step >= 28 * DAY
        ? format({ month: 'short' })
        : format({ day: 'numeric', month: 'short' })
  return splits.map((split, index) => {
    const date = new Date(split * 1000)
    const before = splits[index - 1]
    const begins = before === undefined || new Date(before * 1000).getUTCFullYear() !== date.getUTCFullYear()
    return label === year || !begins ? label.format(date) : `${label.format(date)}\n${year.format(date)}`
  })
}

/** Room for the numbers beside the chart, in px. */
export const axisSize = (unit: string): number => (unit === 's' || unit === 'min' ? 70 : 52)

function seriesOf(plotted: Plotted): uPlot.Series[] {
  const { buckets, colours } = plotted
  if (isTotal(buckets)) {
    return [
      {
        stroke: colours.accent,
        fill: colours.accent,
        paths: uPlot.paths.bars?.({ size: [0.7, 40] }),
        points: { show: false },
      } as uPlot.Series,
    ]
  }
  const value: uPlot.Series = {
    stroke: colours.accent,
    width: 2,
    points: { show: buckets.length <= 60, size: 6, fill: colours.accent, stroke: colours.accent },
  }
  if (!hasRange(buckets)) return [value]
  const edge: uPlot.Series = { stroke: 'transparent', width: 0, points: { show: false } }
  return [edge, edge, value]
}

/** How uPlot is to draw a metric. */
export function optionsOf(plotted: Plotted): uPlot.Options {
  const { buckets, colours, unit, shaded, width } = plotted
  const values = buckets.flatMap(({ value, min, max }) => (hasRange(buckets) ? [min, max] : [value]))
  const all = shaded.usual ? [...values, shaded.usual.low, shaded.usual.high] : values
  const most = Math.max(...all)
  const least = isTotal(buckets) ? 0 : Math.min(...all)
  const room = (most - least || Math.abs(most) || 1) * 0.08
  const axis = { stroke: colours.quiet, font: FONT, grid: { stroke: colours.line, width: 1 }, ticks: { show: false } }
  return {
    width,
    height: HEIGHT,
    padding: [12, 24, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 9 }, drag: { x: false, y: false } },
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), 'UTC'),
    scales: { x: { time: true }, y: { range: () => [isTotal(buckets) ? 0 : least - room, most + room] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 72,
        values: (_plot, splits, _axis, _space, step) => dateTicks(splits, step, plotted.reader),
      },
      {
        ...axis,
        size: axisSize(unit),
        ...(unit === 's'
          ? { incrs: secondSteps }
          : unit === 'min'
            ? { incrs: secondSteps.map((step) => step / 60) }
            : {}),
        values: (_plot, splits) => splits.map((split) => tick(split, plotted)),
      },
    ],
    series: [{}, ...seriesOf(plotted)],
    ...(hasRange(buckets) ? { bands: [{ series: [1, 2] as [number, number], fill: colours.veil }] } : {}),
    hooks: {
      drawClear: [(plot) => paintBehind(plot, plotted)],
      setCursor: [(plot) => plotted.onPoint(plot.cursor.idx)],
    },
  }
}
