// Questions of a person with their right answers, told by the generator alone.
import { wintersOf } from './answers.js'
import type { Metric, Tag } from './body.js'
import type { Answer, Need, Question } from './needs.js'
import { isGap, noonOf, type Person, pick, valueNow, type Words } from './person.js'
import { dateOf, dayOf, effects, falseFriends, type Plan } from './plan.js'
import { plainDate } from './rows.js'

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

const asked: readonly { metric: Metric; one: string; mean: string }[] = [
  { metric: 'steps', one: 'How many steps did I take on', mean: 'What was my average number of steps in' },
  {
    metric: 'resting_heart_rate',
    one: 'What was my resting heart rate on',
    mean: 'What was my average resting heart rate in',
  },
  {
    metric: 'hrv_rmssd',
    one: 'What was my heart rate variability on',
    mean: 'What was my average heart rate variability in',
  },
  { metric: 'hydration', one: 'What was my hydration on', mean: 'What was my average hydration in' },
  { metric: 'sleep_duration', one: 'What was my sleep duration on', mean: 'What was my average sleep duration in' },
]

/** All questions of a person, always the same. */
export function questionsOf(person: Person, years: number): Question[] {
  const questions: Question[] = []
  const { plan } = person
  const add = (kind: string, text: string, need: Need, expected: Answer, day: number | null, tolerance = [0]): void => {
    const id = `${person.user}/${questions.length}`
    questions.push({ id, kind, text, need, expected, tolerance, age: day === null ? null : plan.days - day })
  }
  // A slot for every year of the life, and one for the last thirty days.
  const slots = Array.from({ length: years }, (_, y) => [
    Math.round((y * plan.days) / years),
    Math.min(plan.days - 32, Math.round(((y + 1) * plan.days) / years) - 1),
  ]).concat([[plan.days - 28, plan.days - 1]]) as [number, number][]
  for (const [i, slot] of slots.entries()) numbers(person, i, slot, add)
  wholeYears(person, add)
  believed(person, add)
  said(person, years, slots, add)
  gone(person, add)
  changes(person, add)
  lifelong(person, add)
  return questions
}

type Add = (kind: string, text: string, need: Need, expected: Answer, day: number | null, tolerance?: number[]) => void

function valuesIn(person: Person, metric: Metric, from: number, to: number): { day: number; value: number }[] {
  const found = []
  for (let day = from; day <= to; day++) {
    const value = valueNow(person, day, metric)
    if (value !== undefined) found.push({ day, value })
  }
  return found
}

/** A month within a slot; of the last thirty days, those of them that are asked by their dates. */
function monthIn(
  plan: Plan,
  [from, to]: readonly [number, number],
  purpose: number,
): { from: number; to: number; name: string } {
  const day = pick(plan, purpose, from, to, (one) => !isGap(plan, one))
  const date = dateOf(plan, day)
  const first = dayOf(plan, date.with({ day: 1 }))
  const last = first + date.daysInMonth - 1
  if (first < 0 || last >= plan.days || to - from < 40)
    return {
      from: Math.max(0, to - 20),
      to: to - 2,
      name: `between ${plainDate(plan, Math.max(0, to - 20))} and ${plainDate(plan, to - 2)}`,
    }
  return { from: first, to: last, name: date.toLocaleString('en-GB', { month: 'long', year: 'numeric' }) }
}

const inMonth = (name: string): string => (name.startsWith('between') ? name : `in ${name}`)

function numbers(person: Person, i: number, slot: [number, number], add: Add): void {
  const { plan } = person
  const single = asked[i % asked.length] as (typeof asked)[number]
  const fits = (day: number): boolean => valueNow(person, day, single.metric) !== undefined
  const day = pick(plan, 10 + i, slot[0], slot[1], fits)
  add(
    'a day',
    `${single.one} ${plainDate(plan, day)}?`,
    { ask: 'value', metric: single.metric, from: day, to: day, how: 'only' },
    valueNow(person, day, single.metric) ?? null,
    day,
  )
  const other = asked[(i + 2) % asked.length] as (typeof asked)[number]
  const month = monthIn(plan, slot, 30 + i)
  const values = valuesIn(person, other.metric, month.from, month.to)
  add(
    'a month',
    `${other.mean.replace(/ in$/, '')} ${inMonth(month.name)}?`,
    { ask: 'value', metric: other.metric, from: month.from, to: month.to, how: 'mean' },
    mean(values.map(({ value }) => value)),
    (month.from + month.to) / 2,
  )
  const best = monthIn(plan, slot, 50 + i)
  const walked = valuesIn(person, 'steps', best.from, best.to).toSorted((a, b) => b.value - a.value)
  add(
    'the best day',
    `On which day ${inMonth(best.name)} did I take the most steps?`,
    { ask: 'value', metric: 'steps', from: best.from, to: best.to, how: 'day of the most' },
    walked[0] ? dateOf(plan, walked[0].day).toString() : null,
    (best.from + best.to) / 2,
  )
  const tag: Tag = i % 2 === 0 ? 'alcohol' : 'sauna'
  const counted = monthIn(plan, slot, 70 + i)
  const count = person.days.slice(counted.from, counted.to + 1).filter(({ tags }) => tags.includes(tag)).length
  add(
    'days with a tag',
    `How many days with ${tag} did I have ${inMonth(counted.name)}?`,
    { ask: 'tagged days', tag, from: counted.from, to: counted.to },
    count === 0 ? null : count,
    (counted.from + counted.to) / 2,
  )
}

