import { type MemoryRecord, plain, sentencesOf } from '@auren/core'

/** Something that a person said about themselves, to be kept. */
export type Kept = Pick<MemoryRecord, 'kind' | 'text' | 'about' | 'body' | 'pinned'>

const asked =
  /^(?:please |and |also |can you |could you )*(?:remember|note|keep in mind|do(?:n't| not) forget|make a note)\b[ :,]*(?:that\b|of the fact that\b|this\b[:,]?)?\s*(.+)$/i
const safety =
  /\b(?:allerg(?:ic|y|ies)|anaphyla\w+|intoleran(?:t|ce)|pacemaker|icd implant|pregnan(?:t|cy)|eating disorder|anorexi\w+|bulimi\w+|epilep\w+|blood thinners?|beta.?blockers?|heart (?:condition|disease|failure)|diabet(?:ic|es)|insulin)\b/i
const goal =
  /\b(?:my goal|my aim|my target|i am aiming|i'm aiming|i aim|i am training for|i'm training for|i want to reach|i am trying to|i'm trying to)\b/i
const preference =
  /\b(?:i prefer|i would rather|i'd rather|call me|please (?:always|never|use|do not|don't)|use (?:miles|kilomet(?:er|re)s|metric|imperial|pounds|kilograms)|do not (?:show|tell|mention)|don't (?:show|tell|mention)|i (?:do not|don't) want to (?:see|hear))\b/i
const personal = /\b(?:i|i'm|i've|i'd|my|me|we|our)\b/i

/** What in a text is to be kept, by rule: what was asked to be kept, and statements of safety, goals and preferences. */
export function statementsOf(text: string): Kept[] {
  const found: Kept[] = []
  for (const sentence of sentencesOf(text)) {
    const explicit = asked.exec(sentence)
    // A question is no statement, unless it asks us to remember.
    if (!explicit && sentence.endsWith('?')) continue
    const words = plain(explicit?.[1] ?? sentence, 300)
    if (words === '') continue
    if (safety.test(words) && (explicit || personal.test(words))) found.push(keep('safety', words))
    else if (goal.test(words)) found.push(keep('goal', words))
    else if (preference.test(words)) found.push(keep('preference', words))
    else if (explicit) found.push(keep('note', words))
  }
  return found.slice(0, 3)
}

function keep(kind: 'safety' | 'goal' | 'preference' | 'note', text: string): Kept {
  return { kind, text, about: kind === 'safety' ? ['safety'] : [], body: {}, pinned: kind !== 'note' }
}
