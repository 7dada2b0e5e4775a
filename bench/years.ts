// YearsBench: what is still known after ten years, of invented persons whose years are known by construction. Baselines
// in the same run: a window of thirty days, BM25 over every row, LangGraph's store; docs/years-bench.md.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compose } from '../packages/server/src/compose.js'
import { readConfig } from '../packages/server/src/config.js'
import { createLog } from '../packages/server/src/log.js'
import { quantile, type Report } from './report.js'
import { answerFrom } from './years/answers.js'
import { askAuren } from './years/auren.js'
import { deliver } from './years/deliver.js'
import { drawCurve } from './years/draw.js'
import { bm25Of, type Finder, storeOf, windowOf } from './years/finders.js'
import { isRight } from './years/needs.js'
import { personOf } from './years/person.js'
import { questionsOf } from './years/questions.js'
import { rowsOf } from './years/rows.js'
import { byAge, byKind, type Scored, share, systems } from './years/score.js'

/** Tokens of rows that a search may bring: some 150 rows. */
const BUDGET = 4000

/** Asks `persons` (default 2) of `years` (default 10); `draw` names a file for the curve, `tokens` the searches' budget. */
export async function measureYears(options: Record<string, string | undefined>): Promise<Report> {
  const persons = Number(options.persons ?? 2)
  const years = Number(options.years ?? 10)
  const budget = Number(options.tokens ?? BUDGET)
  const folder = await mkdtemp(join(tmpdir(), 'auren-bench-'))
  const config = readConfig({ AUREN_DATA: folder, AUREN_ZONE: 'Europe/Berlin', AUREN_LOG_LEVEL: 'error' })
  const clock = { at: Date.now() }
  const auren = await compose(config, createLog(config.logLevel), { now: () => clock.at })
  const scored: Scored[] = []
  const times: number[] = []
  let rowCount = 0
  let filled = 0
  try {
    for (let number = 0; number < persons; number++) {
      const person = personOf(number, years)
      const began = performance.now()
      await deliver(auren, person, clock)
      filled += (performance.now() - began) / 1000
      const rows = rowsOf(person)
      rowCount += rows.length
      const finders: Record<'window' | 'bm25' | 'store' | 'all', Finder> = {
        window: windowOf(person, rows),
        bm25: bm25Of(rows, budget),
        store: await storeOf(person, rows, budget),
        all: async () => rows,
      }
      for (const question of questionsOf(person, years)) {
        const from = performance.now()
        const answer = await askAuren(auren, person, question)
        times.push(performance.now() - from)
        const right: Scored['right'] = {
          auren: isRight(answer, question),
          window: false,
          bm25: false,
          store: false,
          all: false,
        }
        for (const name of ['window', 'bm25', 'store', 'all'] as const)
          right[name] = isRight(answerFrom(await finders[name](question), question.need, person.plan), question)
        scored.push({ question, right })
        if (!right.auren)
          console.log(
            `  wrong: ${question.text} ${JSON.stringify(answer)}, but it is ${JSON.stringify(question.expected)}`,
          )
      }
    }
  } finally {
    await auren.close()
    await rm(folder, { recursive: true, force: true })
  }
  console.log(byKind(scored))
  const ages = byAge(scored, years)
  console.log(ages.map(({ label, n, shares }) => `  ${label.padEnd(12)} n ${n}  ${JSON.stringify(shares)}`).join('\n'))
  if (options.draw) await writeFile(options.draw, drawCurve(ages, { questions: scored.length, persons, years }))
  return {
    bench: 'years',
    options: { persons, years, tokens: budget, questions: scored.length, rows: rowCount },
    figures: [
      ...systems.map(({ id, name }) => ({ name: `right: ${name}`, value: 100 * share(scored, id), unit: '%' })),
      { name: 'living the years', value: filled, unit: 's' },
      { name: 'a question to AUREN, p50', value: quantile(times, 0.5), unit: 'ms' },
      { name: 'a question to AUREN, p95', value: quantile(times, 0.95), unit: 'ms' },
    ],
    ratios: systems
      .filter(({ id }) => id !== 'auren' && id !== 'all')
      .map(({ id, name }) => ({
        name: `right answers, against ${name}`,
        ours: 100 * share(scored, 'auren'),
        baseline: 100 * share(scored, id),
        unit: '%',
        of: name,
      })),
  }
}
