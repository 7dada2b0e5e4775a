import { conceptOf } from './concepts.js'
import { readCondition, readMeasure } from './conditions.js'
import { type Draft, emptyDraft, type SaidCondition } from './draft.js'
import { readSaidPeriod } from './periods.js'
import { createReader, type Reader } from './reader.js'
import type { Term } from './terms.js'
import { fillers } from './words.js'

const VERBS = 'affect|effect|impact|influence|hurt|harm|ruin|disturb|disrupt|alter|do'

/** `how does alcohol affect my sleep`, `the effect of coffee on HRV`: days after the cause against the other days. */
export function readEffect(terms: readonly Term[], today: string): Draft | null {
  const reader = createReader(terms)
  const verb = terms.findIndex((_, at) => reader.word(at, VERBS) && !isAuxiliary(reader, at))
  if (verb < 0) return null
  const draft = emptyDraft()
  const of = reader.word(verb + 1, 'of') ? verb + 2 : null
  const on = terms.findIndex((_, at) => at > verb && reader.word(at, 'on|to'))
  const [cause, outcome] =
    of !== null && on > of
      ? ([
          [of, on],
          [on + 1, terms.length],
        ] as const)
      : ([
          [0, verb],
          [verb + 1, terms.length],
        ] as const)
  const rest: number[] = []
  const conditions = readCause(reader, cause, rest, today)
  if (!conditions) return null
  const [side] = draft.sides
  side.conditions.push(...conditions)
  for (let at = outcome[0]; at < outcome[1]; ) {
    const period = readSaidPeriod(reader, at, { today })
    if (period && !side.period) {
      side.period = period.value.period
      at = period.next
      continue
    }
    const measure = readMeasure(reader, at)
    if (measure) {
      side.measures.push({ concept: measure.value.concept, implied: false })
      at = measure.next
      continue
    }
    rest.push(at)
    at++
  }
  for (let at = of === null ? verb : 0; at < (of ?? verb + 1); at++) if (at !== verb) rest.push(at)
  const left = rest.filter((at) => !fillers.has(terms[at]!.stem) || terms[at]!.stem === '')
  draft.unknown.push(...left.map((at) => terms[at]!.text))
  if (side.measures.length === 0) return null
  draft.contrast = true
  draft.aggregate = 'mean'
  return draft
}

/** `do` is the verb only in "what does alcohol do to my sleep". */
function isAuxiliary(reader: Reader, at: number): boolean {
  return reader.word(at, 'do') && !(reader.word(at + 1, 'to') && at > 0)
}

function readCause(
  reader: Reader,
  [from, to]: readonly [number, number],
  rest: number[],
  today: string,
): SaidCondition[] | null {
  const found: SaidCondition[] = []
  for (let at = from; at < to; ) {
    const numbered = readCondition(reader, at, 'day', today)
    if (numbered && numbered.next <= to && found.length === 0) {
      for (const one of numbered.value) found.push({ ...one, when: 'after' })
      at = numbered.next
      continue
    }
    const short = reader.meaning(at, 'concept')?.concept
    if (short && short.key !== conceptOf('sleep_duration').key) return null
    rest.push(at)
    at++
  }
  return found.length > 0 ? found : null
}
