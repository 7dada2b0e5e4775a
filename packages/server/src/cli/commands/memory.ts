import {
  AurenError,
  type Contradiction,
  type MemoryRecord,
  type Provenance,
  type Recall,
  type TracedPage,
  type Why,
} from '@auren/core'
import type { Client } from '../client.js'
import { counted, type Output, table } from '../output.js'

const day = (at: number | null): string => (at === null ? '–' : new Date(at).toISOString().slice(0, 10))
const short = (text: string, length = 80): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text)
const share = (value: number | null): string => (value === null ? '' : `${Math.round(value * 100)} %`)

/** A date or an instant of ISO 8601. @throws AurenError AUREN_INPUT_INVALID */
function instantOf(text: string): number {
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new AurenError('AUREN_INPUT_INVALID', 'Name a date, such as 2026-03-01.')
  return at
}

function reasons(why: readonly Why[] = []): string {
  return why
    .map((one) =>
      one.channel === 'about' ? `about ${one.of}` : one.channel === 'words' ? `words, ${one.place}.` : one.channel,
    )
    .join(', ')
}

/** Lists, adds, recalls and removes what is remembered. */
export const memory = {
  async list(
    client: Client,
    output: Output,
    options: { kind?: string; status?: string; asOf?: string },
  ): Promise<number> {
    const query = new URLSearchParams({
      ...(options.kind === undefined ? {} : { kind: options.kind }),
      ...(options.status === undefined ? {} : { status: options.status }),
      ...(options.asOf === undefined ? {} : { as_of: String(instantOf(options.asOf)) }),
    })
    const records = await client.call<MemoryRecord[]>('neuros', 'GET', `/v1/memories?${query}`)
    if (output.json) output.data(records)
    else if (records.length === 0) output.print('Nothing is remembered yet.')
    else
      output.print(
        table(
          records.map((record) => [
            record.id,
            record.kind,
            day(record.validFrom),
            record.status,
            share(record.confidence),
            short(record.text),
          ]),
        ),
      )
    return 0
  },
  async remember(client: Client, output: Output, kind: string, text: string): Promise<number> {
    const record = await client.call<MemoryRecord>('neuros', 'POST', '/v1/memories', { kind, text })
    if (output.json) output.data(record)
    else output.print(`Remembered as ${record.kind}: ${record.id}. Undo with: auren memory forget ${record.id}`)
    return 0
  },
  async note(client: Client, output: Output, text: string): Promise<number> {
    const kept = await client.call<{ note: MemoryRecord; drafts: MemoryRecord[] }>('neuros', 'POST', '/v1/notes', {
      text,
    })
    if (output.json) output.data(kept)
    else {
      output.print(`Noted: ${kept.note.id}.`)
      for (const draft of kept.drafts)
        output.print(
          `Drafted as ${draft.kind}: ${short(draft.text)}\n  auren memory confirm ${draft.id}, or: auren memory forget ${draft.id}`,
        )
    }
    return 0
  },
  async recall(client: Client, output: Output, text: string, options: { tokens?: string }): Promise<number> {
    const query = new URLSearchParams({ text, ...(options.tokens === undefined ? {} : { tokens: options.tokens }) })
    const recalled = await client.call<Recall>('neuros', 'GET', `/v1/recall?${query}`)
    if (output.json) {
      output.data(recalled)
      return 0
    }
    const { pinned, hits, said, why, contradictions, gaps, degraded, tokens } = recalled
    const rows = [
      ...[...pinned, ...hits].map(({ id, kind, validFrom, text: words }) => ({ id, kind, at: validFrom, words })),
      ...said.map(({ id, role, at, text: words }) => ({ id, kind: role === 'person' ? 'you' : role, at, words })),
    ]
    if (rows.length === 0 && degraded.length === 0) output.print('Nothing is remembered about that.')
    else output.print(table(rows.map(({ id, kind, at, words }) => [kind, day(at), reasons(why[id]), short(words)])))
    for (const { kind, acts, id } of contradictions.filter(({ resolution }) => resolution === 'open'))
      output.note(
        `Two of them contradict each other (${kind})${acts === null ? '' : `; ${acts} counts for now`}. Decide: auren memory resolve ${id} <id>`,
      )
    for (const gap of gaps) output.note(`Missing: ${gap}`)
    for (const what of degraded) output.note(`Not available: ${what}`)
    output.note(`${tokens} tokens.`)
    return 0
  },
  async chapters(client: Client, output: Output, options: { about?: string }): Promise<number> {
    const chapters = await client.call<{ text: string }[]>(
      'neuros',
      'GET',
      `/v1/chapters${options.about ? `?about=${encodeURIComponent(options.about)}` : ''}`,
    )
    if (output.json) output.data(chapters)
    else if (chapters.length === 0)
      output.print('There are no chapters yet: they need eight weeks of data, and a night (or: auren consolidate).')
    else for (const { text } of chapters) output.print(text)
    return 0
  },
  async trace(
    client: Client,
    output: Output,
    id: string,
    options: { after?: string; limit?: string } = {},
  ): Promise<number> {
    const path = `/v1/memories/${encodeURIComponent(id)}`
    const made = await client.call<Provenance>('neuros', 'GET', `${path}/trace`)
    const query = new URLSearchParams({
      ...(options.after === undefined ? {} : { after: options.after }),
      ...(options.limit === undefined ? {} : { limit: options.limit }),
    })
    const page = await client.call<TracedPage>('neuros', 'GET', `${path}/observations?${query}`)
    if (output.json) {
      output.data({ ...made, observations: page })
      return 0
    }
    const tell = ({ record, from, refs }: Provenance, depth: number): void => {
      output.print(`${'  '.repeat(depth)}${record.kind}: ${record.text}`)
      for (const ref of refs) output.print(`${'  '.repeat(depth + 1)}from ${ref}`)
      for (const one of from) tell(one, depth + 1)
    }
    if (options.after === undefined) tell(made, 0)
    if (page.rows.length > 0)
      output.print(
        table([
          ['day', 'at', 'what', 'value', 'device', 'received', 'delivery'],
          ...page.rows.map(({ date, start, metric, value, source, receivedAt, rawRef, delivery }) => [
            date,
            start === null ? '' : new Date(start).toISOString().slice(11, 16),
            metric,
            value === null ? '' : String(value),
            source,
            receivedAt === null ? '' : new Date(receivedAt).toISOString().slice(0, 16),
            rawRef === null ? '' : `${delivery?.provider ?? 'not here'} ${rawRef}`,
          ]),
        ]),
      )
    if (page.next !== null) output.note(`More with: auren memory trace ${id} --after ${page.next}`)
    return 0
  },
  async forget(client: Client, output: Output, id: string): Promise<number> {
    const { removed } = await client.call<{ removed: number }>(
      'neuros',
      'DELETE',
      `/v1/memories/${encodeURIComponent(id)}`,
    )
    if (output.json) output.data({ removed })
    else output.print(`Forgotten: ${counted(removed, 'record')}.`)
    return 0
  },
  async confirm(client: Client, output: Output, id: string): Promise<number> {
    const record = await client.call<MemoryRecord>('neuros', 'PATCH', `/v1/memories/${encodeURIComponent(id)}`, {
      confirm: true,
    })
    if (output.json) output.data(record)
    else output.print(`Confirmed: ${short(record.text)}`)
    return 0
  },
  async correct(client: Client, output: Output, id: string, text: string): Promise<number> {
    const record = await client.call<MemoryRecord>('neuros', 'PATCH', `/v1/memories/${encodeURIComponent(id)}`, {
      text,
    })
    if (output.json) output.data(record)
    else output.print(`Corrected: ${short(record.text)}`)
    return 0
  },
  async contradictions(client: Client, output: Output, options: { all?: boolean }): Promise<number> {
    const found = await client.call<(Contradiction & { sides: MemoryRecord[] })[]>(
      'neuros',
      'GET',
      `/v1/contradictions${options.all ? '' : '?open=true'}`,
    )
    if (output.json) output.data(found)
    else if (found.length === 0) output.print('Nothing contradicts anything else.')
    for (const { id, kind, resolution, acts, holds, sides } of output.json ? [] : found) {
      output.print(`${id}  ${kind}, ${resolution}`)
      for (const side of sides) {
        const mark = side.id === holds ? 'holds' : side.id === acts && holds === null ? 'counts for now' : ''
        output.print(
          `  ${[side.id, side.kind, day(side.validFrom), mark, short(side.text)].filter(Boolean).join('  ')}`,
        )
      }
    }
    return 0
  },
  async resolve(client: Client, output: Output, id: string, keep: string): Promise<number> {
    const decided = await client.call<Contradiction>(
      'neuros',
      'PATCH',
      `/v1/contradictions/${encodeURIComponent(id)}`,
      {
        keep,
      },
    )
    if (output.json) output.data(decided)
    else output.print(`Decided: ${decided.holds} holds. The other one is put aside, and can be read as of before.`)
    return 0
  },
}
