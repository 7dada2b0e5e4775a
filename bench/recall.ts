// What each step of a recall takes after one, three and ten years of thirty metrics, and how long what is recalled is.
// Baseline: the same steps after one year.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Auren, createAuren, type Turn } from '@auren/core'
import { neuros } from '@auren/plugins/neuros'
import { pglite } from '@auren/plugins/pglite'
import { Temporal } from 'temporal-polyfill'
import { detectorsOf } from '../packages/server/src/detectors.js'
import { memoriesUntil, questionOf, turnsUntil } from './memories.js'
import { daily, observationsUntil, TODAY } from './people.js'
import { put } from './questions.js'
import { type Figure, quantile, type Ratio, type Report } from './report.js'

const USER = 'ada'
const last = Temporal.PlainDate.from(TODAY)
const now = last.toZonedDateTime('Europe/Berlin').epochMilliseconds + 20 * 3_600_000
/** Of a p95, in ms; knowledge of what is asked of a memory for years. */
const budgets: Readonly<Record<string, number>> = {
  'what is pinned, kept ready': 5,
  'today, kept ready': 5,
  'ten years by the month': 40,
  'words among memories': 10,
  'words among turns': 10,
  'by kind and by metric': 10,
  'whole recall': 100,
  'remember, durably': 30,
}

/** Times of each step in ms, its processor time in ms of all threads, and the longest recall in tokens. */
interface Measured {
  steps: Record<string, number[]>
  cpu: Record<string, number>
  tokens: number
  memories: number
}

async function measureYears(years: number, rounds: number): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'auren-bench-'))
  const days = years * 365
  try {
    const plugin = pglite({ dataDir: folder })
    const storage = await plugin.open({ now: () => now, log: () => undefined })
    const auren = await createAuren({
      plugins: [{ ...plugin, open: async () => storage }, ...detectorsOf(), ...neuros()],
      zone: 'Europe/Berlin',
      now: () => now,
    })
    await put(auren as unknown as Auren, USER, observationsUntil(last, days))
    const { journal, patterns, threads } = storage
    const within = (fn: Parameters<typeof journal.transaction>[0]) =>
      journal.transaction(async (tx) => {
        await journal.lockPersons(tx, [USER])
        await fn(tx)
      })
    await within((tx) => patterns.put(tx, USER, memoriesUntil(now, days)))
    await within(async (tx) => {
      for (const turn of turnsUntil(now, days) as Turn[]) await threads.addTurn(tx, USER, turn)
    })
    const memory = auren.memory.for(USER, 'answer')
    await memory.consolidate()

    const scope = { user: USER, purpose: 'answer' } as const
    let tokens = 0
    const works: Record<string, (n: number) => Promise<unknown>> = {
      'what is pinned, kept ready': () => memory.recall({}),
      'today, kept ready': () => auren.today(USER),
      'ten years by the month': (n) =>
        memory.ladder({
          rungs: ['month'],
          series: [Object.keys(daily)[n % 30] as string],
          from: '2000-01-01',
          to: TODAY,
        }),
      'words among memories': (n) => patterns.search(scope, { text: questionOf(n).text, limit: 30 }),
      'words among turns': (n) => threads.search(scope, { text: questionOf(n).text, limit: 30 }),
      'by kind and by metric': async (n) => {
        await patterns.list(scope, { kinds: ['baseline'], perKind: 8 })
        await patterns.list(scope, { about: questionOf(n).about[0] as string, perKind: 8 })
      },
      'whole recall': async (n) => {
        const found = await memory.recall({
          ...questionOf(n),
          time: { from: last.subtract({ days: 27 }).toString(), to: TODAY },
          turns: 4,
        })
        if (found.degraded.length > 0 || found.hits.length === 0) throw new Error('Nothing was recalled')
        tokens = Math.max(tokens, found.tokens)
      },
      'remember, durably': (n) => memory.remember({ kind: 'note', text: `I felt ${n} things after coffee` }),
    }
    const steps: Record<string, number[]> = {}
    const cpu: Record<string, number> = {}
    for (const [name, work] of Object.entries(works)) {
      for (let n = 0; n < 10; n++) await work(n)
      steps[name] = []
      const before = process.cpuUsage()
      for (let n = 0; n < rounds; n++) {
        const from = performance.now()
        await work(n)
        steps[name].push(performance.now() - from)
      }
      const { user, system } = process.cpuUsage(before)
      cpu[name] = (user + system) / 1000 / rounds
    }
    const memories = (await patterns.list(scope)).length
    await auren.close()
    return { steps, cpu, tokens, memories }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Measures each step `rounds` times (default 200) after one, three and `years` (default 10) years. */
export async function measureRecall(options: Record<string, string | undefined>): Promise<Report> {
  const years = Number(options.years ?? 10)
  const rounds = Number(options.rounds ?? 200)
  const spans = [...new Set([1, 3, years])].sort((a, b) => a - b)
  const found = new Map<number, Measured>()
  for (const span of spans) found.set(span, await measureYears(span, rounds))
  const young = found.get(1) as Measured
  const old = found.get(spans.at(-1) as number) as Measured
  const figures: Figure[] = []
  for (const name of Object.keys(budgets))
    for (const [span, { steps }] of found)
      for (const [what, share] of [
        ['p50', 0.5],
        ['p95', 0.95],
      ] as const)
        figures.push({
          name: `${name}, ${span} y, ${what}${what === 'p95' ? ` (budget ${budgets[name]})` : ''}`,
          value: quantile(steps[name] ?? [], share),
          unit: 'ms',
        })
  for (const [span, { tokens, memories }] of found) {
    figures.push({ name: `longest recall, ${span} y`, value: tokens, unit: 'tokens' })
    figures.push({ name: `memories, ${span} y`, value: memories, unit: '' })
  }
  const ratio = (name: string, ours: number, baseline: number, unit: string): Ratio => ({
    name: `${name}, growth`,
    ours,
    baseline,
    unit,
    of: `one year; ${spans.at(-1)} years against it`,
  })
  return {
    bench: 'recall',
    options: { years: spans.join(' '), metrics: Object.keys(daily).length, rounds },
    figures,
    ratios: [
      ...Object.keys(budgets).map((name) =>
        ratio(`${name}, processor`, old.cpu[name] ?? Number.NaN, young.cpu[name] ?? Number.NaN, 'ms'),
      ),
      ratio('longest recall', old.tokens, young.tokens, 'tokens'),
    ],
  }
}
