// Answers from rows, whichever were found: one code for all baselines. It computes from what it is given and from nothing
// else. The run also scores it on every row, to show that it is not what holds the baselines back.
import { contradictionsAmong, type MemoryRecord } from '@auren/core'
import { levelChanges } from '../../packages/core/src/memory/ladder/changes.js'
import { chapterSeries } from '../../packages/core/src/memory/ladder/chapters.js'
import type { Metric } from './body.js'
import { type Answer, judgeLink, type Need } from './needs.js'
import { dateOf, dayOf, type Plan } from './plan.js'
import type { Row } from './rows.js'

type Of<A extends Need['ask']> = Extract<Need, { ask: A }>

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]): number => sum(values) / values.length

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length / 2
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(half)] as number)
    : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2
}

/** Newest value of each day that was known. */
function valuesOf(rows: readonly Row[], metric: Metric, known = Number.POSITIVE_INFINITY): Map<number, Row> {
  const days = new Map<number, Row>()
  for (const row of rows) {
    if (row.metric !== metric || row.known > known) continue
    const held = days.get(row.day)
    if (!held || held.known <= row.known) days.set(row.day, row)
  }
  return days
}

/** Answers from rows alone. */
export function answerFrom(rows: readonly Row[], need: Need, plan: Plan): Answer {
  switch (need.ask) {
    case 'value':
      return value(rows, need, plan)
    case 'value known':
      return valuesOf(rows, need.metric, need.known).get(need.day)?.value ?? null
    case 'tagged days': {
      const days = rows.filter(({ tag, day }) => tag === need.tag && day >= need.from && day <= need.to)
      return days.length === 0 ? null : days.length
    }
    case 'effect': {
      const [after, others] = groups(rows, need, need.from, need.to)
      return after.length === 0 || others.length === 0 ? null : mean(after) - mean(others)
    }
    case 'link':
      return link(rows, need, plan)
    case 'winters':
      return winters(rows, need, plan)
    case 'usual': {
      const values = [...valuesOf(rows, need.metric, need.known).values()]
        .filter(({ day }) => day >= need.day - 28 && day < need.day)
        .map((row) => row.value as number)
      return values.length < 14 ? null : [middle(values), values.length]
    }
    case 'said': {
      const said = rows
        .filter((row) => row.said?.kind === need.kind && row.said.topic === need.topic && row.known <= need.known)
        .sort((a, b) => b.known - a.known)
      return said[0]?.said?.text ?? null
    }
    case 'when': {
      const found = rows.find(({ said }) => said?.kind === 'note' && said.text.includes(need.topic))
      return found ? dateOf(plan, found.day).toString() : null
    }
    case 'counts':
      return counts(rows, need)
    case 'change':
      return change(rows, need)
  }
}

function value(rows: readonly Row[], { metric, from, to, how }: Of<'value'>, plan: Plan): Answer {
  const held = [...valuesOf(rows, metric).values()].filter(({ day }) => day >= from && day <= to)
  if (held.length === 0) return null
  const values = held.map((row) => row.value as number)
  if (how === 'sum') return sum(values)
  if (how !== 'day of the most') return mean(values)
  const most = held.reduce((best, row) => ((row.value as number) > (best.value as number) ? row : best))
  return dateOf(plan, most.day).toString()
}

/** Values of days after the tag, and of the other days. */
function groups(
  rows: readonly Row[],
  { tag, metric }: { tag: string; metric: Metric },
  from: number,
  to: number,
): [number[], number[]] {
  const tagged = new Set(rows.filter((row) => row.tag === tag).map(({ day }) => day))
  const held = [...valuesOf(rows, metric).values()].filter(({ day }) => day >= from && day <= to)
  const take = (wanted: boolean): number[] =>
    held.filter(({ day }) => tagged.has(day - 1) === wanted).map((row) => row.value as number)
  return [take(true), take(false)]
}

function link(rows: readonly Row[], need: Of<'link'>, plan: Plan): Answer {
  const differences: number[] = []
  for (let month = plan.first.toPlainYearMonth(); ; month = month.add({ months: 1 })) {
    const from = dayOf(plan, month.toPlainDate({ day: 1 }))
    if (from >= plan.days) break
    const [after, others] = groups(rows, need, from, from + month.daysInMonth - 1)
    if (after.length > 0 && others.length > 0) differences.push(mean(after) - mean(others))
  }
  return judgeLink(differences)
}

