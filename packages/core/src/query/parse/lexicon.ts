import { activities, kindsOf } from '../../catalogue/activities.js'
import { weekdays } from '../calendar.js'
import type { Aggregate, Comparator } from '../schema.js'
import { type Concept, concepts, tagWords } from './concepts.js'
import type { Weekday } from './spans.js'
import { stem, stems } from './stem.js'
import { type Unit, unitWords } from './units.js'
import type { Vocabulary } from './vocabulary.js'
import { aggregateWords, comparatorWords, extremeWords, trailingComparators } from './words.js'

/** Calendar units that questions count in. */
export type CalendarWord = 'day' | 'night' | 'week' | 'month' | 'quarter' | 'year'

/** What a phrase may mean; a phrase can mean several things, and the grammar chooses. */
export type Meaning =
  | { is: 'concept'; concept: Concept }
  | { is: 'activity'; ids: readonly string[]; phrase: string }
  | { is: 'exercise' }
  | { is: 'tag'; tag: string }
  | { is: 'aggregate'; aggregate: Aggregate }
  | { is: 'extreme'; aggregate: 'max' | 'min'; concept: string }
  | { is: 'compare'; op: Comparator }
  | { is: 'trailing'; op: Comparator }
  | { is: 'unit'; unit: Unit }
  | { is: 'calendar'; unit: CalendarWord; plural: boolean }
  | { is: 'month'; month: number }
  | { is: 'weekday'; in: readonly Weekday[]; plural: boolean }
  | { is: 'season'; season: 'winter' | 'spring' | 'summer' | 'autumn' }
  | { is: 'daytime'; from: string; to: string; word: string }

interface Node {
  next: Map<string, Node>
  meanings: Meaning[]
}

/** Phrases with what they mean, as a tree of stems. */
export interface Lexicon {
  root: Node
  /** Every stem that occurs in a phrase, with a word that has it, for the correction of misspelt words. */
  words: ReadonlyMap<string, string>
  /** Those words. */
  forms: readonly string[]
}

const months = 'january february march april may june july august september october november december'.split(' ')

/** Names of activities that say something else in most sentences. */
const everyday = new Set(['other', 'recovery', 'transition', 'play', 'core', 'cleaning', 'ultimate', 'stairs'])

function* builtIn(): Generator<readonly [phrase: string, meaning: Meaning]> {
  for (const concept of concepts) for (const name of concept.names) yield [name, { is: 'concept', concept }]
  for (const { id, aliases } of activities) {
    for (const phrase of [id.replaceAll('_', ' '), ...aliases.map((alias) => alias.replaceAll('-', ' '))]) {
      if (!everyday.has(phrase)) yield [phrase, { is: 'activity', ids: kindsOf(id), phrase }]
    }
  }
  for (const phrase of [
    'exercise',
    'workout',
    'work out',
    'training',
    'train',
    'activity',
    'training session',
    'exercise session',
    'workout session',
    'sport activity',
    'physical activity',
  ]) {
    yield [phrase, { is: 'exercise' }]
  }
  for (const [tag, words] of tagWords) for (const phrase of words.split(', ')) yield [phrase, { is: 'tag', tag }]
  for (const [aggregate, words] of aggregateWords) {
    for (const phrase of words.split(', ')) yield [phrase, { is: 'aggregate', aggregate }]
  }
  for (const [aggregate, concept, words] of extremeWords) {
    for (const phrase of words.split(', ')) yield [phrase, { is: 'extreme', aggregate, concept }]
  }
  for (const [op, words] of comparatorWords)
    for (const phrase of words.split(', ')) yield [phrase, { is: 'compare', op }]
  for (const [op, words] of trailingComparators) {
    for (const phrase of words.split(', ')) yield [phrase, { is: 'trailing', op }]
  }
  for (const [unit, words] of unitWords) for (const phrase of words) yield [phrase, { is: 'unit', unit }]
  yield* calendarWords()
}

