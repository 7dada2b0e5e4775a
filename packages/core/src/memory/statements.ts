import { Temporal } from 'temporal-polyfill'
import type { Instant, LocalDate } from '../observation/schema.js'
import { isStatement } from '../query/parse/intents.js'
import { mentionsOf } from '../query/parse/mentions.js'
import type { Vocabulary } from '../query/parse/vocabulary.js'
import { plain } from '../reasoning/plain.js'
import { sentencesOf } from '../reasoning/verify.js'
import { kindRules } from './kinds.js'
import type { MemoryRecord } from './ports.js'

/** Kinds of memories that a person's words can become. */
export const toldKinds = [
  'safety',
  'goal',
  'preference',
  'experiment',
  'hypothesis',
  'episode',
  'tag',
  'note',
] as const satisfies readonly MemoryRecord['kind'][]
export type ToldKind = (typeof toldKinds)[number]

/** Something that a person said about themselves, to be kept: their own words, and no number but those in them. */
export interface Told extends Pick<MemoryRecord, 'text' | 'about' | 'body' | 'pinned'> {
  kind: ToldKind
  /** Days that it is about, both included; null where the words name none. */
  time: { from: LocalDate; to: LocalDate } | null
}

/** What helps to read. */
export interface ReadOptions {
  /** Local date on which it was said; absent: days are not read. */
  today?: LocalDate
  vocabulary?: Vocabulary | undefined
}

/** Most memories of one text, and most characters of each. */
const MOST = 3
const LONGEST = 300

