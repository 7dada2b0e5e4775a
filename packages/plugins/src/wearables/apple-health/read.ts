import { AurenError, type FileSource, type ImportStep, isAurenError, type ObservationInput } from '@auren/core'
import { z } from 'zod'
import type { ZipLimits } from '../../files/zip.js'
import { openExport } from './archive.js'
import { instantOf } from './dates.js'
import { createElementReader, type ElementState } from './elements.js'
import { createFrame, type Frame } from './xml/frame.js'
import { createElementParser } from './xml/parse.js'
import { createProlog, notAnExport } from './xml/prolog.js'

/** Limits of one import. */
export interface ReadLimits extends ZipLimits {
  /** Milliseconds that one call of `read` may take; the import goes on from its cursor when it is tried again. */
  ms: number
}

const chunkBytes = 128 * 1024
const stepBytes = 1024 * 1024
const stepObservations = 2000

const Segment = z.tuple([
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  z.number().nullable(),
  z.literal([0, 1]),
  z.literal([0, 1]),
])
/** Where to go on: `offset` is the byte of the XML behind the last element read; the rest is what reading remembers. */
const Cursor = z.object({
  v: z.literal(1),
  done: z.boolean(),
  offset: z.int().min(0),
  entry: z.int().min(0).nullable(),
  state: z.custom<ElementState>((value) => ElementShape.safeParse(value).success),
})
const ElementShape = z.object({
  elements: z.int().min(0),
  exportDate: z.string().nullable(),
  damaged: z.boolean().optional(),
  counts: z.array(z.tuple([z.string(), z.string(), z.int()])),
  nights: z.array(
    z.object({
      source: z.string(),
      type: z.string(),
      start: z.number(),
      end: z.number(),
      segments: z.array(Segment),
      touched: z.number(),
    }),
  ),
})
type Cursor = z.infer<typeof Cursor>

/** The XML of an export, packed or not, from an offset on. */
interface XmlSource {
  entry: number | null
  size: number
  others: [string, number][]
  chunks(from: number): AsyncGenerator<Buffer>
  close(): void
}

/**
 * Reads an export step by step at constant memory. What could be read of a truncated or damaged file is kept, and the
 * last step says where it ended.
 * @throws AurenError AUREN_PAYLOAD_INVALID (no export), AUREN_PAYLOAD_TOO_LARGE (a bomb), AUREN_ABORTED, AUREN_TIMEOUT
 */
export async function* readExport(
  file: FileSource,
  ctx: { cursor: unknown; signal: AbortSignal },
  limits: ReadLimits,
): AsyncGenerator<ImportStep> {
  const cursor = parseCursor(ctx.cursor)
  if (cursor?.done) return
  const deadline = performance.now() + limits.ms
  const source = await openXml(file, limits, cursor?.entry ?? null)
  try {
    yield* steps(source, cursor, () => {
      if (ctx.signal.aborted)
        throw new AurenError('AUREN_ABORTED', 'The import was stopped.', { plugin: 'apple-health' })
      if (performance.now() > deadline)
        throw new AurenError('AUREN_TIMEOUT', 'The import took too long; it goes on when it is tried again.', {
          plugin: 'apple-health',
        })
    })
  } finally {
    source.close()
  }
}