function* calendarWords(): Generator<readonly [phrase: string, meaning: Meaning]> {
  for (const unit of ['day', 'night', 'week', 'month', 'quarter', 'year'] as const) {
    yield [unit, { is: 'calendar', unit, plural: false }]
  }
  for (const [i, name] of months.entries()) {
    yield [name, { is: 'month', month: i + 1 }]
    if (name.length > 4) yield [name === 'september' ? 'sept' : name.slice(0, 3), { is: 'month', month: i + 1 }]
  }
  yield ['sep', { is: 'month', month: 9 }]
  for (const day of weekdays) yield [day, { is: 'weekday', in: [day], plural: false }]
  for (const [short, day] of [
    ['mon', 0],
    ['tue', 1],
    ['tues', 1],
    ['wed', 2],
    ['thu', 3],
    ['thurs', 3],
    ['thur', 3],
    ['fri', 4],
  ] as const) {
    yield [short, { is: 'weekday', in: [weekdays[day]!], plural: false }]
  }
  yield ['weekend', { is: 'weekday', in: ['saturday', 'sunday'], plural: true }]
  for (const phrase of ['weekday', 'week day', 'workday', 'working day', 'work day', 'business day']) {
    yield [phrase, { is: 'weekday', in: weekdays.slice(0, 5), plural: true }]
  }
  for (const [word, season] of [
    ['winter', 'winter'],
    ['spring', 'spring'],
    ['springtime', 'spring'],
    ['summer', 'summer'],
    ['summertime', 'summer'],
    ['autumn', 'autumn'],
    ['fall', 'autumn'],
    ['wintertime', 'winter'],
  ] as const) {
    yield [word, { is: 'season', season }]
  }
  for (const [word, from, to] of [
    ['morning', '05:00', '12:00'],
    ['afternoon', '12:00', '18:00'],
    ['evening', '18:00', '00:00'],
  ] as const) {
    yield [word, { is: 'daytime', from, to, word }]
  }
}

function* registered({
  metrics = [],
  activities: extra = [],
  tags = [],
}: Vocabulary): Generator<readonly [string, Meaning]> {
  for (const { id, names, workout, better } of metrics) {
    const concept: Concept = {
      key: id,
      names,
      days: [id],
      ...(workout ? { workout: id } : {}),
      ...(better ? { better } : {}),
    }
    for (const name of names) yield [name, { is: 'concept', concept }]
  }
  for (const { id, names } of extra) for (const name of names) yield [name, { is: 'activity', ids: [id], phrase: name }]
  for (const { tag, names } of tags) for (const name of names) yield [name, { is: 'tag', tag }]
}

function add(root: Node, phrase: string, meaning: Meaning, first: boolean): void {
  let node = root
  const words = stems(phrase.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' '))
  if (words.length === 0) return
  for (const word of words) {
    const next = node.next.get(word) ?? { next: new Map(), meanings: [] }
    node.next.set(word, next)
    node = next
  }
  if (first) node.meanings.unshift(meaning)
  else if (!node.meanings.some((held) => held.is === meaning.is)) node.meanings.push(meaning)
}

function build(entries: Iterable<readonly [string, Meaning]>, own: Iterable<readonly [string, Meaning]>): Lexicon {
  const root: Node = { next: new Map(), meanings: [] }
  const words = new Map<string, string>()
  for (const [first, list] of [
    [false, entries],
    [true, own],
  ] as const) {
    for (const [phrase, meaning] of list) {
      add(root, phrase, meaning, first)
      for (const word of phrase.toLowerCase().split(' ')) if (!words.has(stem(word))) words.set(stem(word), word)
    }
  }
  return { root, words, forms: [...new Set(words.values())] }
}

let common: Lexicon | undefined
const extended = new WeakMap<Vocabulary, Lexicon>()

/** The phrases known; the built-in ones are prepared once. */
export function lexiconFor(vocabulary: Vocabulary | undefined): Lexicon {
  if (!vocabulary) {
    common ??= build(builtIn(), [])
    return common
  }
  const known = extended.get(vocabulary) ?? build(builtIn(), registered(vocabulary))
  extended.set(vocabulary, known)
  return known
}

/** Words beside a measure's name that say how it is summed up. */
const statistics = new Set(
  'average mean typical median maximum max highest minimum min lowest total sum count standard deviation variance'.split(
    ' ',
  ),
)

/** Whether the built-in language reads a phrase by itself, apart from words that say how to sum up. */
export function isBuiltIn(phrase: string): boolean {
  const said = phrase.toLowerCase().split(/[^\p{L}\p{N}]+/u)
  const words = stems(said.filter((word) => word !== '' && !statistics.has(word)).join(' '))
  return words.length > 0 && longestPhrase(lexiconFor(undefined), words, 0)?.next === words.length
}

/** The longest phrase that begins at `start`: its meanings and where it ends. */
export function longestPhrase(
  lexicon: Lexicon,
  words: readonly (string | null)[],
  start: number,
): { meanings: readonly Meaning[]; next: number } | null {
  let node: Node | undefined = lexicon.root
  let found: { meanings: readonly Meaning[]; next: number } | null = null
  for (let i = start; i < words.length; i++) {
    const word: string | null | undefined = words[i]
    node = word == null ? undefined : node.next.get(word)
    if (!node) break
    if (node.meanings.length > 0) found = { meanings: node.meanings, next: i + 1 }
  }
  return found
}
