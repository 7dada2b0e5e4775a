import { circularDifference } from '../analysis/index.js'
import { type LongTerm, MERGED, type Scope } from '../memory/ports.js'
import type { LocalDate } from '../observation/schema.js'
import { aggregateItems, minimumOf } from './aggregate.js'
import { DAY_MINUTES } from './clock.js'
import { groupRows, meanCoverage, standsOn } from './group.js'
import { type History, readHistory } from './history.js'
import { eachCondition, type MetricLookup, measureTraits, overOf, traitsOf, unitOf } from './measure.js'
import { answerOperand, type Operand, type OperandSpec, operandNeeds } from './operand.js'
import { readPeriod } from './period.js'
import type { Fact, SeriesQuery } from './schema.js'

/** A fact without its name. */
export type Answer = Omit<Fact, 'id' | 'query' | 'algorithm'>

/** What a run of the engine is set to. */
export interface Setting {
  today: LocalDate
  lastPlus: 0 | 1
  lookup: MetricLookup
}

/** The span of everything there is of a metric: its samples are read in blocks, which need an end. */
async function sampleExtent(longTerm: LongTerm, scope: Scope, spec: OperandSpec): Promise<OperandSpec> {
  if (spec.over !== 'sample' || spec.span || spec.measure.of !== 'metric') return spec
  const { metric } = spec.measure
  const known = (await longTerm.metrics(scope)).find((summary) => summary.metric === metric)
  const to = known && known.to < spec.today ? known.to : spec.today
  // Nothing there: a span that holds no day.
  const span = known && known.from <= to ? { from: known.from, to } : { from: spec.today, to: '0001-01-01' }
  return { ...spec, span }
}

function specOf(query: SeriesQuery, setting: Setting, second: boolean): { spec: OperandSpec; note: string | null } {
  const other = second ? query.compare : undefined
  const measure = other?.measure ?? query.measure
  const where = other?.where ?? query.where
  const within = other?.within ?? query.within
  const { span, note } = readPeriod(other?.period ?? query.period, setting.today, setting.lastPlus)
  const apart = !second && (query.source === 'each' || query.group === 'source')
  const spec: OperandSpec = {
    measure,
    aggregate: query.aggregate,
    take: query.take,
    where,
    within,
    group: second ? undefined : query.group,
    over: overOf({ ...query, measure, where, within, group: second ? undefined : query.group }),
    traits: measureTraits(measure, setting.lookup),
    metric: measure.of === 'metric' ? traitsOf(setting.lookup, measure.metric) : null,
    source: query.source === undefined || query.source === 'each' ? MERGED : query.source,
    apart,
    span,
    today: setting.today,
  }
  return { spec, note }
}

/** One operand, aggregated. */
export interface Solved {
  operand: Operand
  status: Fact['status']
  value: number | null
  n: number
  minimum: number
  coverage: number
  date: LocalDate | null
  rows?: Fact['rows']
}

function solve(spec: OperandSpec, operand: Operand, p: number | undefined): Solved {
  const { aggregate, traits } = spec
  const n = standsOn(aggregate, operand.items, operand.known)
  // "None of the runs says how far" is not "0 km".
  const silent = operand.known.length === 0 && operand.unsaid > 0
  const minimum = minimumOf(aggregate, p, traits.event && !silent)
  const status = n >= minimum ? 'ok' : n === 0 ? 'no_data' : 'not_enough_data'
  const outcome = status === 'ok' ? aggregateItems(operand.items, aggregate, traits.scale, p) : null
  const value = outcome?.value ?? null
  return {
    operand,
    status: status === 'ok' && value === null ? 'not_enough_data' : status,
    value,
    n,
    minimum,
    coverage: meanCoverage(operand.days, (date) => operand.coverageOf(date)),
    date: outcome?.date ?? null,
    ...(outcome?.rows ? { rows: outcome.rows } : {}),
  }
}

