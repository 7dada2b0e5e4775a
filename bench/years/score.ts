// What came of the questions: by sort, and by the age of what is asked about.
import { doorOf } from './auren.js'
import type { Question } from './needs.js'

/** Who is asked; `all` is the baselines' answering code with every row before it, which no budget allows. */
export const systems = [
  { id: 'auren', name: 'AUREN' },
  { id: 'window', name: 'last 30 days' },
  { id: 'bm25', name: 'all rows, BM25' },
  { id: 'store', name: 'LangGraph store' },
  { id: 'all', name: 'every row read' },
] as const
export type SystemId = (typeof systems)[number]['id']

/** A question with who answered it rightly. */
export interface Scored {
  question: Question
  right: Record<SystemId, boolean>
}

/** Share of right answers, 0 … 1. */
export function share(scored: readonly Scored[], id: SystemId): number {
  return scored.filter(({ right }) => right[id]).length / Math.max(1, scored.length)
}

/** A table in Markdown: right answers by sort of question. */
export function byKind(scored: readonly Scored[]): string {
  const kinds = [...new Set(scored.map(({ question }) => question.kind))]
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const row = (name: string, door: string, of: readonly Scored[]): string =>
    line([
      name,
      door,
      String(of.length),
      ...systems.map(({ id }) => String(of.filter(({ right }) => right[id]).length)),
    ])
  return [
    line(['question', 'AUREN answers by', 'asked', ...systems.map(({ name }) => name)]),
    line(['---', '---', '--:', ...systems.map(() => '--:')]),
    ...kinds.map((kind) => {
      const of = scored.filter(({ question }) => question.kind === kind)
      return row(kind, doorOf((of[0] as Scored).question.need), of)
    }),
    row('**all**', '', scored),
  ].join('\n')
}

/** Right answers at one age of what was asked about. */
export interface AgeShare {
  label: string
  /** Middle of the bin, in years. */
  age: number
  n: number
  shares: Record<SystemId, number>
}

/**
 * By age. Without the questions to which "nothing is known" is the answer: who knows nothing at all is right about what was
 * erased and what was never measured.
 */
export function byAge(scored: readonly Scored[], years: number): AgeShare[] {
  const bins = [
    { label: '≤ 30 days', age: 0, from: 0, to: 30 },
    ...Array.from({ length: years }, (_, y) => ({
      label: y === 0 ? '< 1 year' : `${y} to ${y + 1}`,
      age: y + 0.5,
      from: Math.max(30, y * 365.25),
      to: (y + 1) * 365.25,
    })),
  ]
  return bins.flatMap(({ label, age, from, to }, i) => {
    const of = scored.filter(({ question }) => {
      const { age: old, expected } = question
      return old !== null && expected !== null && old <= to && (i === 0 ? old >= from : old > from)
    })
    if (of.length === 0) return []
    const shares = Object.fromEntries(systems.map(({ id }) => [id, share(of, id)])) as Record<SystemId, number>
    return [{ label, age, n: of.length, shares }]
  })
}
