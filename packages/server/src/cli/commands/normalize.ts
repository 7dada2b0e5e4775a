import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import {
  AurenError,
  accept,
  type FileSource,
  type ImportStep,
  isAurenError,
  type MetricRegistry,
  type ObservationInput,
  type WearablePlugin,
} from '@auren/core'
import { readers } from '../../wearables.js'
import { readOptions } from '../options.js'
import { counted, type Output } from '../output.js'

/** What a payload is read as. */
export interface NormalizeOptions {
  /** Vendor's name of the account. */
  account: string
  /** IANA zone of times without one. */
  zone: string
  /** When it would have been received: `2024-05-01T08:00:00Z`. */
  received?: string
  /** File of what there is to say of it. */
  mapping?: string
}

const headBytes = 64 * 1024
/** Largest payload that is no export: webhook bodies and pages of an API are smaller by far. */
const mostBytes = 64 * 1024 * 1024
const lineLimit = 10_000

/**
 * Prints, as JSON lines, what a payload or an export becomes: observations in the catalogue's units, and what would be
 * set aside. Nothing is stored, and nobody is asked.
 * @param name the plugin; undefined: the one that recognises the file
 */
export async function normalizeFile(
  output: Output,
  name: string | undefined,
  path: string,
  options: NormalizeOptions,
): Promise<number> {
  const plugins = readers()
  const handle = await open(path, 'r').catch((cause) => {
    throw new AurenError('AUREN_NOT_FOUND', `There is no file ${path}.`, { cause })
  })
  try {
    const file = sourceOf(handle, basename(path), (await handle.stat()).size)
    const head = await file.read(0, Math.min(headBytes, file.size))
    const said = options.mapping === undefined ? undefined : await readOptions(options.mapping)
    const plugin =
      name === undefined && said === undefined ? await recognised(plugins, file, head) : named(plugins, name ?? 'csv')
    const print = printer(output, plugin, options)
    if (plugin.file && (await plugin.file.recognises(file.name, head, file, name !== undefined))) {
      const ctx = {
        ...print.context,
        cursor: null,
        signal: new AbortController().signal,
        ...(said === undefined ? {} : { options: said }),
      }
      for await (const step of plugin.file.read(file, ctx)) await print.step(step)
    } else await normalizePayloads(plugin, file, print)
    output.note(
      `${counted(print.counts.observations, 'observation')}, ${print.counts.aside} set aside, as ${plugin.id} reads it.`,
    )
    return 0
  } finally {
    await handle.close()
  }
}

function named(plugins: readonly WearablePlugin[], name: string): WearablePlugin {
  const plugin = plugins.find(({ id }) => id === name)
  if (plugin) return plugin
  const known = plugins.map(({ id }) => id).join(', ')
  throw new AurenError('AUREN_PLUGIN_UNKNOWN', `There is no wearable "${name}". These there are: ${known}.`)
}

async function recognised(
  plugins: readonly WearablePlugin[],
  file: FileSource,
  head: Uint8Array,
): Promise<WearablePlugin> {
  // Who must be told how to read a file would take anybody's.
  const inTurn = [...plugins].sort(
    (a, b) => Number(a.file?.options !== undefined) - Number(b.file?.options !== undefined),
  )
  for (const plugin of inTurn) if (await plugin.file?.recognises(file.name, head, file)) return plugin
  throw new AurenError(
    'AUREN_INPUT_INVALID',
    `The file was not recognised. Say whose it is: auren normalize <plugin> ${file.name}`,
  )
}

function sourceOf(handle: FileHandle, name: string, size: number): FileSource {
  return {
    name,
    size,
    async read(offset, length) {
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - offset)))
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset)
      return bytes.subarray(0, bytesRead)
    },
  }
}

interface Printer {
  context: { account: string; receivedAt: number; zoneAt(): string }
  counts: { observations: number; aside: number }
  step(step: Pick<ImportStep, 'observations' | 'rejected'>): Promise<void>
}

function printer(output: Output, plugin: WearablePlugin, { account, zone, received }: NormalizeOptions): Printer {
  const receivedAt = received === undefined ? Date.now() : Date.parse(received)
  if (!Number.isFinite(receivedAt))
    throw new AurenError('AUREN_INPUT_INVALID', '--received: not an instant such as 2024-05-01T08:00:00Z')
  const registry: MetricRegistry = plugin.metrics ?? {}
  const counts = { observations: 0, aside: 0 }
  return {
    context: { account, receivedAt, zoneAt: () => zone },
    counts,
    async step({ observations, rejected }) {
      const { accepted, aside } = accept(observations, { provider: plugin.id, account, receivedAt, registry })
      for (const observation of accepted) output.data(observation)
      for (const { item, reason, detail } of [...rejected, ...aside]) output.data({ aside: { reason, detail, item } })
      counts.observations += accepted.length
      counts.aside += rejected.length + aside.length
      // A pipe that is read slowly must not fill the memory.
      if (process.stdout.writableNeedDrain) await new Promise((resolve) => process.stdout.once('drain', resolve))
    },
  }
}

/** JSON, or a line of JSON each; a payload as the API gives it, or the body of a webhook. */
async function normalizePayloads(plugin: WearablePlugin, file: FileSource, print: Printer): Promise<void> {
  if (file.size > mostBytes)
    throw new AurenError('AUREN_PAYLOAD_TOO_LARGE', `${plugin.id} has no export like this, and no payload is so large.`)
  const text = new TextDecoder().decode(await file.read(0, file.size))
  for (const payload of documentsOf(text, plugin.id)) {
    for (const one of payloadsOf(plugin, payload, file.name, print.context)) {
      const rejected: ImportStep['rejected'] = []
      const ctx = {
        ...print.context,
        reject: (item: unknown, reason: string, detail: string) => rejected.push({ item, reason, detail }),
      }
      const observations: ObservationInput[] = [...plugin.normalize(one as never, ctx)]
      await print.step({ observations, rejected })
    }
  }
}

function documentsOf(text: string, plugin: string): unknown[] {
  try {
    return [JSON.parse(text)]
  } catch (cause) {
    const lines = text.split('\n', lineLimit + 1).filter((line) => line.trim() !== '')
    try {
      if (lines.length > 1 && lines.length <= lineLimit) return lines.map((line) => JSON.parse(line) as unknown)
    } catch {
      // Neither: the first failure says where.
    }
    throw new AurenError('AUREN_PAYLOAD_INVALID', `This is neither an export that ${plugin} reads nor JSON.`, { cause })
  }
}

function payloadsOf(
  plugin: WearablePlugin,
  document: unknown,
  name: string,
  { receivedAt, account }: { receivedAt: number; account: string },
): unknown[] {
  const parsed = plugin.payload.safeParse(document)
  if (parsed.success) return [parsed.data]
  const read = plugin.documents?.(document, name)
  if (read) return read
  try {
    const plans = plugin.webhook?.plan(document, { receivedAt, account }) ?? []
    const payloads = plans.flatMap(({ payload }) => (payload === undefined ? [] : [payload]))
    if (payloads.length > 0) return payloads
    if (plans.length > 0)
      throw new AurenError(
        'AUREN_INPUT_INVALID',
        `This is a notification of ${plugin.id}: it only names what is then fetched.`,
      )
  } catch (cause) {
    if (isAurenError(cause) && cause.code === 'AUREN_INPUT_INVALID') throw cause
  }
  const issues = parsed.error.issues.slice(0, 10).map(({ path, message }) => ({ path: path.join('.'), message }))
  throw new AurenError('AUREN_PAYLOAD_INVALID', `This is no payload of ${plugin.id}.`, { issues })
}
