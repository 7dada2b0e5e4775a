// What a benchmark says: a table for people, a line of JSON for machines.
import { cpus, loadavg } from 'node:os'

/** A measured number. */
export interface Figure {
  name: string
  value: number
  unit: string
}

/** A figure against a baseline of the same run: `ours / baseline`. */
export interface Ratio {
  name: string
  ours: number
  baseline: number
  /** What both are measured in; 1 where they are counts. */
  unit: string
  /** What the baseline does. */
  of: string
}

/** What one benchmark found. */
export interface Report {
  bench: string
  /** What it was asked to do. */
  options: Record<string, string | number>
  figures: Figure[]
  ratios: Ratio[]
}

/** Value at a share (0 … 1) of measured times, by nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

/** Megabytes that the whole process holds, all its threads included. */
export function residentMegabytes(): number {
  return process.memoryUsage.rss() / 1e6
}

const round = (value: number): number => Number(value.toPrecision(4))

/** Prints a report. */
export function print(report: Report): void {
  const machine = {
    node: process.version,
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    load: loadavg().map(round),
  }
  console.log(`\n${report.bench} ${JSON.stringify(report.options)}`)
  const width = Math.max(...[...report.figures, ...report.ratios].map(({ name }) => name.length))
  for (const { name, value, unit } of report.figures) console.log(`  ${name.padEnd(width)}  ${round(value)} ${unit}`)
  for (const { name, ours, baseline, unit, of } of report.ratios)
    console.log(
      `  ${name.padEnd(width)}  ${round(ours / baseline)} × (${round(ours)} against ${round(baseline)} ${unit}: ${of})`,
    )
  const ratios = report.ratios.map((ratio) => ({ ...ratio, ratio: ratio.ours / ratio.baseline }))
  console.log(JSON.stringify({ ...report, ratios, machine, at: new Date().toISOString() }))
}
