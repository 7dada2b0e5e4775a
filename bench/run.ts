// npm run bench -- import [--bytes 1e9] [--file export.xml] | normalize [--rounds 5] | questions [--years 10] [--rounds 5] | startup [--runs 3]
//   | consume [--persons 100] [--rounds 3] | soak [--minutes 10] [--rate 20]
//   | years [--persons 2] [--years 10] [--tokens 4000] [--draw docs/images/years.svg]
//   | consolidate [--years 10] [--nights 35] | webhooks [--seconds 10] [--rounds 3] [--rate 300]
//   | storage [--years 10] [--engine pglite] | recall [--years 10] [--rounds 200] | nightly [--persons 20] [--years 1]
import { parseArgs } from 'node:util'
import { print, type Report } from './report.js'

const benches: Record<string, () => Promise<(options: Record<string, string | undefined>) => Promise<Report>>> = {
  import: async () => (await import('./import.js')).measureImport,
  normalize: async () => (await import('./normalize.js')).measureNormalize,
  questions: async () => (await import('./questions.js')).measureQuestions,
  consume: async () => (await import('./consume.js')).measureConsume,
  soak: async () => (await import('./soak.js')).measureSoak,
  webhooks: async () => (await import('./webhooks.js')).measureWebhooks,
  consolidate: async () => (await import('./consolidate.js')).measureConsolidate,
  recall: async () => (await import('./recall.js')).measureRecall,
  nightly: async () => (await import('./nightly.js')).measureNightly,
  years: async () => (await import('./years.js')).measureYears,
  startup: async () => (await import('./startup.js')).measureStartup,
  storage: async () => (await import('./storage.js')).measureStorage,
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: Object.fromEntries(
    [
      'bytes',
      'file',
      'years',
      'rounds',
      'runs',
      'seconds',
      'rate',
      'persons',
      'minutes',
      'nights',
      'draw',
      'tokens',
      'engine',
    ].map((name) => [name, { type: 'string' as const }]),
  ),
})
const [name = ''] = positionals
const load = benches[name]
if (!load) {
  console.error(`Name a benchmark: npm run bench -- ${Object.keys(benches).join(' | ')}`)
  process.exit(1)
}
const measure = await load()
print(await measure(values as Record<string, string | undefined>))