function wholeYears(person: Person, add: Add): void {
  const { plan, days } = person
  for (let year = plan.first.year + 1; dayOf(plan, `${year}-12-31`) < plan.days; year++) {
    const [from, to] = [dayOf(plan, `${year}-01-01`), dayOf(plan, `${year}-12-31`)]
    const steps = valuesIn(person, 'steps', from, to).reduce((sum, { value }) => sum + value, 0)
    const need = { metric: 'steps', from, to, how: 'sum' } as const
    add('a year', `How many steps did I take in total in ${year}?`, { ask: 'value', ...need }, steps, (from + to) / 2)
    const heart = valuesIn(person, 'resting_heart_rate', from, to)
    const after = (drank: boolean): number =>
      mean(heart.filter(({ day }) => days[day - 1]?.tags.includes('alcohol') === drank).map(({ value }) => value))
    add(
      'an effect in a year',
      `How did alcohol affect my resting heart rate in ${year}?`,
      { ask: 'effect', tag: 'alcohol', metric: 'resting_heart_rate', from, to },
      after(true) - after(false),
      (from + to) / 2,
    )
  }
}

/** What was known on a first of March, before the device sent some of it again. */
function believed(person: Person, add: Add): void {
  const { plan, days } = person
  for (const day of person.checkpoints) {
    const known = noonOf(plan, day) + 3_600_000
    const values = days.slice(day - 28, day).flatMap(({ values: held }) => held.resting_heart_rate ?? [])
    const sorted = values.toSorted((a, b) => a - b)
    const half = sorted.length / 2
    const median = mean(sorted.slice(Math.ceil(half) - 1, Math.floor(half) + 1))
    if (values.length >= 14)
      add(
        'believed then, and why',
        `What did you believe on ${plainDate(plan, day)} to be my usual resting heart rate over 28 days, and on how many days did it stand?`,
        { ask: 'usual', metric: 'resting_heart_rate', day, known },
        [median, values.length],
        day,
        [1e-6, 0],
      )
    const corrected = person.corrections.find((one) => one.day < day && one.day > day - 30)
    if (corrected)
      add(
        'known then',
        `What did you know on ${plainDate(plan, day)} of my resting heart rate on ${plainDate(plan, corrected.day)}?`,
        { ask: 'value known', metric: 'resting_heart_rate', day: corrected.day, known },
        days[corrected.day]?.values.resting_heart_rate ?? null,
        corrected.day,
      )
  }
}

function said(person: Person, years: number, slots: readonly [number, number][], add: Add): void {
  const { plan, words } = person
  const newest = (topic: string, known: number): Words | undefined =>
    words.filter((one) => one.topic === topic && one.at <= known).at(-1)
  for (const [i, [from, to]] of slots.slice(0, years).entries()) {
    const day = pick(plan, 90 + i, from + Math.round((to - from) * 0.3), to, () => true)
    const known = noonOf(plan, day) + 3_600_000
    add(
      'a goal then',
      `What was my goal for sleep on ${plainDate(plan, day)}?`,
      { ask: 'said', kind: 'goal', topic: 'sleep goal', known },
      newest('sleep goal', known)?.text ?? null,
      day,
    )
  }
  for (const share of [0.35, 0.8]) {
    const day = Math.round(plan.days * share)
    const known = noonOf(plan, day)
    add(
      'a belief then',
      `What did I believe on ${plainDate(plan, day)} about coffee and my sleep?`,
      { ask: 'said', kind: 'hypothesis', topic: 'coffee', known },
      newest('coffee', known)?.text ?? null,
      day,
    )
  }
  for (const { kind, topic, at, forgotten } of words) {
    if (kind !== 'note') continue
    const day = Math.round((at - noonOf(plan, 0)) / 86_400_000)
    add(
      forgotten ? 'a note taken back' : 'a note',
      `When did I note ${topic}?`,
      { ask: 'when', topic },
      forgotten ? null : dateOf(plan, day).toString(),
      day,
    )
  }
  for (const topic of ['penicillin', 'bee stings', 'latex', 'warfarin']) {
    const sides = words.filter((one) => one.topic === topic)
    const negated = sides.find(({ text }) => /\b(?:not|no longer)\b/.test(text))
    const acts = negated ? sides.find((one) => one !== negated) : sides.find(({ text }) => text.includes('severely'))
    const day = Math.round((Math.min(...sides.map(({ at }) => at)) - noonOf(plan, 0)) / 86_400_000)
    add(
      'which of two safety facts',
      `I told you two things about ${topic}: which one counts, and is that decided?`,
      { ask: 'counts', topic },
      acts ? [acts.text, negated ? 'open' : 'stricter'] : null,
      day,
    )
  }
}

