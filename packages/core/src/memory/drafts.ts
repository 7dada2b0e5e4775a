import { z } from 'zod'
import { plain } from '../reasoning/plain.js'
import { sentencesOf } from '../reasoning/verify.js'
import { type ReadOptions, type Told, told, toldKinds } from './statements.js'

/** Longest answer of a model that is read. */
const LONGEST_ANSWER = 8000

/**
 * What a model may propose to keep of what a person said: a kind, and the words themselves: whole sentences
 * of the text.
 * It has no place for words of its own, for numbers, dates, confidence or anybody's id.
 */
export const DraftProposals = z.strictObject({
  memories: z.array(z.strictObject({ kind: z.enum(toldKinds), quote: z.string().trim().min(3).max(300) })).max(3),
})

/** Drafts that a model proposed, or why none of them is taken. */
export type Drafts = { drafts: Told[] } | { refused: string }

/**
 * Checks what a model proposes to keep of a text: all of it is taken, or nothing. What is kept are the person's words and
 * what the rules read in them; the model only points at sentences.
 *
 * @param answer what the model wrote: JSON of {@link DraftProposals}, with or without a code fence
 * @param text what the person said
 */
export function draftsOf(answer: string, text: string, options: ReadOptions = {}): Drafts {
  if (answer.length > LONGEST_ANSWER) return { refused: 'too long' }
  let given: unknown
  try {
    given = JSON.parse(answer.replace(/^\s*```(?:json)?\s*|\s*```\s*$/g, ''))
  } catch {
    return { refused: 'no JSON' }
  }
  const checked = DraftProposals.safeParse(given)
  if (!checked.success) {
    const [issue] = checked.error.issues
    return { refused: `${issue?.path.join('.') || 'answer'}: ${issue?.code ?? 'invalid'}` }
  }
  const said = new Set(
    sentencesOf(text)
      .filter((sentence) => !sentence.endsWith('?'))
      .map((sentence) => bare(plain(sentence, text.length))),
  )
  const drafts: Told[] = []
  for (const [i, { kind, quote }] of checked.data.memories.entries()) {
    // Half a sentence may say the opposite of the whole: "I am not allergic" holds "allergic".
    if (!said.has(bare(quote))) return { refused: `memories.${i}.quote: not what was said` }
    if (!drafts.some((draft) => draft.text === bare(quote))) drafts.push(told(kind, bare(quote), options))
  }
  return { drafts }
}

/** A sentence without the mark that ends it. */
function bare(sentence: string): string {
  return sentence.trim().replace(/[.!]+$/, '')
}