function remarks(query: SeriesQuery, spec: OperandSpec, solved: Solved): string[] {
  const { operand } = solved
  const notes: string[] = []
  if (query.aggregate === 'sum' && !spec.traits.event && spec.measure.of === 'metric') {
    const present = new Set(operand.known.map((item) => item.date))
    const missing = operand.days.filter((day) => !present.has(day.date)).length
    if (missing > 0 && present.size > 0) {
      notes.push(`${missing} of ${operand.days.length} days have no data; the sum is of the others.`)
    }
  }
  if (query.aggregate === 'percentile' || query.aggregate === 'distribution') {
    notes.push('Percentiles are of the values themselves, interpolated linearly (type 7).')
  }
  if (spec.traits.scale === 'clock' && (query.aggregate === 'mean' || query.aggregate === 'sd')) {
    notes.push('Clock times are averaged on the circle of 24 hours.')
  }
  if (spec.traits.scale === 'level' && query.aggregate === 'mean') notes.push('Sound levels are averaged by energy.')
  const seasonal = query.group === 'season' || [...eachCondition(spec.where)].some(({ on }) => on === 'season')
  if (seasonal) notes.push('Seasons are meteorological, of the northern hemisphere.')
  return notes
}

/** Difference and ratio of two operands; clock times differ by the short way round and have no ratio. */
function contrast(first: Solved, second: Solved, clock: boolean): NonNullable<Fact['comparison']> {
  const { value: a } = first
  const { value: b } = second
  const both = a !== null && b !== null
  return {
    value: b,
    n: second.n,
    coverage: second.coverage,
    from: second.operand.span?.from ?? null,
    to: second.operand.span?.to ?? null,
    difference: both ? (clock ? circularDifference(a, b, DAY_MINUTES) : a - b) : null,
    ratio: both && b !== 0 && !clock ? a / b : null,
  }
}

/** A question worked out: its operands with all their items. */
export interface SolvedSeries {
  parts: { spec: OperandSpec; note: string | null }[]
  solved: Solved[]
  history: History
}

/** Reads and evaluates the one or two operands of a question. */
export async function solveSeries(
  query: SeriesQuery,
  longTerm: LongTerm,
  scope: Scope,
  setting: Setting,
): Promise<SolvedSeries> {
  const read = [specOf(query, setting, false), ...(query.compare ? [specOf(query, setting, true)] : [])]
  // "During runs against all day" compares samples with samples, never samples with daily values.
  const sampled = read.some(({ spec }) => spec.over === 'sample')
  const parts = await Promise.all(
    read.map(async ({ spec, note }) => {
      const over = sampled && spec.measure.of === 'metric' ? 'sample' : spec.over
      return { spec: await sampleExtent(longTerm, scope, { ...spec, over }), note }
    }),
  )
  const history = await readHistory(
    longTerm,
    scope,
    parts.map(({ spec }) => operandNeeds(spec)),
  )
  const solved: Solved[] = []
  for (const { spec } of parts) solved.push(solve(spec, await answerOperand(spec, history), query.p))
  return { parts, solved, history }
}

/** Answers an aggregate over days, samples, sessions or tags. */
export async function answerSeries(
  query: SeriesQuery,
  longTerm: LongTerm,
  scope: Scope,
  setting: Setting,
): Promise<Answer> {
  const { parts, solved } = await solveSeries(query, longTerm, scope, setting)
  const { spec } = parts[0]!
  const first = solved[0]!
  const second = solved[1]

  const { operand } = first
  const group = query.group ?? (query.source === 'each' ? 'source' : undefined)
  const { scale, event } = spec.traits
  const rows = group ? groupRows(operand, { group, aggregate: query.aggregate, p: query.p, scale, event }) : first.rows
  const notes = [
    ...parts.flatMap(({ note }) => (note ? [note] : [])),
    ...solved.flatMap((one) => one.operand.notes),
    ...remarks(query, spec, first),
  ]
  const clock = scale === 'clock' && query.aggregate !== 'sd' && query.aggregate !== 'range'
  const empty = operand.span !== null && operand.span.from > operand.span.to
  return {
    status: first.status,
    value: first.value,
    unit: unitOf(spec.traits, query.aggregate),
    n: first.n,
    minimum: first.minimum,
    coverage: first.coverage,
    sources: operand.sources,
    from: empty ? null : (operand.span?.from ?? null),
    to: empty ? null : (operand.span?.to ?? null),
    ...(first.date === null ? {} : { date: first.date }),
    ...(rows ? { rows } : {}),
    ...(second ? { comparison: contrast(first, second, clock && unitOf(spec.traits, query.aggregate) === 'min') } : {}),
    notes: [...new Set(notes)],
  }
}
