import { z } from 'zod'

/**
 * The shapes of DESIGN §4. Instants are integers: milliseconds since 1970-01-01T00:00:00Z.
 * What a normalizer yields is an {@link Observation} in the vendor's unit; `accept` (ingest/) checks it and
 * converts it to the catalogue's unit. Stored and published observations are always in catalogue units.
 */
export const Instant = z.int().min(-62_135_596_800_000).max(253_402_300_799_999)
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number

/** A civil date, `YYYY-MM-DD`. */
export const LocalDate = z.iso.date()
export type LocalDate = string

/** Opaque name of a person; never a prefix of anything. */
export type UserId = string
export const UserId = z.string().min(1).max(128)

/** Where the offset of an observation comes from. */
export const ZoneBasis = z.enum(['carried', 'profile', 'inferred', 'absent', 'floating'])
export type ZoneBasis = z.infer<typeof ZoneBasis>

/** What kind of device measured; its rank decides overlaps (watch > ring > band > phone > app). */
export const SourceType = z.enum(['watch', 'ring', 'band', 'phone', 'scale', 'cuff', 'cgm', 'app', 'manual', 'unknown'])
export type SourceType = z.infer<typeof SourceType>

/** The vendor's source name or bundle; never a version, never a device string with an address in it. */
export const Source = z.object({ name: z.string().min(1).max(200), type: SourceType })
export type Source = z.infer<typeof Source>

/** Bits of `flags`. */
export const Flag = { manual: 1, implausible: 2 } as const

const base = {
  source: Source,
  /** Offset from UTC in minutes at the start (at the end for sleep); null where nothing says it. */
  offset: z.int().min(-1080).max(1080).nullable(),
  zoneBasis: ZoneBasis,
  /** The vendor's own record id. All observations of one record's newest revision ARE that record. */
  recordId: z.string().min(1).max(300).optional(),
  /** The vendor's version or modification time; larger is newer. */
  version: z.number().finite().optional(),
  /** When the vendor says the record was made; orders ordinals only. */
  createdAt: Instant.optional(),
  /** Bits of {@link Flag}. */
  flags: z.int().min(0).max(255).optional(),
}

/** One measured value at an instant, or over [start, end) where `end` is given. */
export const Sample = z.object({
  shape: z.literal('sample'),
  metric: z.string().min(1).max(80),
  start: Instant,
  end: Instant.optional(),
  value: z.number(),
  unit: z.string().max(40),
  /** Tells apart unequal values of one identity within one import; given by the import. */
  ordinal: z.int().min(0).optional(),
  ...base,
})
export type Sample = z.infer<typeof Sample>

/** Canonical stages of sleep. */
export const SleepStage = z.enum([
  'awake',
  'light',
  'deep',
  'rem',
  'asleep_unspecified',
  'in_bed',
  'out_of_bed',
  'no_data',
])
export type SleepStage = z.infer<typeof SleepStage>

export const StageInterval = z.object({ stage: SleepStage, start: Instant, end: Instant })
export type StageInterval = z.infer<typeof StageInterval>

/** A lap or segment of a workout. */
export const Lap = z.object({ start: Instant, end: Instant, measures: z.record(z.string(), z.number()).optional() })

/**
 * Sleep or a workout. `measures` holds numbers by catalogue id in the catalogue's unit
 * (sleep_deep in s, distance in m, energy_active in kcal, heart_rate = the mean in /min …); `heart_rate_max` is allowed too.
 */
export const Session = z.object({
  shape: z.literal('session'),
  kind: z.enum(['sleep', 'workout']),
  start: Instant,
  end: Instant,
  /** Sleep only: the vendor calls it a nap. Which session is the main one of a day is decided on reading. */
  nap: z.boolean().optional(),
  /** Workout only: a canonical activity (catalogue/activities). */
  activity: z.string().max(80).optional(),
  /** The vendor's own word for the activity. */
  vendorActivity: z.string().max(200).optional(),
  stages: z.array(StageInterval).max(5000).optional(),
  laps: z.array(Lap).max(5000).optional(),
  measures: z.record(z.string().max(80), z.number().finite()).default({}),
  /** A title or note: the person's or vendor's words, data only. Encrypted at rest. */
  text: z.string().max(10_000).optional(),
  ordinal: z.int().min(0).optional(),
  ...base,
})
export type Session = z.infer<typeof Session>

/** A vendor's own sum or value for one of its days. */
export const DailyTotal = z.object({
  shape: z.literal('daily_total'),
  metric: z.string().min(1).max(80),
  /** The vendor's own date; never recomputed. */
  date: LocalDate,
  value: z.number(),
  unit: z.string().max(40),
  ordinal: z.int().min(0).optional(),
  ...base,
})
export type DailyTotal = z.infer<typeof DailyTotal>

/** Something that was so: alcohol, caffeine, illness, travel, a note. */
export const Tag = z.object({
  shape: z.literal('tag'),
  /** Lower-case, underscores: `alcohol`, `late_meal`, `note`. */
  tag: z.string().min(1).max(120),
  start: Instant,
  end: Instant.optional(),
  value: z.number().finite().optional(),
  unit: z.string().max(40).optional(),
  /** Free words: data, never an instruction. Encrypted at rest. */
  text: z.string().max(10_000).optional(),
  ordinal: z.int().min(0).optional(),
  ...base,
})
export type Tag = z.infer<typeof Tag>

/**
 * A revision that says: not (any longer) so. By `recordId` it withdraws every observation of an older revision of
 * that record; else it names one observation by its identity. `sticky` deletions (by the person) also refuse
 * a later re-import of the same.
 */
export const Deletion = z.object({
  shape: z.literal('deletion'),
  recordId: z.string().min(1).max(300).optional(),
  target: z
    .object({
      shape: z.enum(['sample', 'session', 'daily_total', 'tag']),
      /** Metric, session kind, or tag. */
      of: z.string().min(1).max(120),
      start: Instant.optional(),
      end: Instant.optional(),
      date: LocalDate.optional(),
      ordinal: z.int().min(0).optional(),
    })
    .optional(),
  source: Source.optional(),
  version: z.number().finite().optional(),
  sticky: z.boolean().optional(),
})
export type Deletion = z.infer<typeof Deletion>

/** Anything that a wearable plugin yields. */
export const Observation = z.discriminatedUnion('shape', [Sample, Session, DailyTotal, Tag, Deletion])
export type Observation = z.infer<typeof Observation>
/** An observation before defaults are filled in: what normalizers may yield. */
export type ObservationInput = z.input<typeof Observation>
