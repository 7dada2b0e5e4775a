import { renderFact } from '../query/describe.js'
import type { Fact } from '../query/schema.js'
import { fixed } from './fixed.js'
import type { GraphState } from './types.js'

/** What a narration is made from. */
export type NarrateInput = Pick<
  GraphState,
  'understanding' | 'answers' | 'facts' | 'findings' | 'recalled' | 'degraded' | 'guard'
> & {
  /** Whether the person has any measurements at all. */
  hasData: boolean
}

/** A sentence of a narration, and what it is there for. */
export interface Narrated {
  text: string
  /** Facts that it cites. */
  facts: string[]
  role: 'answer' | 'finding' | 'basis' | 'reading' | 'notice'
}

/** Most sentences of findings in one answer. */
const FINDINGS_SAID = 8
/** Metrics that are left out for people with an eating disorder in their safety notes. */
const withheld = /^(?:weight|bmi|body_fat|lean_mass|energy_\w+|carbohydrate_intake|waist_circumference)$/

/**
 * Tells facts in plain sentences, without any model: what was asked, how its period was read, what the number stands
 * on, and what is missing. Sentences hold placeholders, and go through the same checks as a model's.
 */
export function narrate(input: NarrateInput): Narrated[] {
  const { understanding, facts } = input
  const answers = input.answers.map((id) => facts[id]).filter((fact) => fact !== undefined)
  const gentle = input.guard?.rules.includes('eating_disorder') ?? false
  const told = gentle ? answers.filter((fact) => !withheld.test(metricOf(fact))) : answers
  const said: Narrated[] = []
  const say = (role: Narrated['role'], text: string, ...cited: Fact[]) =>
    said.push({ role, text, facts: cited.map((fact) => fact.id) })

  if (understanding?.clarify) say('answer', '{{note:clarify}}')
  else if (answers.length === 0) for (const text of withoutNumbers(input)) say('answer', text)
  if (told.length < answers.length) say('notice', fixed.withheld)
  for (const fact of told) for (const text of sentencesOfFact(fact)) say('answer', text, fact)

  const found: Fact[] = []
  for (const text of input.findings.flatMap((finding) => finding.sentences).slice(0, FINDINGS_SAID)) {
    const cited = Object.values(facts).filter(({ id }) => text.includes(`fact:${id}`))
    found.push(...cited)
    say('finding', text, ...cited)
  }
  // A period that the engine explains with the fact itself is not explained twice.
  const explained = new Set([...told, ...found].flatMap((fact) => fact.notes.map(plainNote)))
  understanding?.readings.forEach((reading, index) => {
    if (answers.length > 0 && !explained.has(plainNote(reading)))
      say('reading', `I read this as {{note:reading${index}}}.`)
  })
  said.push(...basisOf([...new Set([...told, ...found])]))
  if (!input.hasData) say('notice', fixed.noneYet)
  input.recalled.gaps.forEach((_, index) => {
    say('notice', `What is missing: {{note:gap${index}}}.`)
  })
  if (input.degraded.length > 0) say('notice', fixed.degraded)
  for (const text of undecided(input.recalled)) say('notice', text)
  return said
}

const plainNote = (text: string): string => text.toLowerCase().replace(/\.$/, '')

/** Notes that a narration refers to. */
export function notesOf({
  understanding,
  recalled,
}: Pick<GraphState, 'understanding' | 'recalled'>): Record<string, string> {
  return {
    ...(understanding?.clarify ? { clarify: understanding.clarify } : {}),
    ...Object.fromEntries((understanding?.readings ?? []).map((text, index) => [`reading${index}`, text])),
    ...Object.fromEntries(recalled.gaps.map((text, index) => [`gap${index}`, text])),
  }
}

/** Most facts whose basis is told in one answer. */
const BASES_SAID = 8

/**
 * What facts stand on (items, coverage and sources, told once for all facts that share them), and what the engine
 * wants the reader to know.
 */