async function* steps(source: XmlSource, cursor: Cursor | null, check: () => void): AsyncGenerator<ImportStep> {
  let observations: ObservationInput[] = []
  let rejected: ImportStep['rejected'] = []
  const reader = createElementReader(
    (observation) => observations.push(observation),
    (item, reason, detail) => rejected.push({ item, reason, detail }),
    cursor?.state,
  )
  const parser = await createElementParser(reader)
  const prolog = createProlog()
  let frame: Frame | null = cursor === null ? null : createFrame(parser, cursor.offset)
  let stepped = cursor?.offset ?? 0

  const step = (done: boolean): ImportStep => {
    const offset = frame?.boundary() ?? 0
    const made: ImportStep = {
      observations,
      rejected,
      cursor: { v: 1, done, offset, entry: source.entry, state: reader.state() } satisfies Cursor,
      progress: { bytes: done ? source.size : offset, total: source.size },
    }
    observations = []
    rejected = []
    stepped = offset
    return made
  }

  let damage: AurenError | null = null
  try {
    for await (const chunk of source.chunks(stepped)) {
      check()
      if (frame === null) {
        const begun = prolog.push(chunk)
        if (begun === null) continue
        frame = createFrame(parser, begun.offset)
        frame.push(begun.rest)
      } else frame.push(chunk)
      if (observations.length >= stepObservations || frame.boundary() - stepped >= stepBytes) yield step(false)
    }
  } catch (error) {
    // Damage in the archive: what came before it is kept. Everything else (stopped, unreadable store) is not the file's.
    if (frame === null || !isAurenError(error) || error.code !== 'AUREN_PAYLOAD_INVALID') throw error
    damage = error
  }
  if (frame === null) throw notAnExport()
  const offset = frame.boundary()
  if (damage !== null) rejected.push(broken('archive_damaged', offset, source, damage.message))
  else if (!frame.closed())
    rejected.push(broken('truncated', offset, source, 'The file ends in the middle. What came before is imported.'))
  for (const [extension, n] of source.others)
    rejected.push({
      item: { name: extension, count: n },
      reason: 'ignored',
      detail: `${n} files ${extension} in the zip are not read.`,
    })
  reader.finish()
  const { exportDate, damaged } = reader.state()
  const whole = damage === null && frame.closed() && damaged !== true
  yield { ...step(true), ...(whole ? { complete: spanUntil(exportDate) } : {}) }
}

/** An export holds all there was when it was made; without that date, all until its latest records. */
function spanUntil(exportDate: string | null): NonNullable<ImportStep['complete']> {
  const to = exportDate === null ? Number.NaN : instantOf(exportDate)
  return Number.isNaN(to) ? {} : { to }
}

function broken(reason: string, offset: number, source: XmlSource, message: string): ImportStep['rejected'][number] {
  const detail = `${message} Read up to byte ${offset} of ${source.size}. Export and import again: nothing counts twice.`
  return { item: { offset, size: source.size }, reason, detail }
}

function parseCursor(cursor: unknown): Cursor | null {
  if (cursor === null || cursor === undefined) return null
  const parsed = Cursor.safeParse(cursor)
  if (parsed.success) return parsed.data
  throw new AurenError('AUREN_INPUT_INVALID', 'The cursor is not one of this plugin: begin the import afresh.', {
    plugin: 'apple-health',
    cause: parsed.error,
  })
}

async function openXml(file: FileSource, limits: ReadLimits, entry: number | null): Promise<XmlSource> {
  const head = await file.read(0, Math.min(4, file.size))
  if (head[0] === 0x50 && head[1] === 0x4b) {
    const zip = await openExport(file, limits, entry)
    return { ...zip, chunks: (from) => gather(zip.chunks(), from) }
  }
  if (file.size > limits.entryBytes)
    throw new AurenError('AUREN_PAYLOAD_TOO_LARGE', 'The XML is larger than its limit.', { plugin: 'apple-health' })
  return { entry: null, size: file.size, others: [], chunks: (from) => plainChunks(file, from), close: () => {} }
}

async function* plainChunks(file: FileSource, from: number): AsyncGenerator<Buffer> {
  for (let offset = from; offset < file.size; ) {
    const bytes = await file.read(offset, Math.min(chunkBytes, file.size - offset))
    if (bytes.length === 0) return
    offset += bytes.length
    // A copy: the frame blanks out bytes, and these may be the store's.
    yield Buffer.from(bytes)
  }
}

/** Leaves out the first `from` bytes (there is no other way into packed data) and gathers small chunks. */
async function* gather(chunks: AsyncIterable<Buffer>, from: number): AsyncGenerator<Buffer> {
  let skip = from
  let held: Buffer[] = []
  let size = 0
  let failure: { cause: unknown } | null = null
  try {
    for await (const chunk of chunks) {
      const kept = skip > 0 ? chunk.subarray(Math.min(skip, chunk.length)) : chunk
      skip -= chunk.length - kept.length
      held.push(kept)
      size += kept.length
      if (size < chunkBytes) continue
      yield Buffer.concat(held)
      held = []
      size = 0
    }
  } catch (cause) {
    failure = { cause }
  }
  // What came before the damage is whole.
  if (size > 0) yield Buffer.concat(held)
  if (failure) throw failure.cause
}
