// Answers of AUREN, each through an interface that an app has. No question is answered from rows of the benchmark.
import type { Auren, Fact, QueryInput } from '@auren/core'
import { wintersOf } from './answers.js'
import { type Answer, judgeLink, type Need, type Question } from './needs.js'
import type { Person } from './person.js'
import { dateOf, dayOf, TODAY } from './plan.js'

type Of<A extends Need['ask']> = Extract<Need, { ask: A }>

/** The interface that a question goes through. */
export function doorOf({ ask }: Need): string {
  switch (ask) {
    case 'value':
    case 'tagged days':
    case 'effect':
      return 'NEUROS, in words'
    case 'value known':
      return 'samples as of'
    case 'link':
    case 'winters':
      return 'typed queries'
    case 'usual':
      return 'memories as of, trace'
    case 'said':
      return 'recall as of'
    case 'when':
      return 'recall'
    case 'counts':
      return 'contradictions'
    case 'change':
      return 'chapters'
  }
}

/** Answers a question of a person who is in `auren`. */
export async function askAuren(auren: Auren, person: Person, question: Question): Promise<Answer> {
  const { plan, user } = person
  const { need } = question
  const memory = auren.memory.for(user)
  switch (need.ask) {
    case 'value':
    case 'tagged days':
    case 'effect': {
      const fact = await ask(auren, user, question)
      if (fact?.status !== 'ok') return null
      if (need.ask === 'effect') return fact.comparison?.difference ?? null
      return need.ask === 'value' && need.how === 'day of the most' ? (fact.date ?? null) : fact.value
    }
    case 'value known': {
      const from = Date.parse(`${dateOf(plan, need.day)}T00:00:00Z`)
      const scope = { user, purpose: 'display' } as const
      const { metric, known } = need
      const samples = await auren.longTerm.samples(scope, { metric, from, to: from + 86_400_000, asOf: known })
      return samples.length === 1 ? (samples[0]?.value ?? null) : null
    }
    case 'link':
      return link(auren, user, need)
    case 'winters':
      return winters(auren, person, need)
    case 'usual': {
      const held = await memory.list({ kinds: ['baseline'], about: need.metric, asOf: need.known })
      const found = held.find(({ body }) => body.window === 28)
      if (!found) return null
      const { record } = await memory.trace(found.id)
      const why = found.evidence?.reduce((sum, evidence) => sum + evidence.for, 0)
      // What it stands on is told by the version that was believed; that it can be traced at all, by its id.
      return record.id === found.id && why !== undefined ? [Number(found.body.median), why] : null
    }
    case 'said': {
      const { pinned, hits } = await memory.recall({ text: question.text, asOf: need.known })
      const [first] = [...pinned, ...hits].filter(({ kind }) => kind === need.kind)
      return first?.text ?? null
    }
    case 'when': {
      const { hits } = await memory.recall({ text: question.text })
      const note = hits.find(({ kind, text }) => kind === 'note' && text.includes(need.topic))
      return note ? new Date(note.validFrom).toISOString().slice(0, 10) : null
    }
    case 'counts':
      return counts(auren, user, need)
    case 'change':
      return change(auren, person, need)
  }
}

/** The first fact of what NEUROS answers to the sentence. */
async function ask(auren: Auren, userId: string, { id, text }: Question): Promise<Fact | null> {
  let found: Fact | null = null
  const threadId = id.replaceAll('/', '-')
  for await (const part of auren.ask({ userId, threadId, text, today: TODAY })) {
    if (part.type === 'error') throw new Error(part.message)
    if (part.type === 'fact') found ??= part.fact
  }
  return found
}

const query = (auren: Auren, user: string, asked: QueryInput): Promise<Fact> =>
  auren.query(user, asked, { today: TODAY })

/** Means by month of the days after the tag, and of the others; judged by the same rule as the baselines. */
async function link(auren: Auren, user: string, { tag, metric }: Of<'link'>): Promise<Answer> {
  const after = { on: 'tag', tag, shift: 1 } as const
  const months = async (where: 'after' | 'others'): Promise<Map<string, number>> => {
    const fact = await query(auren, user, {
      measure: { of: 'metric', metric },
      aggregate: 'mean',
      group: 'month',
      where: where === 'after' ? [after] : [{ on: 'not', of: after }],
    })
    return new Map((fact.rows ?? []).flatMap(({ key, value }) => (value === null ? [] : [[key, value] as const])))
  }
  const [tagged, others] = [await months('after'), await months('others')]
  return judgeLink(
    [...tagged].flatMap(([month, value]) => (others.has(month) ? [value - (others.get(month) as number)] : [])),
  )
}

async function winters(auren: Auren, person: Person, { metric, above, against }: Of<'winters'>): Promise<Answer> {
  const { plan, user } = person
  const mean = async (from: number, to: number): Promise<number | null> => {
    const period = { kind: 'between', from: dateOf(plan, from).toString(), to: dateOf(plan, to).toString() } as const
    const fact = await query(auren, user, { measure: { of: 'metric', metric }, aggregate: 'mean', period })
    return fact.n >= 45 ? fact.value : null
  }
  const held: string[] = []
  for (const { year, from, to, summer } of wintersOf(plan)) {
    const cold = await mean(from, to)
    const warm = against === 'summer before' ? await mean(...summer) : 0
    if (cold !== null && warm !== null && cold - warm > above) held.push(String(year))
  }
  return held
}

async function counts(auren: Auren, user: string, { topic }: Of<'counts'>): Promise<Answer> {
  const memory = auren.memory.for(user)
  const records = new Map((await memory.list({ kinds: ['safety'] })).map((record) => [record.id, record]))
  for (const { between, acts, resolution } of await memory.contradictions()) {
    const sides = between.map((id) => records.get(id))
    if (!sides.every((side) => side?.text.includes(topic))) continue
    const text = acts === null ? undefined : records.get(acts)?.text
    return text === undefined ? null : [text, resolution]
  }
  return null
}

/** The chapter that began within the time and of which this series is told to have changed. */
async function change(auren: Auren, { plan, user }: Person, { series, from, to }: Of<'change'>): Promise<Answer> {
  const episodes = await auren.memory.for(user).list({ kinds: ['episode'], status: ['active', 'weakening'] })
  const chapters = episodes.filter(({ body }) => body.chapter === true)
  const told = chapters.reduce((sum, { body }) => {
    const [first, last] = [dayOf(plan, String(body.from)), dayOf(plan, String(body.until))]
    return sum + Math.max(0, Math.min(to, last) - Math.max(from, first))
  }, 0)
  // As the baselines: whose chapters tell of less than half of the time cannot say that nothing changed.
  if (told < (to - from) / 2) return null
  type Level = { series: string; shift: number | null; since?: string; device: boolean }
  const found = chapters
    .flatMap(({ body }) =>
      (body.levels as Level[])
        .filter((level) => level.series === series && level.shift !== null)
        .map(({ shift, since, device }) => ({
          at: dayOf(plan, since ?? String(body.from)),
          shift: shift as number,
          device,
        })),
    )
    .filter(({ at }) => at >= from && at <= to)
    .toSorted((a, b) => Math.abs(b.shift) - Math.abs(a.shift))
  const [first] = found
  return first ? [first.at, Math.sign(first.shift), first.device ? 1 : 0] : 'none'
}
