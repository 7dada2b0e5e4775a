import { AurenError, type ObservationInput } from '@auren/core'
import { type CsvOptions, findHeader, readRows } from './csv.js'
import { textOf } from './documents.js'
import type { Part, PartContext, Row, RowContext } from './types.js'

/** Observations of one piece at most: a step of an import holds a few of them. */
const pieceSize = 2000

/** Delimited text with a header. */
export interface CsvPart extends CsvOptions {
  path: RegExp
  row(row: Row, ctx: RowContext): Iterable<ObservationInput>
  first?: boolean
  tells?: boolean
}

/** Delimited text: separators, quotes, byte order marks, decimal commas and lines above the header are met as they come. */
export function csvPart({ path, row, first = false, tells = true, ...options }: CsvPart): Part {
  return {
    path,
    first,
    tells,
    looks: (head) => findHeader(head, options) !== null,
    async *read(document, ctx) {
      const text = textOf(await document.bytes())
      const header = findHeader(text, options)
      if (!header) throw invalid('It has not the columns that it should have.')
      yield* pieces(readRows(text, header, options, ctx), ({ row: values, ...more }) =>
        row(values, { ...ctx, ...more }),
      )
    },
  }
}

/** JSON, handed over whole. */
export interface JsonPart {
  path: RegExp
  /** A look at its first 64 KiB, where the name alone does not tell. */
  looks?(head: string): boolean
  read(value: unknown, ctx: PartContext): Iterable<ObservationInput>
  first?: boolean
  tells?: boolean
}

/** A JSON document of an export. */
export function jsonPart({ path, looks, read, first = false, tells = true }: JsonPart): Part {
  return {
    path,
    first,
    tells,
    ...(looks ? { looks: (head: string) => /^\s*[[{]/.test(head) && looks(head) } : {}),
    async *read(document, ctx) {
      let value: unknown
      try {
        value = JSON.parse(textOf(await document.bytes()), withoutPrototype)
      } catch (cause) {
        throw invalid('It is not whole JSON.', cause)
      }
      yield* pieces([value], (all) => read(all, ctx))
    },
  }
}

/** Bytes, handed over whole. */
export interface BytesPart {
  path: RegExp
  looks?(head: string): boolean
  read(bytes: Buffer, ctx: PartContext): Iterable<ObservationInput> | AsyncIterable<ObservationInput>
  first?: boolean
  tells?: boolean
}

/** A binary document of an export. */
export function bytesPart({ path, looks, read, first = false, tells = true }: BytesPart): Part {
  return {
    path,
    first,
    tells,
    ...(looks ? { looks } : {}),
    async *read(document, ctx) {
      yield* pieces([await document.bytes()], (bytes) => read(bytes, ctx))
    },
  }
}

/** What many items become, in pieces. */
async function* pieces<T>(
  items: Iterable<T> | AsyncIterable<T>,
  read: (item: T) => Iterable<ObservationInput> | AsyncIterable<ObservationInput>,
): AsyncGenerator<ObservationInput[]> {
  let piece: ObservationInput[] = []
  let damage: { cause: unknown } | null = null
  try {
    for await (const item of items) {
      for await (const observation of read(item)) {
        piece.push(observation)
        if (piece.length < pieceSize) continue
        yield piece
        piece = []
      }
    }
  } catch (cause) {
    damage = { cause }
  }
  yield piece
  // What came before the damage is imported.
  if (damage) throw damage.cause
}

function invalid(message: string, cause?: unknown): AurenError {
  return new AurenError('AUREN_PAYLOAD_INVALID', message, { cause })
}

function withoutPrototype(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value
}
