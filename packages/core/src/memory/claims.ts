import { convert } from '../catalogue/units.js'
import { mentionsOf } from '../query/parse/mentions.js'
import type { MemoryRecord } from './ports.js'

/** What a record claims, in a form that can be held against another record's. */
export type Claim =
  /** It is so, or it is not. `degree`: how grave, from 1. */
  | { topic: string; says: 'yes' | 'no'; degree: number }
  /** One of several. */
  | { topic: string; says: 'choice'; choice: string }
  /** A value in the metric's unit, with what was written: equal numbers of other units are told apart by it. */
  | { topic: string; says: 'value'; value: number; written: number; unit: string | null }
  /** What was measured: from `low` to `high`, in the metric's unit. */
  | { topic: string; says: 'range'; low: number; high: number }

/** Longest text that is read. */
const LONGEST = 600

const denied =
  /\b(?:not|never|no longer|no|none|nothing|isn't|am not|don't|do not|doesn't|stopped|quit|came off|went off|without|ended|over|outgrew|ruled out|anymore|any more)\b/i
const grave = /\b(?:severe\w*|anaphyla\w*|life.?threatening|serious\w*|strong\w*|epipen)\b/i
const light = /\b(?:mild\w*|slight\w*|a (?:little|bit)|minor)\b/i

const allergy =
  /\b(?:allergic|allerg(?:y|ies)|intoleran(?:t|ce)|anaphyla\w+)\b(?:\s+(?:to|of|against|for))?\s*([\p{L}][\p{L}\d\s,&-]*)?/iu
const before = /\b(\p{L}[\p{L}-]+) (?:allergy|intolerance)\b/iu
const taking =
  /\b(?:take|taking|took|on|using|use|prescribed|started|stopped|quit|off|need)\s+(?:taking\s+|using\s+|my\s+|any\s+|the\s+|daily\s+)*(\p{L}[\p{L}\d-]{3,})/iu
const conditions: readonly (readonly [topic: string, words: RegExp])[] = [
  ['pregnancy', /\bpregnan(?:t|cy)\b/i],
  ['pacemaker', /\b(?:pacemaker|icd implant)\b/i],
  ['diabetes', /\bdiabet(?:ic|es)\b/i],
  ['epilepsy', /\bepilep\w+/i],
  ['asthma', /\basthma\w*/i],
  ['eating disorder', /\b(?:eating disorder|anorexi\w+|bulimi\w+)\b/i],
  ['heart condition', /\bheart (?:condition|disease|failure)\b/i],
]
/** Words after "on" and "take" that name no medicine. */
const notTaken = /^(?:care|part|time|turns|walks?|days?|nights?|holiday|vacation|breaks?|account|advice|naps?|long)$/i

/**
 * What a record claims, read by rule from its words (a derived one's from its numbers), in English; nothing where the
 * rules see no claim. A pure function of the record: nobody is believed about what their own sentence claims.
 */
export function claimsOf(record: Pick<MemoryRecord, 'kind' | 'origin' | 'text' | 'body'>): Claim[] {
  if (record.origin === 'derived') return measuredClaims(record)
  const text = record.text.slice(0, LONGEST)
  if (record.kind === 'safety') return safetyClaims(text)
  if (record.kind === 'preference') return preferenceClaims(text)
  if (record.kind === 'goal') return valueClaims(text, 'goal')
  if (record.kind === 'note' || record.kind === 'hypothesis')
    return /\b(?:usual|usually|normal|normally|typical|typically|average|always)\b/i.test(text)
      ? valueClaims(text, 'usual')
      : []
  return []
}

function measuredClaims({ kind, body }: Pick<MemoryRecord, 'kind' | 'body'>): Claim[] {
  const { metric, low, high, window } = body
  // Of several windows one speaks: the habitual one.
  if (kind !== 'baseline' || window !== 90 || typeof metric !== 'string') return []
  return typeof low === 'number' && typeof high === 'number'
    ? [{ topic: `usual:${metric}`, says: 'range', low, high }]
    : []
}

function safetyClaims(text: string): Claim[] {
  const says = denied.test(text) ? ('no' as const) : ('yes' as const)
  const degree = grave.test(text) ? 3 : light.test(text) ? 1 : 2
  const claims: Claim[] = []
  const claim = (topic: string): void => {
    claims.push({ topic, says, degree })
  }
  const allergic = allergy.exec(text)
  if (allergic) {
    const named = things(allergic[1] ?? '')
    const ahead = before.exec(text)?.[1]
    if (named.length > 0) for (const thing of named) claim(`allergy:${thing}`)
    else if (ahead && !/^(?:an|any|no|known|the|my|food|drug|severe|mild)$/i.test(ahead)) claim(`allergy:${one(ahead)}`)
    else if (says === 'no') claim('allergy:*')
  }
  for (const [topic, words] of conditions) if (words.test(text)) claim(`condition:${topic}`)
  const medicine = claims.length === 0 ? taking.exec(text)?.[1] : undefined
  if (medicine && !notTaken.test(medicine)) claim(`medicine:${one(medicine)}`)
  return claims
}

/** `penicillin, nuts and latex` in words that can be compared. */
function things(list: string): string[] {
  return list
    .split(/,|&|\b(?:and|or|nor)\b/i)
    .map((thing) =>
      thing
        .replace(/\b(?:anymore|any more|now|since|because|so|but|please|which|that|at all|as|in|with|when)\b.*$/i, '')
        .replace(/^\s*(?:to|the|all|any|some|my)\s+/i, '')
        .trim(),
    )
    .filter((thing) => thing !== '' && thing.split(/\s+/).length <= 3)
    .map(one)
}

/** Lower case and singular. */
function one(thing: string): string {
  const lower = thing.toLowerCase()
  return lower.endsWith('s') && !/(?:ss|us|is)$/.test(lower) ? lower.slice(0, -1) : lower
}

function preferenceClaims(text: string): Claim[] {
  const claims: Claim[] = []
  const choose = (topic: string, choice: string): void => {
    claims.push({ topic: `preference:${topic}`, says: 'choice', choice })
  }
  if (/\b(?:metric|imperial)\b/i.test(text)) choose('units', /\bimperial\b/i.test(text) ? 'imperial' : 'metric')
  if (/\b(?:miles?|kilomet(?:er|re)s?|km)\b/i.test(text)) choose('distance', /\bmiles?\b/i.test(text) ? 'mi' : 'km')
  if (/\b(?:pounds?|kilograms?|kilos?|kg|stones?)\b/i.test(text))
    choose('mass', /\bpounds?\b/i.test(text) ? 'lb' : /\bstones?\b/i.test(text) ? 'st' : 'kg')
  const name = /\bcall me (\p{L}[\p{L}'-]*)/iu.exec(text)?.[1]
  if (name) choose('name', name.toLowerCase())
  const shown = /\b(?:show|tell|mention|talk about|hear|see)\b(?: me)?(?: about)? (?:the |my )*(\p{L}+)/iu.exec(
    text,
  )?.[1]
  if (shown)
    claims.push({ topic: `preference:mention ${one(shown)}`, says: denied.test(text) ? 'no' : 'yes', degree: 2 })
  return claims
}

function valueClaims(text: string, of: 'goal' | 'usual'): Claim[] {
  const { metrics, quantity } = mentionsOf(text)
  const [metric] = metrics
  if (!metric || !quantity) return []
  const unit = quantity.unit ?? (metric === 'sleep_duration' && quantity.value <= 24 ? 'h' : null)
  return [
    {
      topic: `${of}:${metric}`,
      says: 'value',
      value: unit === null ? quantity.value : inMetric(quantity.value, unit, metric),
      written: quantity.value,
      unit: quantity.unit,
    },
  ]
}

function inMetric(value: number, unit: string, metric: string): number {
  try {
    return convert(value, unit, metric)
  } catch {
    // A unit that does not belong to the metric is compared as it was written.
    return value
  }
}
