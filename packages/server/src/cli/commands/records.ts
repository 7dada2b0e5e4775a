import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as WebStream } from 'node:stream/web'
import {
  AurenError,
  type ConsolidationReport,
  exportFormats,
  type ForgetReport,
  type QuarantineItem,
} from '@auren/core'
import { z } from 'zod'
import type { Client } from '../client.js'
import { type Output, table } from '../output.js'

const Report = z.object({
  type: z.literal('auren'),
  dataPoints: z.int(),
  leftOut: z.record(z.string(), z.int()),
})

const day = (at: number | null): string => (at === null ? '–' : new Date(at).toISOString().slice(0, 10))
const short = (text: string, length = 80): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text)

/** Builds what changed of weeks, months, years, baselines and chapters now. */
export async function consolidate(client: Client, output: Output): Promise<number> {
  const report = await client.call<ConsolidationReport>('neuros', 'POST', '/v1/consolidations')
  if (output.json) output.data(report)
  else {
    const { ladder, written, retired, refused } = report
    const computed = Object.entries(ladder.computed).map(([rung, n]) => `${n} ${rung}s`)
    output.print(`Computed ${computed.join(', ')}; ${ladder.written} came out new or different.`)
    output.print(`${written} conclusions are new or different, ${retired} no longer hold.`)
    for (const { detector, reason } of refused) output.note(`Nothing was taken of ${detector}: ${reason}`)
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

/** What to forget of a person, as it is said on the command line. */
export interface ForgetOptions {
  yes?: boolean
  dryRun?: boolean
  metric?: string[]
  kind?: string[]
  from?: string
  to?: string
  source?: string
  text?: string
}

/** Forgets what is named, or tells what that would be; where nothing is named, everything. */
export async function forget(client: Client, output: Output, options: ForgetOptions): Promise<number> {
  const { yes, dryRun = false, metric, kind, from, to, source, text } = options
  const named = { metrics: metric, kinds: kind, from, to, source, text }
  if (Object.values(named).every((value) => value === undefined)) {
    if (dryRun)
      throw new AurenError('AUREN_INPUT_INVALID', 'Say what to forget, for example: --metric weight --dry-run')
    return forgetMe(client, output, options)
  }
  const report = await client.call<ForgetReport>('neuros', 'POST', '/v1/forget', {
    ...named,
    dryRun: dryRun || yes !== true,
  })
  if (output.json) output.data(report)
  else {
    const rows = [
      ...report.observations.map(({ shape, of, count }) => [String(count), `${of} (${shape.replace('_', ' ')})`]),
      ...report.memories.map(({ kind: of, count }) => [String(count), `memories: ${of}`]),
      ...(report.conclusions > 0 ? [[String(report.conclusions), 'conclusions from it']] : []),
      ...(report.conversations > 0 ? [[String(report.conversations), 'conversations that quote it, as a whole']] : []),
    ]
    if (rows.length === 0) output.print('There is nothing like that.')
    else output.print(table([[report.dryRun ? 'Would go' : 'Forgotten', ''], ...rows]))
    if (report.dryRun && rows.length > 0 && !dryRun)
      output.note('Nothing was forgotten yet: it cannot be taken back. Add --yes to do it.')
  }
  return 0
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
