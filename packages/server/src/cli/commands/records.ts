import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as WebStream } from 'node:stream/web'
import {
  AurenError,
  type ConsolidationReport,
  exportFormats,
  type MemoryRecord,
  type QuarantineItem,
  type Recall,
  type Why,
} from '@auren/core'
import { z } from 'zod'
import type { Client } from '../client.js'
import { counted, type Output, table } from '../output.js'

const Report = z.object({
  type: z.literal('auren'),
  dataPoints: z.int(),
  leftOut: z.record(z.string(), z.int()),
})

const day = (at: number | null): string => (at === null ? '–' : new Date(at).toISOString().slice(0, 10))
const short = (text: string, length = 80): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text)

function reasons(why: readonly Why[] = []): string {
  return why
    .map((one) =>
      one.channel === 'about' ? `about ${one.of}` : one.channel === 'words' ? `words, ${one.place}.` : one.channel,
    )
    .join(', ')
}

/** Lists, adds, recalls and removes what is remembered. */
export const memory = {
  async list(client: Client, output: Output, options: { kind?: string }): Promise<number> {
    const records = await client.call<MemoryRecord[]>(
      'neuros',
      'GET',
      `/v1/memories${options.kind ? `?kind=${encodeURIComponent(options.kind)}` : ''}`,
    )
    if (output.json) output.data(records)
    else if (records.length === 0) output.print('Nothing is remembered yet.')
    else
      output.print(
        table(
          records.map((record) => [record.id, record.kind, day(record.validFrom), record.status, short(record.text)]),
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
  async recall(client: Client, output: Output, text: string, options: { tokens?: string }): Promise<number> {
    const query = new URLSearchParams({ text, ...(options.tokens === undefined ? {} : { tokens: options.tokens }) })
    const recalled = await client.call<Recall>('neuros', 'GET', `/v1/recall?${query}`)
    if (output.json) {
      output.data(recalled)
      return 0
    }
    const { pinned, hits, said, why, gaps, degraded, tokens } = recalled
    const rows = [
      ...[...pinned, ...hits].map(({ id, kind, validFrom, text: words }) => ({ id, kind, at: validFrom, words })),
      ...said.map(({ id, role, at, text: words }) => ({ id, kind: role === 'person' ? 'you' : role, at, words })),
    ]
    if (rows.length === 0 && degraded.length === 0) output.print('Nothing is remembered about that.')
    else output.print(table(rows.map(({ id, kind, at, words }) => [kind, day(at), reasons(why[id]), short(words)])))
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
  async trace(client: Client, output: Output, id: string): Promise<number> {
    output.data(await client.call('neuros', 'GET', `/v1/memories/${encodeURIComponent(id)}/trace`))
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
}

/** Builds what changed of weeks, months, years, baselines and chapters now. */
export async function consolidate(client: Client, output: Output): Promise<number> {
  const report = await client.call<ConsolidationReport>('neuros', 'POST', '/v1/consolidations')
  if (output.json) output.data(report)
  else {
    const { ladder, written, retired } = report
    const computed = Object.entries(ladder.computed).map(([rung, n]) => `${n} ${rung}s`)
    output.print(`Computed ${computed.join(', ')}; ${ladder.written} came out new or different.`)
    output.print(`${written} conclusions are new or different, ${retired} no longer hold.`)
  }
  return 0
}

/** What was set aside. */
export const quarantine = {
  async list(client: Client, output: Output, options: { all?: boolean; limit?: string }): Promise<number> {
    const limit = options.limit === undefined ? '' : `&limit=${encodeURIComponent(options.limit)}`
    const items = await client.call<QuarantineItem[]>(
      'biometric',
      'GET',
      `/v1/quarantine?all=${options.all === true}${limit}`,
    )
    if (output.json) output.data(items)
    else if (items.length === 0) output.print('Nothing is set aside.')
    else
      output.print(
        table(items.map((item) => [item.id, item.provider, day(item.receivedAt), item.reason, short(item.detail)])),
      )
    return 0
  },
  async show(client: Client, output: Output, id: string): Promise<number> {
    const item = await client.call('biometric', 'GET', `/v1/quarantine/${encodeURIComponent(id)}`)
    if (output.json) output.data(item)
    else output.print(JSON.stringify(item, null, 2))
    return 0
  },
  async replay(client: Client, output: Output, ids: readonly string[], options: { all?: boolean }): Promise<number> {
    const chosen = options.all
      ? (await client.call<QuarantineItem[]>('biometric', 'GET', '/v1/quarantine?limit=1000')).map((item) => item.id)
      : ids
    if (chosen.length === 0 && !options.all)
      throw new AurenError('AUREN_INPUT_INVALID', 'Name the items to replay, or use --all.')
    const results: { id: string; outcome: unknown }[] = []
    for (const id of chosen)
      results.push({
        id,
        outcome: await client.call('biometric', 'POST', `/v1/quarantine/${encodeURIComponent(id)}/replay`),
      })
    if (output.json) output.data(results)
    else for (const { id, outcome } of results) output.print(`${id}: ${JSON.stringify(outcome)}`)
    return 0
  },
}

/**
 * Writes everything to a file, or to stdout; in a plugin's format the measurements, and what it has no place for is said
 * beside it.
 */
export async function exportAll(
  client: Client,
  output: Output,
  options: { output?: string; format?: string },
): Promise<number> {
  const { format } = options
  const path = format === undefined ? '/v1/export' : `/v1/export?format=${encodeURIComponent(format)}`
  const all = Readable.fromWeb((await client.raw('neuros', path)) as WebStream)
  // A plugin's format ends with a report, which is none of it.
  const plain = format === undefined || exportFormats[format] !== undefined
  const lines = plain ? all : Readable.from(withoutReport(all, output))
  if (options.output === undefined) {
    for await (const chunk of lines) process.stdout.write(chunk as Uint8Array)
    return 0
  }
  await pipeline(lines, createWriteStream(options.output, { flags: 'wx', mode: 0o600 })).catch(
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EEXIST')
        throw new AurenError('AUREN_CONFLICT', `${options.output} is there already. Name another file.`, { cause })
      throw cause
    },
  )
  output.note(`Exported to ${options.output}`)
  return 0
}

/** Takes the report, which is the last line and none of the format, out of an export, and tells it. */
async function* withoutReport(chunks: AsyncIterable<Uint8Array>, output: Output): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true })
    // The line that is complete last stays back: it may be the report.
    const end = rest.lastIndexOf('\n', rest.length - 2)
    if (end < 0) continue
    yield rest.slice(0, end + 1)
    rest = rest.slice(end + 1)
  }
  const parsed = Report.safeParse(rest.trim() === '' ? null : JSON.parse(rest))
  if (!parsed.success)
    throw new AurenError('AUREN_INTERNAL', 'The export broke off before its end. Export again.', { retryable: true })
  const { dataPoints, leftOut } = parsed.data
  output.note(`${dataPoints.toLocaleString('en')} data points.`)
  for (const [what, count] of Object.entries(leftOut)) output.note(`Left out, no schema: ${count} × ${what}`)
}

/** Erases the person everywhere. */
export async function forgetMe(client: Client, output: Output, options: { yes?: boolean }): Promise<number> {
  if (!options.yes) {
    throw new AurenError(
      'AUREN_INPUT_INVALID',
      'This erases every measurement, memory and conversation, and destroys the key that backups need. Export first if you may want them (auren export -o file), then run: auren forget --yes',
    )
  }
  const receipt = await client.call<{ removed: Record<string, number> }>(
    'neuros',
    'DELETE',
    `/v1/me?confirm=${encodeURIComponent('erase everything')}`,
  )
  if (output.json) output.data(receipt)
  else
    output.print(table([['Erased', 'rows'], ...Object.entries(receipt.removed).map(([name, n]) => [name, String(n)])]))
  return 0
}