/** What was erased, and what was never measured: nothing is known of either. */
function gone(person: Person, add: Add): void {
  const { plan } = person
  for (const { day, metric } of person.erasures)
    add(
      'an erased value',
      `What was my ${metric === 'weight' ? 'weight' : 'heart rate variability'} on ${plainDate(plan, day)}?`,
      { ask: 'value', metric, from: day, to: day, how: 'only' },
      null,
      day,
    )
  for (const { from } of plan.gaps)
    add(
      'a gap',
      `How many steps did I take on ${plainDate(plan, from + 3)}?`,
      { ask: 'value', metric: 'steps', from: from + 3, to: from + 3, how: 'only' },
      null,
      from + 3,
    )
}

function changes(person: Person, add: Add): void {
  const { plan } = person
  const names: Record<string, string> = {
    sleep_midpoint: 'middle of sleep',
    sleep_duration: 'time asleep',
    steps: 'steps',
    resting_heart_rate: 'resting heart rate',
    hrv_rmssd: 'heart rate variability',
  }
  const ask = (series: Metric | 'sleep_midpoint', middle: number, expected: Answer): void => {
    const [from, to] = [Math.max(0, middle - 130), Math.min(plan.days - 1, middle + 130)]
    add(
      expected === 'none' ? 'no change' : 'a change',
      `When between ${plainDate(plan, from)} and ${plainDate(plan, to)} did my ${names[series]} change for good, in which direction, and was it the device?`,
      { ask: 'change', series, from, to },
      expected,
      middle,
      [21, 0, 0],
    )
  }
  ask('sleep_duration', plan.job, [plan.job, -1, 0])
  ask('sleep_midpoint', plan.nights.from, [plan.nights.from, 1, 0])
  ask('sleep_midpoint', plan.nights.to + 1, [plan.nights.to + 1, -1, 0])
  ask('steps', plan.training.from, [plan.training.from, 1, 0])
  ask('steps', plan.training.to + 1, [plan.training.to + 1, -1, 0])
  ask('resting_heart_rate', plan.drug, [plan.drug, -1, 0])
  ask('hrv_rmssd', plan.swap, [plan.swap, 1, 1])
  // False friends: a move between zones, seasons, a winter that was none, and nothing at all.
  ask('sleep_midpoint', plan.move, 'none')
  ask('steps', Math.round(plan.days * 0.5), 'none')
  ask('hrv_rmssd', Math.round(plan.days * 0.25), 'none')
  for (const winter of plan.mildWinters) ask('resting_heart_rate', dayOf(plan, `${winter}-05-15`), 'none')
}

function lifelong(person: Person, add: Add): void {
  const { plan } = person
  for (const { tag, metric } of [...effects, ...falseFriends]) {
    const real = effects.some((effect) => effect.tag === tag && effect.metric === metric)
    add(
      real ? 'a link' : 'a false friend',
      `Is there a link between ${tag.replaceAll('_', ' ')} and my ${metric.replaceAll('_', ' ')} of the day after?`,
      { ask: 'link', tag: tag as Tag, metric: metric as Metric },
      real ? 'yes' : 'no',
      null,
    )
  }
  const means = wintersOf(plan).map(({ year, from, to, summer }) => {
    const of = (metric: Metric, first: number, last: number): number =>
      mean(valuesIn(person, metric, Math.max(0, first), last).map(({ value }) => value))
    return {
      year: String(year),
      heart: of('resting_heart_rate', from, to),
      rise: of('resting_heart_rate', from, to) - of('resting_heart_rate', ...summer),
      whole: summer[1] >= 45,
      walked: of('steps', from, to),
    }
  })
  const known = means.filter(({ whole }) => whole)
  add(
    'in which winters',
    'In which winters was my resting heart rate more than 5 bpm above that of the summer before?',
    { ask: 'winters', metric: 'resting_heart_rate', above: 5, against: 'summer before' },
    known.filter(({ rise }) => rise > 5).map(({ year }) => year),
    null,
  )
  for (const [metric, of, unit] of [
    ['resting_heart_rate', 'heart', 'bpm'],
    ['steps', 'walked', 'steps'],
  ] as const) {
    const sorted = means.map((one) => one[of]).toSorted((a, b) => a - b)
    const at = Math.floor(sorted.length / 2)
    const above = Math.round(((sorted[at - 1] as number) + (sorted[at] as number)) * 5) / 10
    add(
      'in which winters',
      `In which winters was my mean ${metric.replaceAll('_', ' ')} above ${above} ${unit}?`,
      { ask: 'winters', metric, above, against: 'number' },
      means.filter((one) => one[of] > above).map(({ year }) => year),
      null,
    )
  }
}
