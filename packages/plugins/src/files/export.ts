import {
  AurenError,
  type FileContext,
  type FileSource,
  type ImportStep,
  isAurenError,
  type WearablePlugin,
} from '@auren/core'
import { z } from 'zod'
import { type Documents, type Listed, openDocuments, textOf } from './documents.js'
import type { ExportSpec, Part, PartContext } from './types.js'
import { isZip } from './zip.js'

/** Documents of an archive whose beginnings are looked at to recognise it. */
const mostLooks = 40
const stepObservations = 2000
const mostNamed = 50

/** Where to go on: before this piece of this document, with what the documents before it have left. */
const Cursor = z.object({
  v: z.literal(1),
  done: z.boolean(),
  document: z.int().min(0),
  piece: z.int().min(0),
  shared: z.record(z.string(), z.unknown()),
})
type Cursor = z.infer<typeof Cursor>

/** The documents of files that were looked at: each plugin is asked whether it knows them. */
const looked = new WeakMap<FileSource, Promise<Documents>>()

/** Reads an export: which of its documents are read how. It is known by what is in it, and reading goes on at a cursor. */
export function exportReader(spec: ExportSpec): NonNullable<WearablePlugin['file']> {
  return {
    recognises: (name, head, file, named) => recognises(spec, name, head, file, named),
    read: (file, ctx) => readExport(spec, file, ctx),
  }
}

async function recognises(
  spec: ExportSpec,
  name: string,
  head: Uint8Array,
  file: FileSource,
  named = false,
): Promise<boolean> {
  // Where the person has said whose file it is, what many have in the same columns is enough under its own name.
  const telling = named ? spec.parts : spec.parts.filter(({ tells }) => tells !== false)
  if (!isZip(head)) {
    const text = textOf(Buffer.from(head))
    return telling.some((part) => fits(part, name, text))
  }
  let documents = looked.get(file)
  if (!documents) {
    documents = openDocuments(file, spec.plugin)
    documents.catch(() => undefined)
    looked.set(file, documents)
  }
  let looks = 0
  try {
    for (const document of (await documents).list) {
      for (const part of telling) {
        if (!part.path.test(document.path)) continue
        if (!part.looks) return true
        if (looks++ < mostLooks && part.looks(await document.head())) return true
      }
    }
    return false
  } catch {
    // What it is wrong with a damaged archive is said by whoever reads it.
    return false
  }
}

/** A file by itself may have been given any name; what others have too is known by its own only. */
function fits({ path, looks, tells }: Part, name: string, head: string): boolean {
  if (!looks || tells === false) return path.test(name) && (looks?.(head) ?? true)
  return looks(head)
}

/** Of several parts that a file by itself could be, the one whose name it bears. */
function partOf(parts: readonly Part[], name: string, head: string): Part | undefined {
  const able = parts.filter((part) => fits(part, name, head))
  return able.find(({ path }) => path.test(name)) ?? able[0]
}

interface Planned {
  document: Listed
  part: Part
}

async function* readExport(spec: ExportSpec, file: FileSource, ctx: FileContext): AsyncGenerator<ImportStep> {
  const begun = cursorOf(ctx.cursor, spec.plugin)
  if (begun?.done) return
  const documents = await openDocuments(file, spec.plugin)
  try {
    const { plan, left } = await planOf(spec, documents)
    if (plan.length === 0)
      throw new AurenError('AUREN_PAYLOAD_INVALID', `Nothing in this file is what ${spec.plugin} exports.`, {
        plugin: spec.plugin,
      })
    yield* steps(spec, plan, left, begun, ctx)
  } finally {
    documents.close()
  }
}

