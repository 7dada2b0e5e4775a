/**
 * Sentences that AUREN itself may say without a fact. They are the only free text with numerals in it that the
 * verifier lets out, and only where AUREN's own code wrote them: a model that repeats one is checked like anybody.
 */
export const fixed = {
  nothing: 'I could not put an answer together this time. Nothing was made up instead; please ask again.',
  unguarded:
    'I cannot answer right now, because the safety check did not run. If this is an emergency, call your local emergency number.',
  unverified: 'I could not check the rest of my answer, so I am leaving it out.',
  strained:
    'Several signs point the same way: your body looks strained. Common reasons are alcohol, hard training, travel, poor sleep, or an infection starting. How do you feel?',
  outside:
    'A reading outside your usual range is not a finding by itself. See whether it lasts, and talk to a professional if it does or if you feel unwell.',
  association: 'This is an association in your own data, not a cause.',
  noData: 'I have no data for that.',
  noneYet: 'I have no measurements of yours yet. Import an export or connect a device, and ask again.',
  notUnderstood:
    'I did not understand that as a question about your data. You can ask, for example, how you slept last week, or for the mean of a metric over a period.',
  noted: 'I am noting that; you can undo it.',
  contradiction:
    'You told me two things about your safety that cannot both be so. Until you decide which one holds, I go by the stricter one.',
  forgetting: 'I am removing that from what I remember.',
  forgetWhich: 'I remember several things that this could mean. Which one should I forget?',
  forgetNone: 'I remember nothing like that.',
  hello: 'Hello. Ask me about your sleep, your heart, your activity, or any period of your data.',
  withheld: 'I am leaving figures of weight and energy out, as your safety notes ask.',
  degraded: 'Part of what I usually look at was not available, so this may be incomplete.',
  usual: 'None of these signs of recovery is outside your usual range.',
} as const

/** Name of a fixed sentence. */
export type FixedText = keyof typeof fixed

const sentences: ReadonlySet<string> = new Set(Object.values(fixed))

/** True for a sentence that stands in the table, word for word. */
export function isFixed(sentence: string): boolean {
  return sentences.has(sentence)
}
