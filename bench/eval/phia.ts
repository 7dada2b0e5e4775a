import { pathToFileURL } from 'node:url'
import { activityNamed } from '../../packages/core/src/catalogue/activities.js'
import { metric } from '../../packages/core/src/catalogue/index.js'
import type { MetricLookup } from '../../packages/core/src/query/measure.js'
import { understand } from '../../packages/core/src/query/parse/index.js'
import { createFactEngine } from '../../packages/core/src/query/run.js'
import type { Fact, Query } from '../../packages/core/src/query/schema.js'
import { createMemoryLongTerm } from '../../packages/core/src/testing/memory-long-term.js'
import { agrees, agreesExactly, expectedOf } from './phia-labels.js'
import { asLabelled, quirks } from './phia-quirks.js'
import { contentOf, dayColumns, type PhiaPerson, readPerson } from './phia-tables.js'

/**
 * Answers the objective questions of PHIA's synthetic people by sentence parser and fact engine alone.
 * `npx tsx --conditions=auren-source bench/eval/phia.ts [folder] [user …]`, default ../shared/eval/phia-dev, all users.
 */

/** What the set has and the catalogue has not: its metrics' units and names, and its platform's kinds of workout. */
const metrics = [
  { id: 'phia.active_zone_minutes', unit: 'min', names: ['active zone minutes', 'zone minutes'], workout: true },
  // The short name is the column of the exercise table only.
  { id: 'phia.azm', unit: 'min', names: ['azm', 'azms'], workout: true },
  { id: 'phia.fatburn_active_zone_minutes', unit: 'min', names: ['fat burn active zone minutes', 'fat burn minutes'] },
  { id: 'phia.cardio_active_zone_minutes', unit: 'min', names: ['cardio active zone minutes', 'cardio minutes'] },
  { id: 'phia.peak_active_zone_minutes', unit: 'min', names: ['peak active zone minutes', 'peak minutes'] },
  { id: 'phia.stress_management_score', unit: '1', names: ['stress management score', 'stress score'] },
  { id: 'phia.deep_sleep_percent', unit: '%', names: ['deep sleep percent', 'percent deep sleep'] },
  { id: 'phia.rem_sleep_percent', unit: '%', names: ['rem sleep percent', 'percent rem sleep'] },
  { id: 'phia.light_sleep_percent', unit: '%', names: ['light sleep percent', 'percent light sleep'] },
  { id: 'phia.awake_percent', unit: '%', names: ['awake percent', 'percent awake'] },
] as const

/** Names of the platform's exercise types that mean one kind here, where people mean any. */
const activities = [{ id: 'phia_workout', names: ['workout'] }]

/** Numbers without a unit are in the set's own: minutes, and speed and distance as they stand in the table. */
const bareUnits = {
  sleep_duration: 'min',
  sleep_rem: 'min',
  sleep_deep: 'min',
  sleep_light: 'min',
  sleep_awake: 'min',
  duration: 'min',
  distance: 'm',
  speed: 'm/s',
}

const vocabulary = { metrics, activities, bareUnits }

const lookup: MetricLookup = (id) => {
  const own = metrics.find((one) => one.id === id)
  if (own) return { unit: own.unit, kind: 'derived', aggregates: ['last'], sparse: true, title: null }
  return metric(id) ?? null
}

const activityOf = (name: string) =>
  activities.find(({ names }) => names.includes(name.toLowerCase()))?.id ?? activityNamed(name) ?? 'other'

/** One question and how it went. */
export interface PhiaResult {
  question: string
  label: string
  answer: number | string | null
  /** The answer is the label. */
  exact: boolean
  /** The answer is what the question's code gives when it is run over the tables, to 1e-6 and unrounded. */
  exactByCode: boolean
  /** The tables give the label when the question's code is run over them literally. */
  reproducible: boolean
  /** `parse` (not understood), `answer` (another number), `error`. */
  failure: 'parse' | 'answer' | 'error' | null
  queries: readonly Query[]
}

