import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { importFile } from '../src/cli/commands/import.js'
import { exportAll } from '../src/cli/commands/records.js'
import { answerOf, factsOf, type Installation, install, recordedOutput } from './harness.js'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 3, 15, 10)
const TODAY = '2026-04-15'
const QUESTIONS = [
  'What was my average resting heart rate in March 2026?',
  'How many steps did I take on 2026-03-20?',
  'What is my usual resting heart rate?',
]

let now = NOW - 40 * DAY
let one: Installation
let two: Installation
let folder = ''
const { output, printed } = recordedOutput()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auren-exchange-'))
  ;[one, two] = await Promise.all([install({}, { now: () => now }), install({}, { now: () => now })])
})
afterAll(async () => {
  for (const here of [one, two]) {
    await here?.close()
    await here?.remove()
  }
  await rm(folder, { recursive: true, force: true })
})

const base = { offset: 60, zoneBasis: 'carried' as const }
const watch = { name: 'Watch', type: 'watch' as const }
const phone = { name: 'Phone', type: 'phone' as const }
const user = (here: Installation): Promise<string> =>
  here.client.call<{ user: string }>('neuros', 'GET', '/v1/auth/me').then((me) => me.user)

/** Three months of a person, with corrections, deletions, notes that contradict each other, and a conversation. */
async function live({ auren, client }: Installation, me: string): Promise<void> {
  const rest = (day: number, value: number, more = {}) => ({
    shape: 'sample' as const,
    metric: 'resting_heart_rate',
    start: NOW - day * DAY,
    value,
    unit: '/min',
    source: watch,
    ...base,
    ...more,
  })
  const steps = (day: number, value: number, source: typeof watch | typeof phone) => ({
    shape: 'sample' as const,
    metric: 'steps',
    start: NOW - day * DAY,
    end: NOW - day * DAY + 3_600_000,
    value,
    unit: '{count}',
    source,
    ...base,
  })
  const days = Array.from({ length: 80 }, (_, i) => 80 - i)
  const send = async (key: string, observations: Parameters<typeof auren.ingest.observations>[0]['observations']) => {
    const { id } = await auren.ingest.observations({ userId: me, provider: 'app.watch', key, observations })
    await auren.ingest.processed(me, id)
  }
  await send('past', [
    ...days.filter((day) => day > 40).flatMap((day) => [rest(day, 50 + (day % 5)), steps(day, 4000 + day, watch)]),
    rest(60.5, 77, { recordId: 'odd', version: 1 }),
  ])
  now = NOW
  await send('recent', [
    ...days
      .filter((day) => day <= 40)
      .flatMap((day) => [
        rest(day, 55 + (day % 3)),
        steps(day, 4000 + day, watch),
        steps(day, 5000 + day, phone),
        {
          shape: 'session' as const,
          kind: 'sleep' as const,
          start: NOW - day * DAY - 12 * 3_600_000,
          end: NOW - day * DAY - 5 * 3_600_000,
          source: watch,
          text: 'a quiet night',
          measures: { sleep_deep: 3600 + 60 * day },
          ...base,
        },
      ]),
    rest(60.5, 58, { recordId: 'odd', version: 2 }),
    { shape: 'tag', tag: 'alcohol', start: NOW - 9 * DAY, text: 'two glasses', source: phone, ...base },
    { shape: 'daily_total', metric: 'distance', date: '2026-04-01', value: 7100, unit: 'm', source: phone, ...base },
  ])
  await send('regrets', [
    { shape: 'deletion', target: { shape: 'sample', of: 'resting_heart_rate', start: NOW - 70 * DAY }, source: watch },
    {
      shape: 'deletion',
      target: { shape: 'daily_total', of: 'distance', date: '2026-04-01' },
      source: phone,
      sticky: true,
    },
  ])
  const memory = auren.memory.for(me)
  const sources = await auren.longTerm.sources({ user: me, purpose: 'display' })
  const key = sources.find(({ name }) => name === 'Phone')?.key as string
  await memory.setProfile({
    zones: [{ from: 0, zone: 'Europe/Berlin' }],
    birthDate: '1984-05-06',
    ranks: { steps: [key] },
  })
  await memory.remember({ kind: 'safety', text: 'I am allergic to penicillin.' })
  await memory.remember({ kind: 'safety', text: 'I am not allergic to penicillin.' })
  const goal = await memory.remember({ kind: 'goal', text: 'My goal is 7 hours of sleep.' })
  now += 60_000
  await memory.correct(goal.id, { text: 'My goal is 8 hours of sleep.' })
  await memory.consolidate()
  await answerOf(client, 'What was my average resting heart rate in March 2026?', TODAY, 'chat-1')
  now += 60_000
}

