// What an invented person says over the years, beside their measurements: a few notes a week, and conversations.
import type { MemoryRecord, Turn } from '@auren/core'

const DAY = 86_400_000
const feelings = ['tired', 'rested', 'sore', 'wide awake', 'a little ill', 'calm', 'restless', 'strong']
const deeds = ['coffee after lunch', 'a late dinner', 'a long walk', 'two beers', 'a cold shower', 'an early night']
const places = ['at work', 'by the river', 'at my sister’s', 'on the train', 'in the garden', 'at the climbing hall']
const pinned = [
  ['safety', 'I am allergic to penicillin'],
  ['safety', 'I take beta blockers'],
  ['preference', 'Call me Ada'],
  ['preference', 'Show distances in kilometres'],
  ['preference', 'No advice on weight'],
  ['goal', 'My goal is to sleep seven and a half hours'],
] as const

const pick = <T>(of: readonly T[], n: number): T => of[n % of.length] as T

function memory(id: string, kind: MemoryRecord['kind'], text: string, at: number, about: string[] = []): MemoryRecord {
  return {
    id,
    kind,
    validFrom: at,
    validTo: kind === 'episode' ? at + 4 * DAY : null,
    recordedAt: at,
    supersededAt: null,
    origin: 'self',
    algorithm: null,
    derivedFrom: [],
    about,
    text,
    body: {},
    status: 'active',
    confidence: null,
    pinned: kind === 'safety' || kind === 'preference' || kind === 'goal',
  }
}

/** Memories of so many days that end at an instant: six that are pinned, three notes a week, an episode a month. */
export function memoriesUntil(last: number, days: number): MemoryRecord[] {
  const first = last - days * DAY
  const said = pinned.map(([kind, text], i) => memory(`pinned ${i}`, kind, text, first))
  for (let day = 0; day < days; day++) {
    const at = first + day * DAY
    if (day % 7 < 5 && day % 2 === 0) {
      const about = day % 3 === 0 ? ['resting_heart_rate'] : []
      const text = `I felt ${pick(feelings, day * 5)} after ${pick(deeds, day * 7)} ${pick(places, day * 11)}`
      said.push(memory(`note ${day}`, 'note', text, at, about))
    }
    if (day % 30 === 0)
      said.push(memory(`episode ${day}`, 'episode', `I had a cold, number ${day / 30}`, at, ['illness']))
  }
  return said
}

/** Turns of so many days that end at an instant: a conversation of four turns every third day. */
export function turnsUntil(last: number, days: number): Turn[] {
  const first = last - days * DAY
  const turns: Turn[] = []
  for (let day = 0; day < days; day += 3) {
    const thread = `talk ${Math.floor(day / 30)}`
    const texts = [
      `Why was I so ${pick(feelings, day)} yesterday?`,
      `Your resting heart rate was above your usual after ${pick(deeds, day)}.`,
      `And the night before, ${pick(places, day)}?`,
      `Nothing out of the ordinary was measured ${pick(places, day)}.`,
    ]
    for (const [i, text] of texts.entries())
      turns.push({
        id: `00000000-0000-4000-8000-${String(turns.length).padStart(12, '0')}`,
        thread,
        role: i % 2 === 0 ? 'person' : 'neuros',
        text,
        facts: [],
        at: first + day * DAY + i,
      })
  }
  return turns
}

/** Questions as a person asks them; the n-th of any number. */
export function questionOf(n: number): { text: string; about: string[] } {
  const text = `Was I ${pick(feelings, n)} after ${pick(deeds, n * 3)} ${pick(places, n * 5)}, and what of my heart rate?`
  return { text, about: [pick(['resting_heart_rate', 'steps', 'weight', 'illness'], n)] }
}