/** First and last day of each winter that can be told of, by the year of its January, with the summer before it. */
export function wintersOf(plan: Plan): { year: number; from: number; to: number; summer: [number, number] }[] {
  const found = []
  for (let year = plan.first.year + 1; dayOf(plan, `${year}-02-28`) < plan.days; year++) {
    const to = dayOf(plan, `${year}-03-01`) - 1
    const summer: [number, number] = [dayOf(plan, `${year - 1}-06-01`), dayOf(plan, `${year - 1}-08-31`)]
    found.push({ year, from: dayOf(plan, `${year - 1}-12-01`), to, summer })
  }
  return found
}

function winters(rows: readonly Row[], { metric, above, against }: Of<'winters'>, plan: Plan): Answer {
  const days = valuesOf(rows, metric)
  const between = (from: number, to: number): number[] =>
    [...days.values()].filter(({ day }) => day >= from && day <= to).map((row) => row.value as number)
  const known = wintersOf(plan).flatMap(({ year, from, to, summer }) => {
    const [cold, warm] = [between(from, to), between(...summer)]
    if (cold.length < 45 || (against === 'summer before' && warm.length < 45)) return []
    return [{ year, holds: mean(cold) - (against === 'summer before' ? mean(warm) : 0) > above }]
  })
  return known.length === 0 ? null : known.filter(({ holds }) => holds).map(({ year }) => String(year))
}

/** The product's own rule for what contradicts what, over the statements that were found. */
function counts(rows: readonly Row[], { topic }: Of<'counts'>): Answer {
  const records = rows
    .filter(({ said }) => said?.kind === 'safety' && said.topic === topic)
    .map(
      ({ id, known, said }): MemoryRecord => ({
        id,
        kind: 'safety',
        validFrom: known,
        validTo: null,
        recordedAt: known,
        supersededAt: null,
        origin: 'self',
        algorithm: null,
        derivedFrom: [],
        about: ['safety'],
        text: said?.text ?? '',
        body: {},
        status: 'active',
        confidence: null,
        pinned: true,
      }),
    )
  const [found] = contradictionsAmong(records)
  const acts = records.find(({ id }) => id === found?.acts)
  return found && acts ? [acts.text, found.resolution] : null
}

/** Told from all weeks that were found, as seasons show in years only; the strongest change within the time is the answer. */
function change(rows: readonly Row[], { series, from, to }: Of<'change'>): Answer {
  const metric = series === 'sleep_midpoint' ? 'sleep_duration' : series
  const weeks = new Map<number, Row[]>()
  for (const row of valuesOf(rows, metric).values()) {
    const week = Math.floor(row.day / 7)
    weeks.set(week, [...(weeks.get(week) ?? []), row])
  }
  const within = [...weeks.keys()].filter((week) => week * 7 >= from && week * 7 <= to)
  // Who sees less than half of the weeks cannot say that nothing changed.
  if (within.length < (to - from) / 14) return null
  const levels = [...weeks].map(([week, held]) => ({
    week,
    value: middle(held.map((row) => (series === 'sleep_midpoint' ? (row.midpoint as number) : (row.value as number)))),
  }))
  const { changes } = levelChanges(levels, { floor: chapterSeries[series] ?? 0, circular: series === 'sleep_midpoint' })
  const [strongest] = changes
    .filter(({ week }) => week * 7 >= from && week * 7 <= to)
    .toSorted((a, b) => b.strength - a.strength)
  if (!strongest) return 'none'
  const at = strongest.week * 7
  const sources = (first: number, last: number): Set<string> =>
    new Set(
      [...weeks.values()].flat().flatMap(({ day, source }) => (day >= first && day < last && source ? [source] : [])),
    )
  const before = sources(at - 42, at - 7)
  const device = [...sources(at + 7, at + 42)].every((key) => !before.has(key))
  return [at, Math.sign(strongest.shift), device ? 1 : 0]
}
