import type { MemoryRecord } from '../memory/ports.js'
import type { Fact } from '../query/schema.js'
import { plain } from './plain.js'

/**
 * Number binding. A sentence of a draft holds `{{fact:<id>}}` where a number belongs, or `{{fact:<id>.<path>}}` for a
 * part of it (`comparison`, `baseline.low`, `n`, `coverage`, `rows.0` …), `{{memory:<id>}}` where the person's own
 * earlier words belong, and `{{note:<key>}}` for what the parser said of its reading. Only this file puts numbers into
 * sentences.
 */
const placeholder = /\{\{\s*(fact|memory|note):([^\s{}.]+)((?:\.[A-Za-z0-9_]+)*)\s*\}\}/g

/** A placeholder of a sentence. */
export interface Reference {
  to: 'fact' | 'memory' | 'note'
  id: string
  /** Without the leading dot; empty for the whole fact. */
  path: string
}

/** Renders a fact or a part of it; null where the fact has no such part. */
export type FactRenderer = (fact: Fact, path: string) => string | null

/** What placeholders of one turn may refer to. */
export interface Bindings {
  facts: Readonly<Record<string, Fact>>
  memories?: readonly Pick<MemoryRecord, 'id' | 'text'>[]
  /** Words of AUREN's own code that may hold numbers: how a period was read, a question back, a gap. */
  notes?: Readonly<Record<string, string>>
  render: FactRenderer
}

/** A sentence with its placeholders filled in. */
export type Bound = { ok: true; text: string; facts: string[] } | { ok: false; reason: string }

/** Placeholders of a sentence, in order. */
export function referencesOf(sentence: string): Reference[] {
  return [...sentence.matchAll(placeholder)].map(([, to, id, path]) => ({
    to: to as Reference['to'],
    id: id as string,
    path: (path as string).slice(1),
  }))
}

/** The sentence with each placeholder replaced by `mark`: what its author typed. */
export function typedBy(sentence: string, mark = ' '): string {
  return sentence.replace(placeholder, mark)
}

/** Fills the placeholders of a sentence, or says why it cannot be done: a wrong id never becomes a number. */
export function bind(sentence: string, { facts, memories = [], notes = {}, render }: Bindings): Bound {
  const cited = new Set<string>()
  let reason: string | null = null
  const text = sentence.replace(placeholder, (_, to: string, id: string, dotted: string) => {
    const path = dotted.slice(1)
    if (to === 'note') {
      if (Object.hasOwn(notes, id) && path === '') return plain(notes[id] ?? '', 300)
      reason ??= 'unknown_note'
      return ''
    }
    if (to === 'memory') {
      const memory = memories.find((record) => record.id === id)
      if (!memory || path !== '') reason ??= 'unknown_memory'
      return memory ? `“${plain(memory.text, 200)}”` : ''
    }
    const fact = Object.hasOwn(facts, id) ? facts[id] : undefined
    if (!fact) {
      reason ??= 'unknown_fact'
      return ''
    }
    const rendered = render(fact, path)
    if (rendered === null) reason ??= 'unknown_part'
    cited.add(id)
    return rendered ?? ''
  })
  if (reason !== null) return { ok: false, reason }
  if (/\{\{|\}\}/.test(text)) return { ok: false, reason: 'malformed_placeholder' }
  const spaced = text.replace(/\s+/g, ' ').trim()
  return { ok: true, text: spaced.charAt(0).toUpperCase() + spaced.slice(1), facts: [...cited] }
}