/** What is read, in order, and what is left out. */
async function planOf(
  { parts, ignored = [] }: ExportSpec,
  { list }: Documents,
): Promise<{ plan: Planned[]; left: ImportStep['rejected'] }> {
  const plan: Planned[] = []
  const others = new Map<string, { count: number; reason: string; detail: string }>()
  const leave = (name: string, reason: string, detail: string): void => {
    const held = others.get(name) ?? { count: 0, reason, detail }
    held.count++
    if (others.has(name) || others.size < mostNamed) others.set(name, held)
  }
  for (const document of list) {
    const candidates = list.length === 1 ? parts : parts.filter(({ path }) => path.test(document.path))
    const head = candidates.some(({ looks }) => looks) ? await document.head() : ''
    const part =
      list.length === 1 ? partOf(candidates, document.path, head) : candidates.find((one) => one.looks?.(head) ?? true)
    const rule = ignored.find(({ path }) => path.test(document.path))
    if (part) plan.push({ document, part })
    else if (rule) leave(rule.why, 'ignored', rule.why)
    else {
      const folder = document.path.split('/').slice(0, -1).join('/').slice(-60)
      const kind = /\.[a-z0-9]{1,8}$/i.exec(document.path)?.[0].toLowerCase() ?? 'no extension'
      leave(`${folder} ${kind}`, 'unknown_file', `Files (${kind}) in "${folder}" are not known.`)
    }
  }
  plan.sort((a, b) => Number(b.part.first ?? false) - Number(a.part.first ?? false))
  return {
    plan,
    left: [...others.values()].map(({ count, reason, detail }) => ({
      item: { count },
      reason,
      detail: `${count} × ${detail}`,
    })),
  }
}

async function* steps(
  spec: ExportSpec,
  plan: readonly Planned[],
  left: ImportStep['rejected'],
  begun: Cursor | null,
  { account, receivedAt, zoneAt, signal }: FileContext,
): AsyncGenerator<ImportStep> {
  const total = plan.reduce((sum, { document }) => sum + document.size, 0)
  let shared = begun?.shared ?? {}
  let observations: ImportStep['observations'] = []
  let rejected: ImportStep['rejected'] = []
  const bytesBefore = (index: number): number =>
    plan.slice(0, index).reduce((sum, { document }) => sum + document.size, 0)
  const step = (cursor: Omit<Cursor, 'v'>): ImportStep => {
    const made: ImportStep = {
      observations,
      rejected,
      cursor: structuredClone({ v: 1, ...cursor }),
      progress: { bytes: cursor.done ? total : bytesBefore(cursor.document), total },
    }
    observations = []
    rejected = []
    return made
  }

  for (let index = begun?.document ?? 0; index < plan.length; index++) {
    const { document, part } = plan[index] as Planned
    /** Pieces that an earlier attempt has committed: read again for what they leave behind, and not handed on. */
    const done = index === begun?.document ? begun.piece : 0
    const before = structuredClone(shared)
    let piece = 0
    const ctx: PartContext = {
      account,
      receivedAt,
      zoneAt,
      path: document.path,
      shared: structuredClone(before),
      reject: (item, reason, detail) => {
        if (piece >= done) rejected.push({ item, reason, detail })
      },
    }
    try {
      for await (const found of part.read(document, ctx)) {
        if (signal.aborted) throw new AurenError('AUREN_ABORTED', 'The import was stopped.', { plugin: spec.plugin })
        if (piece++ < done) continue
        observations.push(...found)
        if (observations.length >= stepObservations) yield step({ done: false, document: index, piece, shared: before })
      }
    } catch (cause) {
      const [reason, why] = damageOf(cause)
      rejected.push({
        item: { path: document.path.slice(0, 300) },
        reason,
        detail: `${document.path.slice(0, 100)}: ${why} What came before it is imported.`,
      })
    }
    shared = ctx.shared
    if (observations.length + rejected.length >= stepObservations)
      yield step({ done: false, document: index + 1, piece: 0, shared })
  }
  rejected.push(...left)
  yield step({ done: true, document: plan.length, piece: 0, shared })
}

/**
 * What is wrong with one document: the next may be sound. What is wrong with us or the store ends the reading.
 * @throws the cause, where it is not the document's
 */
function damageOf(cause: unknown): [reason: string, why: string] {
  if (isAurenError(cause) && (cause.code === 'AUREN_PAYLOAD_INVALID' || cause.code === 'AUREN_PAYLOAD_TOO_LARGE'))
    return ['document_damaged', cause.message]
  // A reader that stumbles over a value of a kind that it did not expect.
  if (cause instanceof TypeError || cause instanceof RangeError || cause instanceof z.ZodError)
    return ['normalizer_failed', 'It holds something that is not understood.']
  throw cause
}

function cursorOf(cursor: unknown, plugin: string): Cursor | null {
  if (cursor === null || cursor === undefined) return null
  const parsed = Cursor.safeParse(cursor)
  if (parsed.success) return parsed.data
  throw new AurenError('AUREN_INPUT_INVALID', 'The cursor is not one of this plugin: begin the import afresh.', {
    plugin,
    cause: parsed.error,
  })
}
