import type { Instant, ObservationInput } from '@auren/core'

/** One file of an export: the file itself, or an entry of a zip. */
export interface Document {
  /** Path within the archive as it is written there, `/` between folders; the file's name where there is no archive. */
  path: string
  /** Bytes, unpacked. */
  size: number
  /** All of it. @throws AurenError AUREN_PAYLOAD_TOO_LARGE above 128 MiB */
  bytes(): Promise<Buffer>
}

/** What one part of an export is read with: a normalizer's context, and what the documents before it left behind. */
export interface PartContext {
  account: string
  receivedAt: Instant
  /** The person's zone at an instant, for times without one; null where unknown. */
  zoneAt(at: Instant): string | null
  /** Sets one item aside with its reason and goes on. */
  reject(item: unknown, reason: string, detail: string): void
  path: string
  /** JSON that documents leave for those after them (a profile's zone, say); kept over a crash. */
  shared: Record<string, unknown>
}

/** How the documents of one kind are read. Made by `csvPart`, `jsonPart` and `bytesPart`. */
export interface Part {
  /** Of documents within an archive. A file by itself may have any name where {@link looks} knows it. */
  path: RegExp
  /** Whether the first 64 KiB look like it; absent: the path alone tells. */
  looks?(head: string): boolean
  /** Read before all others: what they need to know. */
  first?: boolean
  /** A document of this kind is enough to recognise the export. @default true */
  tells?: boolean
  /** What is in it, piece by piece: a step of the import ends between two pieces. The pieces are the same each time. */
  read(document: Document, ctx: PartContext): AsyncIterable<ObservationInput[]>
}

/** An export of a vendor: what is read of it, and what is known and left out. */
export interface ExportSpec {
  plugin: string
  parts: readonly Part[]
  /** Left out knowingly: counted in the report with the reason. All else that nothing matches is counted as `unknown_file`. */
  ignored?: readonly { path: RegExp; why: string }[]
}

/** A row of a delimited file by column; names are lower-case, without blanks around them, single blanks inside. */
export type Row = Readonly<Record<string, string>>

/** A civil date and time without a zone, or with the offset that stood behind it (minutes). */
export interface CivilTime {
  /** `YYYY-MM-DDTHH:MM:SS.sss` */
  local: string
  offset: number | null
}

/** What a row is read with. */
export interface RowContext extends PartContext {
  /** A date and time as the document writes them; null where it is none. */
  time(text: string | undefined): CivilTime | null
  /** A number with point or comma; null where the field is empty or none. */
  number(text: string | undefined): number | null
  /** Line of the document, from 1. */
  line: number
  /** Rows above the header. */
  preamble: readonly (readonly string[])[]
}