const asked =
  /^(?:please |and |also |can you |could you )*(?:remember|note|keep in mind|do(?:n't| not) forget|make a note)\b[ :,]*(?:that\b|of the fact that\b|this\b[:,]?)?\s*(.+)$/i
const safety =
  /\b(?:allerg(?:ic|y|ies)|anaphyla\w+|intoleran(?:t|ce)|pacemaker|icd implant|pregnan(?:t|cy)|eating disorder|anorexi\w+|bulimi\w+|epilep\w+|blood thinners?|warfarin|beta.?blockers?|heart (?:condition|disease|failure)|diabet(?:ic|es)|insulin)\b/i
const goal =
  /\b(?:my goal|my aim|my target|i am aiming|i'm aiming|i aim|i am training for|i'm training for|i want to reach|i am trying to|i'm trying to)\b/i
const preference =
  /\b(?:i prefer|i would rather|i'd rather|call me|please (?:always|never|use|do not|don't)|use (?:miles|kilomet(?:er|re)s|metric|imperial|pounds|kilograms)|do not (?:show|tell|mention)|don't (?:show|tell|mention)|i (?:do not|don't) want to (?:see|hear))\b/i
const experiment =
  /\b(?:i(?:'m| am) (?:trying|testing|experimenting with|starting|cutting out|giving up)|i(?:'ve| have)? (?:started|begun|began) (?:taking|trying|doing|using|drinking|eating|going)|i(?:'m| am) going to try|as an experiment|i stopped (?:drinking|eating|smoking))\b/i
const belief =
  /\b(?:i (?:think|believe|suspect|guess|reckon|have the feeling)|i feel (?:that|like)|it seems|seems to me|in my experience)\b/i
const relation =
  /\b(?:hurts?|helps?|ruins?|makes?|affects?|improves?|disturbs?|disrupts?|causes?|because of|due to|better|worse|keeps? me|good for|bad for|raises?|lowers?|harms?)\b/i
const personal = /\b(?:i|i'm|i've|i'd|my|me|we|our)\b/i

/** What an episode is called in the ladder's contexts, by the words that tell of it. */
const episodes: readonly (readonly [context: string, words: RegExp])[] = [
  [
    'illness',
    /\b(?:had|have|got|caught|came down with|down with|recovering from)\b.{0,30}\b(?:flu|influenza|a cold|covid|corona|fever|infection|food poisoning|pneumonia|bronchitis)\b|\bi (?:was|am|have been|'ve been) (?:very |really |quite )?(?:ill|sick)\b|\bi(?:'m|'ve been) (?:very |really |quite )?(?:ill|sick)\b/i,
  ],
  ['surgery', /\b(?:had|having|have) (?:an? )?(?:\w+ )?(?:surgery|operation)\b|\bin hospital\b/i],
  ['injury', /\bi (?:broke|sprained|tore|pulled|fractured|injured|strained|twisted)\b|\bi(?:'m| am| was) injured\b/i],
  [
    'travel',
    /\bi(?:'m| am| was) (?:travel(?:l)?ing|on a (?:business )?trip)\b|\bi (?:flew|travel(?:l)?ed)\b|\bjet ?lag(?:ged)?\b/i,
  ],
  ['vacation', /\bi(?:'m| am| was) on (?:holiday|vacation)\b/i],
  ['night_shift', /\bnight ?shifts?\b/i],
]
const over = /\b(?:had|was|were|got|caught|came|broke|sprained|tore|pulled|flew|travel(?:l)?ed)\b/i

/**
 * What in a text is to be kept, by rule: what was asked to be kept, and statements of safety, goals, preferences, what is
 * tried, what is believed, what happened, and what was done. Questions are none. Pure.
 */
export function statementsOf(text: string, options: ReadOptions = {}): Told[] {
  const found: Told[] = []
  for (const sentence of sentencesOf(text)) {
    const explicit = asked.exec(sentence)
    // A question is no statement, unless it asks us to remember.
    if (!explicit && sentence.endsWith('?')) continue
    const words = plain(explicit?.[1] ?? sentence, LONGEST)
    const told = words === '' ? null : readStatement(words, explicit !== null, options)
    if (told) found.push(told)
  }
  return found.slice(0, MOST)
}

function readStatement(words: string, explicit: boolean, options: ReadOptions): Told | null {
  const own = personal.test(words)
  if (safety.test(words) && (explicit || own)) return told('safety', words, options)
  if (goal.test(words)) return told('goal', words, options)
  if (preference.test(words)) return told('preference', words, options)
  if (own && experiment.test(words)) return told('experiment', words, options)
  if (own && belief.test(words) && relation.test(words)) return told('hypothesis', words, options)
  const contexts = own ? episodes.filter(([, of]) => of.test(words)).map(([context]) => context) : []
  const kept = contexts.length > 0 ? happened(words, contexts, options) : own ? done(words, options) : null
  return kept ?? (explicit ? told('note', words, options) : null)
}

/** An episode; one that is over and whose days nobody knows is none, for it would seem to begin today. */
function happened(words: string, about: string[], options: ReadOptions): Told | null {
  const episode = told('episode', words, options)
  return episode.time === null && over.test(words) ? null : { ...episode, about }
}

/** What was eaten, drunk or done on a day. */
function done(words: string, options: ReadOptions): Told | null {
  if (!isStatement(words)) return null
  const { tags } = mentionsOf(words, options)
  if (tags.length === 0) return null
  const tag = told('tag', words, options)
  const { today } = options
  return { ...tag, about: tags, time: tag.time ?? (today === undefined ? null : { from: today, to: today }) }
}

/** A person's words as a memory of a kind. */
export function told(kind: ToldKind, text: string, options: ReadOptions = {}): Told {
  const { metrics, tags, time } = mentionsOf(spelledOut(text), options)
  const about = kind === 'safety' ? ['safety'] : [...metrics, ...tags]
  return { kind, text, about, body: {}, pinned: kindRules[kind].pinned, time }
}

const DAY_MS = 86_400_000

/**
 * The time for which words hold, where they name days: what happened, was done or is tried ends with them, and begins at
 * midnight UTC of the civil date as everything of tier 3 does. What is believed or wanted goes on.
 */
export function spanOf({ kind, time }: Pick<Told, 'kind' | 'time'>): { validFrom: Instant; validTo: Instant } | null {
  if (time === null || (kind !== 'episode' && kind !== 'tag' && kind !== 'experiment')) return null
  const midnight = (date: LocalDate): Instant => Temporal.PlainDate.from(date).toZonedDateTime('UTC').epochMilliseconds
  return { validFrom: midnight(time.from), validTo: midnight(time.to) + DAY_MS }
}

/** `3-9 Feb` with both its days, `last night` as the day that it began on. */
function spelledOut(text: string): string {
  return text
    .replace(/\b(\d{1,2})\s*(?:-|–|to)\s*(\d{1,2})\s+(\p{L}{3,})/gu, '$1 $3 to $2 $3')
    .replace(/\blast night\b/gi, 'yesterday')
}
