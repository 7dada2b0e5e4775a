import { lookup } from '../../vendor/lookup.js'

/** Notes of the app that the catalogue of tags has a word for. */
const words: readonly (readonly [RegExp, string])[] = [
  [/alcohol|\b(beer|wine)\b/i, 'alcohol'],
  [/coffee|caffeine/i, 'caffeine'],
  [/^(ate late|late (snack|meal|dinner))$/i, 'late_meal'],
  [/stress/i, 'stress'],
  [/\b(sick|ill)\b|illness/i, 'illness'],
  [/travel/i, 'travel'],
  [/medicat|medicine/i, 'medication'],
]

/**
 * The notes of a night by tag: `Ate late:Drank tea` → `late_meal`, `drank_tea`, each with its own words. One tag holds
 * all that have no letters of a tag's name (other scripts).
 */
export function tagsOf(notes: string): Map<string, string> {
  const tags = new Map<string, string>()
  for (const part of notes.split(':')) {
    const note = part.trim()
    if (note === '') continue
    const tag = words.find(([pattern]) => pattern.test(note))?.[1] ?? (slugOf(note) || 'note')
    const before = tags.get(tag)
    if (before?.split('\n').includes(note)) continue
    tags.set(tag, (before === undefined ? note : `${before}\n${note}`).slice(0, 10_000))
  }
  return tags
}

const moods = lookup<string>({
  ':)': 'good',
  ':-)': 'good',
  ':|': 'ok',
  ':-|': 'ok',
  ':(': 'bad',
  ':-(': 'bad',
})

/** How the person felt on waking: `:)` → `mood_good`. A bare colon and the like say nothing. */
export function moodOf(text: string): string | null {
  const word = moods[text.replaceAll(' ', '')] ?? slugOf(text)
  return word === '' ? null : `mood_${word}`
}

function slugOf(text: string): string {
  const plain = text.toLowerCase().normalize('NFKD').replaceAll(/\p{M}/gu, '')
  // Of a script that has other letters, a few Latin ones would be the name of something else.
  if (/[^\p{Script=Latin}\P{L}]/u.test(plain)) return ''
  return plain
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 100)
}