async function known({ auren, client }: Installation, me: string) {
  const memory = auren.memory.for(me)
  const scope = { user: me, purpose: 'display' as const }
  const days = { metrics: ['resting_heart_rate', 'steps', 'sleep_deep', 'distance'], from: '2026-01-01', to: TODAY }
  const query = { text: 'penicillin sleep resting heart rate', budget: { tokens: 2000 }, turns: 3 }
  const facts = (await Promise.all(QUESTIONS.map((question) => factsOf(client, question, TODAY)))).flat()
  return {
    days: await auren.longTerm.days(scope, days),
    bySource: await auren.longTerm.days(scope, { ...days, source: 'all' }),
    before: await auren.longTerm.samples(scope, { metric: 'resting_heart_rate', from: 0, to: NOW, asOf: NOW - 1 }),
    facts: facts.map(({ value, n, coverage, unit }) => ({ value, n, coverage, unit })),
    recall: await memory.recall(query),
    memories: await memory.list(),
    goalBefore: (await memory.list({ kinds: ['goal'], asOf: NOW + 30_000 })).map(({ text }) => text),
    contradictions: await memory.contradictions(),
    profile: await memory.profile(),
    chat: await auren.threads.turns(scope, 'chat-1'),
    threads: (await auren.threads.list(scope)).map(({ id, title }) => ({ id, title })),
  }
}

const bodyOf = async (file: string): Promise<string[]> =>
  (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('{"type":"auren"'))

it('an export, imported into an empty AUREN, gives the same answers and an equal export', async () => {
  const [me, here] = [await user(one), await user(two)]
  expect(here).toBe(me)
  await live(one, me)
  const first = join(folder, 'first.ndjson')
  await exportAll(one.client, output, { output: first })
  const before = await known(one, me)
  // What the test stands on is there.
  expect(before.contradictions.length).toBeGreaterThan(0)
  expect(before.chat).toHaveLength(2)
  expect(before.goalBefore).toEqual(['My goal is 7 hours of sleep.'])
  expect(before.facts.every(({ value }) => value !== null)).toBe(true)
  expect(before.memories.some(({ kind }) => kind === 'baseline')).toBe(true)
  // What was corrected from 77 to 58, as it was known before.
  expect(before.before.map(({ value }) => value)).toContain(77)

  printed.splice(0)
  expect(await importFile(two.client, output, undefined, first)).toBe(0)
  expect(printed.join('\n')).toMatch(/Imported \d+ observations\.$/)
  expect(await known(two, me)).toEqual(before)
  const second = join(folder, 'second.ndjson')
  await exportAll(two.client, output, { output: second })
  expect((await bodyOf(second)).sort()).toEqual((await bodyOf(first)).sort())

  // What is concluded anew of it is what was concluded there.
  await two.auren.memory.for(me).consolidate()
  expect((await known(two, me)).memories).toEqual(before.memories)
  const ladder = ({ auren }: Installation) => auren.memory.for(me).ladder({ rungs: ['month'] } as never)
  const months = await ladder(one)
  expect(months.length).toBeGreaterThan(3)
  expect(await ladder(two)).toEqual(months)

  // The same file again, and the same content as another file: nothing changes.
  printed.splice(0)
  await importFile(two.client, output, undefined, first)
  expect(printed.at(-1)).toBe('This very file was imported before: nothing changed.')
  const copy = join(folder, 'copy.ndjson')
  await writeFile(copy, `${await readFile(first, 'utf8')}\n`)
  await importFile(two.client, output, undefined, copy)
  expect(await known(two, me)).toEqual(before)
}, 120_000)

it('becomes the importing person’s only when they say that it is theirs', async () => {
  const file = join(folder, 'other.ndjson')
  const lines = [
    { type: 'auren', v: 2, user: 'somebody-else', at: NOW },
    {
      type: 'memory',
      item: {
        id: 'm-1',
        kind: 'note',
        validFrom: NOW,
        validTo: null,
        recordedAt: NOW,
        supersededAt: null,
        origin: 'self',
        algorithm: null,
        derivedFrom: [],
        about: [],
        text: 'a note from elsewhere',
        body: {},
        status: 'active',
        confidence: null,
        pinned: false,
      },
    },
    { type: 'end', lines: 2 },
  ]
  await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  printed.splice(0)
  expect(await importFile(one.client, output, undefined, file)).toBe(1)
  expect(printed.join('\n')).toContain('names another person')
  expect(printed.join('\n')).not.toContain('somebody-else')
  const notes = async () =>
    (await one.auren.memory.for(await user(one)).list({ kinds: ['note'] })).map(({ text }) => text)
  expect(await notes()).not.toContain('a note from elsewhere')
  expect(await importFile(one.client, output, undefined, file, { mine: true })).toBe(0)
  expect(await notes()).toContain('a note from elsewhere')
})