const platformNames = [
  'Run',
  'Walk',
  'Bike',
  'Swim',
  'Yoga',
  'Hike',
  'Sport',
  'Weights',
  'Treadmill',
  'Elliptical',
  'Aerobic Workout',
  'Interval Workout',
  'Workout',
]
const platformName = (id: string) => platformNames.find((name) => activityOf(name) === id) ?? id

/** The set counts time in minutes; what was never done sums to 0 and counts as 0. */
function inTheSetsUnits(fact: Fact): number | string | null {
  if ('group' in fact.query && fact.query.group === 'activity') {
    return (fact.rows ?? []).map(({ key }) => platformName(key)).join(', ')
  }
  if (fact.value === null) return 'aggregate' in fact.query && fact.query.aggregate === 'sum' ? 0 : null
  return fact.unit === 's' ? fact.value / 60 : fact.value
}

/** Answers every question of one person, as asked or as the set labels them. */
export async function evaluate(person: PhiaPerson, as: 'asked' | 'labelled'): Promise<PhiaResult[]> {
  const longTerm = createMemoryLongTerm(contentOf(person, activityOf))
  const engine = createFactEngine({ longTerm, metrics: lookup })
  const known = [...new Set(Object.values(dayColumns).map((column) => column.metric))]
  const scope = { user: person.user, purpose: 'answer' } as const
  const lastPlus = 1
  const results: PhiaResult[] = []
  for (const { question, label, code } of person.questions) {
    const { queries, complete } = understand(question, { today: person.today, lastPlus, metrics: known, vocabulary })
    const [first] = queries
    let answer: number | string | null = null
    let failure: PhiaResult['failure'] = complete && first ? null : 'parse'
    try {
      if (!failure && first) {
        const { query, today } = as === 'asked' ? { query: first, today: person.today } : asLabelled(first, person)
        answer = inTheSetsUnits(await engine.ask(scope, query, { today, lastPlus }))
      }
    } catch {
      failure = 'error'
    }
    const expected = expectedOf(code, person)
    const exact = failure === null && agrees(answer, label)
    results.push({
      question,
      label,
      answer,
      exact,
      exactByCode: failure === null && agreesExactly(answer, expected),
      reproducible: agrees(expected, label),
      failure: exact ? null : (failure ?? 'answer'),
      queries,
    })
  }
  return results
}

/** Shares of a run: of all labels, of those that the tables give, and of what the code gives over the tables. */
export function rates(results: readonly PhiaResult[]) {
  const reproducible = results.filter((result) => result.reproducible)
  const share = (list: readonly PhiaResult[], which: 'exact' | 'exactByCode') =>
    list.filter((result) => result[which]).length / list.length
  return {
    questions: results.length,
    labels: share(results, 'exact'),
    reproducible: reproducible.length,
    reproducibleLabels: share(reproducible, 'exact'),
    code: share(results, 'exactByCode'),
  }
}

async function main([folder = '../shared/eval/phia-dev', ...users]: readonly string[]): Promise<void> {
  console.log(`As labelled means:\n${quirks.map(({ name }) => `- ${name}`).join('\n')}`)
  for (const user of users.length > 0 ? users : ['171', '333']) {
    const person = readPerson(folder, user)
    console.log(`user ${user}, as asked:`, JSON.stringify(rates(await evaluate(person, 'asked'))))
    const results = await evaluate(person, 'labelled')
    console.log(`user ${user}, as labelled:`, JSON.stringify(rates(results)))
    for (const kind of ['parse', 'error', 'answer'] as const) {
      const failed = results.filter(({ failure, reproducible }) => failure === kind && reproducible)
      if (failed.length > 0) console.log(`  ${kind}: ${failed.length} of the reproducible`)
      for (const { question, label, answer, queries } of failed.slice(0, 40)) {
        console.log(`    ${question}\n      expected ${label}, got ${answer}: ${JSON.stringify(queries)}`)
      }
    }
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2))
