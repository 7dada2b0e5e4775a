import type { MemoryKind } from '../../api/wire'

/** Kinds of memories in words. */
export const kindNames: Readonly<Record<MemoryKind, { one: string; many: string }>> = {
  safety: { one: 'Safety fact', many: 'Safety facts' },
  preference: { one: 'Preference', many: 'Preferences' },
  goal: { one: 'Goal', many: 'Goals' },
  tag: { one: 'Tag', many: 'Tags' },
  note: { one: 'Note', many: 'Notes' },
  episode: { one: 'Episode', many: 'Episodes' },
  hypothesis: { one: 'Hypothesis', many: 'Hypotheses' },
  experiment: { one: 'Experiment', many: 'Experiments' },
  pattern: { one: 'Pattern', many: 'Patterns' },
  baseline: { one: 'Usual range', many: 'Usual ranges' },
  contradiction: { one: 'Contradiction', many: 'Contradictions' },
}

/** Kinds that a person can add, with what each is for. */
export const addable = [
  { kind: 'note', hint: 'Something that happened or that you noticed.' },
  { kind: 'preference', hint: 'How you want to be answered. Always kept in mind.' },
  { kind: 'safety', hint: 'What must never be forgotten: an allergy, a condition, a medicine. Always kept in mind.' },
  { kind: 'goal', hint: 'What you are working towards. Always kept in mind.' },
] as const satisfies readonly { kind: MemoryKind; hint: string }[]