export function basisOf(facts: readonly Fact[]): Narrated[] {
  const standing = facts.filter((fact) => fact.status === 'ok').slice(0, BASES_SAID)
  if (standing.length === 0) return []
  const groups = new Map<string, Fact[]>()
  for (const fact of standing) {
    const { n, from, to, coverage, sources } = fact
    const key = JSON.stringify([n, from, to, Math.round(coverage * 100), sources])
    groups.set(key, [...(groups.get(key) ?? []), fact])
  }
  const parts = [...groups.values()].map((group) => {
    const [{ id, sources }] = group as [Fact]
    const names = groups.size === 1 ? '' : `${group.map((fact) => `{{fact:${fact.id}.label}}`).join(', ')}: `
    const from = sources.length > 0 ? ` from {{fact:${id}.sources}}` : ''
    return `${names}{{fact:${id}.basis}}${from}, coverage {{fact:${id}.coverage}}`
  })
  const noted = new Map(standing.filter((fact) => fact.notes.length > 0).map((fact) => [fact.notes.join(' '), fact]))
  return [
    { role: 'basis', text: `Based on ${parts.join('; ')}.`, facts: standing.map((fact) => fact.id) },
    ...[...noted.values()].map(
      (fact): Narrated => ({
        role: 'basis',
        text: `Note: {{fact:${fact.id}.notes}}`,
        facts: [fact.id],
      }),
    ),
  ]
}

/** Asks which of two safety facts holds: of the first pair, for one question at a time is enough. */
function undecided({ pinned, contradictions = [] }: GraphState['recalled']): string[] {
  const safety = new Set(pinned.filter(({ kind }) => kind === 'safety').map(({ id }) => id))
  const first = contradictions.find(({ between }) => between.every((id) => safety.has(id)))
  return first ? [fixed.contradiction, ...first.between.map((id) => `You told me: {{memory:${id}}}`)] : []
}

function withoutNumbers({ understanding, findings, recalled, hasData }: NarrateInput): string[] {
  switch (understanding?.intent) {
    case 'smalltalk':
      return [fixed.hello]
    case 'remember':
      return [fixed.noted]
    case 'forget': {
      const found = recalled.hits.filter((record) => record.origin === 'self')
      if (found.length === 0) return [fixed.forgetNone]
      if (found.length === 1) return [fixed.forgetting]
      return [fixed.forgetWhich, ...found.slice(0, 5).map((record) => `You told me: {{memory:${record.id}}}`)]
    }
    case 'overview':
    case 'sleep':
    case 'recovery':
      return findings.length > 0 || !hasData ? [] : [fixed.noData]
    default:
      return findings.length > 0 ? [] : [fixed.notUnderstood]
  }
}

function sentencesOfFact(fact: Fact): string[] {
  const at = (part: string) => `{{fact:${fact.id}${part}}}`
  const within = fact.from ? `, ${at('.period')}` : ''
  if (fact.status === 'no_data') return [`I have no data for this: ${at('.label')}${within}.`]
  if (fact.status === 'not_enough_data') {
    return [
      `There is not enough data for this: ${at('.label')}${within}; it has ${at('.n')} and needs ${at('.minimum')}.`,
    ]
  }
  if ('pattern' in fact.query) return [patternSentence(fact, at)]
  const grouped = fact.query.group && (fact.rows?.length ?? 0) > 0
  const first = grouped && fact.query.group ? `${at('')}; by ${fact.query.group}: ${at('.rows')}.` : `${at('')}.`
  if (!fact.comparison) return [first]
  const { comparison } = renderFact(fact)
  if (!comparison) return [first, 'There is no data to set beside it.']
  const versus = `${at('')}, against ${at('.comparison')}`
  const percent = comparison.percent ? ` (${at('.comparison.percent')})` : ''
  const end =
    comparison.direction === 'equal' ? 'the same' : `${at('.comparison.difference')} ${comparison.direction}${percent}`
  const conditional = (fact.query.compare?.where?.length ?? 0) > 0
  return [`${versus}: ${end}.`, ...(conditional ? [fixed.association] : [])]
}

/** A deviation, baseline or trend in one sentence. */
export function patternSentence(fact: Fact, at: (part: string) => string): string {
  if (fact.trend) {
    const { direction } = fact.trend
    const verdict = direction === 'none' ? 'no clear direction' : direction
    return `${at('')}: ${verdict}, between ${at('.trend')}.`
  }
  if (!fact.baseline) return `${at('')}.`
  if ('pattern' in fact.query && fact.query.pattern === 'baseline') {
    return `${at('')}; your usual range is ${at('.baseline')}.`
  }
  const { low, high } = fact.baseline
  const value = fact.value ?? 0
  const place = value > high ? 'above' : value < low ? 'below' : 'inside'
  return `${at('')}: ${place} your usual range of ${at('.baseline')}.`
}

function metricOf({ query }: Fact): string {
  if ('pattern' in query) return query.metric
  return query.measure.of === 'metric'
    ? query.measure.metric
    : query.measure.of === 'session'
      ? query.measure.field
      : ''
}
