import { randomUUID } from 'node:crypto'
import { AurenError, type Fact, joinQuantity, renderFact, renderValue } from '@auren/core'
import type { Client } from '../client.js'
import { type Output, table } from '../output.js'

interface Frame {
  type: string
  data?: unknown
  delta?: string
  errorText?: string
  messageMetadata?: { state?: string }
}

/** Asks NEUROS, prints sentences as they are verified, and lists the facts under the answer. */
export async function ask(
  client: Client,
  output: Output,
  text: string,
  options: { thread?: string; today?: string },
): Promise<number> {
  const thread = options.thread ?? randomUUID()
  const facts: Fact[] = []
  const memories: unknown[] = []
  let answer = ''
  let failed: string | null = null
  const body = { text, clientId: randomUUID(), ...(options.today ? { today: options.today } : {}) }
  for await (const { data } of client.events('neuros', 'POST', `/v1/threads/${thread}/messages`, body)) {
    if (data === '[DONE]') break
    const frame = JSON.parse(data) as Frame
    if (frame.type === 'text-delta' && frame.delta) {
      answer += frame.delta
      if (!output.json) process.stdout.write(frame.delta)
    } else if (frame.type === 'data-fact') facts.push(frame.data as Fact)
    else if (frame.type === 'data-memory') memories.push(frame.data)
    else if (frame.type === 'error') failed = frame.errorText ?? 'unknown'
  }
  if (failed !== null) throw new AurenError('AUREN_INTERNAL', `The answer broke off: ${failed}`)
  if (output.json) {
    output.data({ thread, answer: answer.trim(), facts, memories })
    return 0
  }
  output.print('')
  if (facts.length > 0) output.print(`\n${factTable(facts)}`)
  return 0
}

/** `apple-health/6923e004/Ann's Watch` → `Ann's Watch`. */
function nameOf(source: string): string {
  return source.split('/').slice(2).join('/') || source
}

/** Facts as a table: what, value, how much it stands on, where from. */
export function factTable(facts: readonly Fact[]): string {
  return table(
    facts.map((fact) => {
      const shown = renderFact(fact)
      const coverage = `coverage ${Math.round(fact.coverage * 100)} %`
      return [
        shown.label,
        shown.quantity,
        shown.period,
        shown.basis,
        coverage,
        fact.sources.map(nameOf).join(', ') || '–',
      ]
    }),
  )
}

/** Runs a typed query (JSON) or an English question, and prints the facts. */
export async function query(
  client: Client,
  output: Output,
  text: string,
  options: { today?: string },
): Promise<number> {
  const today = options.today ? { today: options.today } : {}
  const typed = text.trimStart().startsWith('{')
  const body = typed ? { query: parse(text), ...today } : { question: text, ...today }
  const answer = await client.call<{ facts: Fact[]; readings: string[]; complete: boolean }>(
    'neuros',
    'POST',
    '/v1/query',
    body,
  )
  if (output.json) {
    output.data(answer)
    return 0
  }
  output.print(factTable(answer.facts))
  for (const fact of answer.facts) {
    const rows = (fact.rows ?? []).map((row) => [
      `  ${row.key}`,
      row.value === null ? '–' : joinQuantity(renderValue(fact, row.value)),
      `n ${row.n}`,
    ])
    if (rows.length > 0) output.print(table(rows))
    for (const note of fact.notes) output.note(note)
  }
  const told = new Set(answer.facts.flatMap((fact) => fact.notes.map((note) => note.toLowerCase().replace(/\.$/, ''))))
  for (const reading of answer.readings)
    if (!told.has(reading.toLowerCase().replace(/\.$/, ''))) output.note(`Read as ${reading}.`)
  if (!answer.complete) output.note('Not every word of the question was understood.')
  return 0
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AurenError('AUREN_INPUT_INVALID', `The query is not valid JSON: ${(cause as Error).message}`, { cause })
  }
}
