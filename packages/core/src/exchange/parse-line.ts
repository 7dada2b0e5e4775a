import { z } from 'zod'
import type { Evidence } from '../memory/ports.js'
import { Instant, LocalDate, UserId } from '../observation/schema.js'
import { EXPORT_VERSION } from './lines.js'

/** Most bytes of a line that are read: a night of 5,000 stages has half of one. */
export const LINE_MAX_BYTES = 4 * 1024 * 1024
/** Longest text of a memory or a turn. */
const TEXT = z.string().max(100_000)
const ID = z.string().min(1).max(300)

/** The first line. */
export const ExportHead = z.object({
  type: z.literal('auren'),
  v: z.int().min(1),
  user: UserId,
  at: Instant,
})
export type ExportHead = z.infer<typeof ExportHead>

/** Where something stored came from, and when it was said first and last. */
export const Stamps = z.object({
  provider: z.string().min(1).max(80),
  account: z.string().max(300).optional(),
  receivedAt: Instant,
  lastReceivedAt: Instant.optional(),
  rawRef: z.string().max(200),
})
export type Stamps = z.infer<typeof Stamps>

const Marks = z.object({
  provider: Stamps.shape.provider,
  account: z.string().max(300),
  recordId: ID,
  marks: z
    .array(
      z.object({
        version: z.number().finite().nullable(),
        at: Instant,
        gone: z.union([z.literal(0), z.literal(1), z.literal(2)]),
      }),
    )
    .max(10_000),
})

const ProfileOf = z.object({
  zones: z
    .array(z.object({ from: Instant, zone: z.string().min(1).max(60) }))
    .max(1000)
    .optional(),
  birthDate: LocalDate.optional(),
  sex: z.enum(['female', 'male', 'other']).optional(),
  locale: z.string().max(40).optional(),
  units: z.enum(['metric', 'imperial']).optional(),
  restingHeartRate: z.number().positive().max(300).optional(),
  maximalHeartRate: z.number().positive().max(300).optional(),
  ranks: z.record(z.string().max(80), z.array(z.string().max(300)).max(200)).optional(),
})

const EvidenceOf = z.strictObject({
  ref: z.string().max(1000),
  origin: z.enum(['self', 'measured', 'record', 'memory']),
  at: Instant,
  for: z.number().min(0),
  against: z.number().min(0),
})

const Memory = z.object({
  id: ID,
  kind: z.enum([
    'baseline',
    'pattern',
    'episode',
    'hypothesis',
    'goal',
    'experiment',
    'preference',
    'safety',
    'tag',
    'note',
    'contradiction',
  ]),
  validFrom: Instant,
  validTo: Instant.nullable(),
  recordedAt: Instant,
  supersededAt: Instant.nullable(),
  origin: z.enum(['self', 'derived', 'record']),
  algorithm: z.string().max(200).nullable(),
  derivedFrom: z.array(ID).max(10_000),
  about: z.array(ID).max(1000),
  text: TEXT,
  body: z.record(z.string(), z.unknown()),
  status: z.enum(['drafted', 'active', 'weakening', 'retired']),
  confidence: z.number().min(0).max(1).nullable(),
  // As it stands, in its own order: two versions of a record are told apart by that.
  evidence: z.array(z.custom<Evidence>((given) => EvidenceOf.safeParse(given).success, 'no evidence')).optional(),
  pinned: z.boolean(),
})

const TurnOf = z.object({
  id: ID,
  thread: ID,
  role: z.enum(['person', 'neuros']),
  text: TEXT,
  facts: z.array(z.unknown()).max(1000),
  at: Instant,
})

const ConsentOf = z.object({
  purpose: z.enum(['answer', 'display', 'consolidate', 'export', 'model', 'operate']),
  kind: z.string().min(1).max(80),
  granted: z.boolean(),
  version: z.string().max(80),
  at: Instant,
})

const Line = z.discriminatedUnion('type', [
  z.object({ type: z.literal('profile'), profile: ProfileOf }),
  z.object({ type: z.literal('consent'), item: ConsentOf }),
  z.object({ type: z.literal('token'), item: z.unknown() }),
  z.object({ type: z.literal('record'), item: Marks }),
  z.object({ type: z.enum(['observation', 'revision']), item: z.looseObject(Stamps.shape) }),
  z.object({ type: z.literal('memory'), item: Memory }),
  z.object({ type: z.literal('turn'), item: TurnOf }),
  z.object({ type: z.literal('withheld'), item: z.unknown() }),
  z.object({ type: z.literal('end'), lines: z.int().min(0) }),
])
/** A line after the first, checked; an observation's own fields are checked where it is accepted. */
export type ReadLine = z.infer<typeof Line>

/** Whether a file begins as an export of AUREN does. */
export function beginsExport(head: Uint8Array): boolean {
  return /^\ufeff?\{"type":"auren","v":\d+,/.test(Buffer.from(head.subarray(0, 64)).toString('utf8'))
}

/** Whether an export of this version can be read. */
export function isReadable({ v }: ExportHead): boolean {
  return v <= EXPORT_VERSION
}

/** Reads a line; where it is none, says why, without anything of what it holds. */
export function parseLine(text: string): ReadLine | { wrong: string } {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { wrong: 'the line is not JSON' }
  }
  const parsed = Line.safeParse(json)
  if (parsed.success) return parsed.data
  const said = parsed.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.')}: ${message}`)
  return { wrong: said.join('; ') }
}
