// Questions over ten generated years of thirty metrics: how many a second. Baseline: bare SQL over the table of days,
// for those questions that one statement answers; both must come to the same number.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Auren, Fact, ObservationInput, QueryInput } from '@auren/core'
import { openPglite } from '../packages/plugins/src/storage/pglite/sql.js'
import { compose } from '../packages/server/src/compose.js'
import { readConfig } from '../packages/server/src/config.js'
import { createLog } from '../packages/server/src/log.js'
import { daily, observationsOf, TODAY } from './people.js'
import { askBare, type PlainQuestion } from './questions-baseline.js'
import { plain, rich } from './questions-list.js'
import { quantile, type Report, residentMegabytes } from './report.js'

const BATCH = 2000

/** Puts `years` whole or begun years up to today in. */
export async function fill(auren: Auren, userId: string, years: number): Promise<number> {
  const last = Number(TODAY.slice(0, 4))
  let n = 0
  for (let year = last - years; year <= last; year++) n += await put(auren, userId, observationsOf(year))
  return n
}

/** Puts observations in, and waits until they are stored. Returns how many. */
export async function put(auren: Auren, userId: string, observations: Iterable<ObservationInput>): Promise<number> {
  let n = 0
  let held: ObservationInput[] = []
  const flush = async (): Promise<void> => {
    const done = await auren.ingest.observations({ userId, provider: 'bench', observations: held })
    if (done.accepted !== held.length) throw new Error(`${held.length - done.accepted} were not accepted`)
    n += held.length
    held = []
  }
  for (const observation of observations) if (held.push(observation) >= BATCH) await flush()
  if (held.length > 0) await flush()
  await auren.ingest.settled()
  return n
}

interface Asked {
  /** Milliseconds per question. */
  times: number[]
  seconds: number
}

/** Asks each question `rounds` times, one after the other. */
async function time<Q>(
  questions: readonly Q[],
  rounds: number,
  ask: (question: Q) => Promise<unknown>,
): Promise<Asked> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    for (const question of questions) {
      const from = performance.now()
      await ask(question)
      times.push(performance.now() - from)
    }
  }
  return { times, seconds: times.reduce((sum, ms) => sum + ms, 0) / 1000 }
}

function plainOf({ query, from, to }: Fact): PlainQuestion {
  if ('pattern' in query || query.measure.of !== 'metric' || !from || !to) throw new Error('No plain question')
  const [condition] = query.where
  const above = condition?.on === 'value' ? condition.value : null
  return { metric: query.measure.metric, aggregate: query.aggregate, from, to, above }
}

/** Asks the fixed list over `years` (default 10), `rounds` times (default 5) after a first, cold round. */
export async function measureQuestions(options: Record<string, string | undefined>): Promise<Report> {
  const years = Number(options.years ?? 10)
  const rounds = Number(options.rounds ?? 5)
  const folder = await mkdtemp(join(tmpdir(), 'auren-bench-'))
  const config = readConfig({ AUREN_DATA: folder, AUREN_ZONE: 'Europe/Berlin', AUREN_LOG_LEVEL: 'error' })
  const questions: readonly QueryInput[] = [...plain, ...rich]
  try {
    const auren = await compose(config, createLog(config.logLevel))
    const ask = (question: QueryInput): Promise<Fact> => auren.query(config.user, question, { today: TODAY })
    const began = performance.now()
    const observations = await fill(auren, config.user, years)
    const filled = (performance.now() - began) / 1000
    const cold = await time(questions, 1, ask)
    const warm = await time(questions, rounds, ask)
    const ours = await time(plain, rounds, ask)
    const facts = await Promise.all(questions.map(ask))
    const empty = facts.filter((fact) => fact.status !== 'ok')
    if (empty.length > 0) throw new Error(`No answer to ${JSON.stringify(empty[0]?.query)}: ${empty[0]?.status}`)
    const slowest = questions
      .map((question, i) => ({
        question,
        ms: quantile(
          warm.times.filter((_, at) => at % questions.length === i),
          0.5,
        ),
      }))
      .toSorted((a, b) => b.ms - a.ms)
    for (const { question, ms } of slowest.slice(0, 5))
      console.log(`  ${ms.toFixed(1)} ms  ${JSON.stringify(question)}`)
    const memory = residentMegabytes()
    await auren.close()

    const sql = await openPglite({ dataDir: join(folder, 'pg') })
    const bare = facts.slice(0, plain.length).map((fact) => ({ fact, question: plainOf(fact) }))
    const once = (question: PlainQuestion): Promise<number | null> =>
      sql.transaction((tx) => askBare(tx, config.user, question), { readOnly: true })
    for (const { fact, question } of bare) {
      const value = await once(question)
      if (value === null || Math.abs(value - (fact.value ?? Number.NaN)) > 1e-6 * Math.max(1, Math.abs(value)))
        throw new Error(`SQL says ${value}, the fact ${fact.value}: ${JSON.stringify(question)}`)
    }
    const theirs = await time(
      bare.map(({ question }) => question),
      rounds,
      once,
    )
    await sql.close()
    return {
      bench: 'questions',
      options: { years, metrics: Object.keys(daily).length, observations, questions: questions.length, rounds },
      figures: [
        { name: 'storing them before', value: observations / filled, unit: 'observations/s' },
        { name: 'first round', value: questions.length / cold.seconds, unit: 'questions/s' },
        { name: 'all questions', value: (questions.length * rounds) / warm.seconds, unit: 'questions/s' },
        { name: 'p50', value: quantile(warm.times, 0.5), unit: 'ms' },
        { name: 'p95', value: quantile(warm.times, 0.95), unit: 'ms' },
        { name: 'slowest', value: Math.max(...warm.times), unit: 'ms' },
        { name: 'memory of the process', value: memory, unit: 'MB' },
      ],
      ratios: [
        {
          name: `time of the ${plain.length} plain ones`,
          ours: (ours.seconds * 1000) / ours.times.length,
          baseline: (theirs.seconds * 1000) / theirs.times.length,
          unit: 'ms per question',
          of: 'one SQL statement over the days, in the same database, with the same result',
        },
      ],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
