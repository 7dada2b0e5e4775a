import { type MetricInfo, type MetricRegistry, metric } from '../catalogue/index.js'
import { convertTo } from '../catalogue/units.js'
import { isAurenError } from '../errors.js'
import {
  type DailyTotal,
  Flag,
  type Instant,
  Observation,
  type ObservationInput,
  type Sample,
  type Session,
  type Source,
  SourceType,
  ZoneBasis,
} from '../observation/schema.js'

/** What is checked against. */
export interface AcceptContext {
  provider: string
  account: string
  receivedAt: Instant
  registry?: MetricRegistry
}

/** Why something is set aside: a check's name, and what was wrong without any value of it. */
export interface Refusal {
  /** `schema`, `not_finite`, `unknown_metric`, `unknown_unit`, `hard_range`, `order` or `future`. */
  reason: string
  detail: string
  /** Where it is a session, and nothing else is wrong with it: the measures that are impossible. Without them it stands. */
  measures?: string[]
}

/** A day ahead of the receipt at most: clocks are wrong by hours, not by days. */
const FUTURE_MS = 24 * 3_600_000
const DAY_MS = 24 * 3_600_000
const MINUTE_MS = 60_000
/** Farthest east of UTC that a date can begin. */
const EAST_MS = 14 * 3_600_000
/** The catalogue's note: per minute, not per day. */
const mostPerMinute: Readonly<Record<string, number>> = { steps: 300 }
/** Longest words kept; the raw delivery has the rest. */
const TEXT_LENGTH = 10_000
const NAME_LENGTH = 200

/** Checks one observation and converts it into the catalogue's unit. */
export function check(input: unknown, ctx: AcceptContext): Observation | Refusal {
  const sample = readSample(input)
  if (sample) return checkSample(sample, ctx)
  const parsed = Observation.safeParse(mend(input))
  if (!parsed.success) return refusalOf(input, parsed.error.issues)
  const observation = parsed.data
  switch (observation.shape) {
    case 'sample':
      return checkSample(observation, ctx)
    case 'daily_total':
      return checkTotal(observation, ctx)
    case 'session':
      return checkSession(observation, ctx)
    case 'tag':
      return checkTimes(observation, ctx) ?? observation
    case 'deletion':
      return observation.recordId || (observation.target && observation.source)
        ? observation
        : { reason: 'schema', detail: 'a deletion names neither a record nor an observation' }
  }
}

/** True where {@link check} refused. */
export function isRefusal(checked: Observation | Refusal): checked is Refusal {
  return 'reason' in checked
}

/** A session without those of its measures that are impossible. */
export function withoutMeasures(session: ObservationInput, measures: readonly string[]): unknown {
  const held = (session as Session).measures
  return { ...session, measures: Object.fromEntries(Object.entries(held).filter(([name]) => !measures.includes(name))) }
}

const times: ReadonlySet<unknown> = new Set(['start', 'end', 'createdAt'])
const NO_TIME = 'no time that can be read: ISO 8601 with its offset, or milliseconds since 1970'

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (held, name) => (held as { [name: PropertyKey]: unknown } | null | undefined)?.[name],
    input,
  )
}

function refusalOf(input: unknown, issues: readonly { path: PropertyKey[]; message: string }[]): Refusal {
  const value = typeof input === 'object' && input !== null ? (input as { value?: unknown }).value : undefined
  const detail = issues
    .slice(0, 5)
    .map(({ path, message }) => {
      const isWord = times.has(path.at(-1)) && typeof valueAt(input, path) === 'string'
      return `${path.join('.')}: ${isWord ? NO_TIME : message}`
    })
    .join('; ')
  return { reason: typeof value === 'number' && !Number.isFinite(value) ? 'not_finite' : 'schema', detail }
}

const zoneBases: ReadonlySet<unknown> = new Set(ZoneBasis.options)
const sourceTypes: ReadonlySet<unknown> = new Set(SourceType.options)
const MIN_INSTANT = -62_135_596_800_000
const MAX_INSTANT = 253_402_300_799_999

/**
 * Reads a sample as its schema does, by hand: millions come this way. Null where anything is not plainly right; the
 * schema then says what.
 */
export function readSample(input: unknown): Sample | null {
  if (typeof input !== 'object' || input === null) return null
  const given = input as Partial<Record<keyof Sample, unknown>>
  const { metric: of, start, end, value, unit, source, offset, zoneBasis } = given
  const { recordId, version, createdAt, flags, ordinal } = given
  if (given.shape !== 'sample' || !isText(of, 1, 80) || !isInstant(start) || !isText(unit, 0, 40)) return null
  if (typeof value !== 'number' || !Number.isFinite(value) || !zoneBases.has(zoneBasis)) return null
  if (offset !== null && !isWhole(offset, -1080, 1080)) return null
  const from = readSource(source)
  if (from === null) return null
  const sample: Sample = {
    shape: 'sample',
    metric: of,
    start,
    value,
    unit,
    source: from,
    offset,
    zoneBasis: zoneBasis as ZoneBasis,
  }
  if (end !== undefined) {
    if (!isInstant(end)) return null
    sample.end = end
  }
  if (recordId !== undefined) {
    if (!isText(recordId, 1, 300)) return null
    sample.recordId = recordId
  }
  if (version !== undefined) {
    if (typeof version !== 'number' || !Number.isFinite(version)) return null
    sample.version = version
  }
  if (createdAt !== undefined) {
    if (!isInstant(createdAt)) return null
    sample.createdAt = createdAt
  }
  if (flags !== undefined) {
    if (!isWhole(flags, 0, 255)) return null
    sample.flags = flags
  }
  if (ordinal !== undefined) {
    if (!isWhole(ordinal, 0, Number.MAX_SAFE_INTEGER)) return null
    sample.ordinal = ordinal
  }
  return sample
}

let lastSource: Readonly<Source> | null = null

/** Neighbours mostly share their source: one object stands for it, which nobody changes. */
function readSource(given: unknown): Source | null {
  if (typeof given !== 'object' || given === null) return null
  const { name, type } = given as Partial<Record<keyof Source, unknown>>
  if (lastSource !== null && lastSource.name === name && lastSource.type === type) return lastSource
  if (!isText(name, 1, NAME_LENGTH) || !sourceTypes.has(type)) return null
  lastSource = Object.freeze({ name, type: type as SourceType })
  return lastSource
}

function isText(value: unknown, least: number, most: number): value is string {
  return typeof value === 'string' && value.length >= least && value.length <= most && isStorable(value)
}

function isInstant(value: unknown): value is number {
  return isWhole(value, MIN_INSTANT, MAX_INSTANT)
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
}

/** Lone surrogates and NUL cannot be stored as text. */
function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

function fix(text: string, most: number): string {
  const short = text.length > most ? text.slice(0, most) : text
  return isStorable(short) ? short : short.toWellFormed().replaceAll('\0', '\ufffd')
}

/** Words from outside made storable, and the free ones shortened. */
function mend(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return input
  const mended: Record<string, unknown> = { ...input }
  for (const [name, value] of Object.entries(mended)) {
    if (typeof value !== 'string') continue
    const most = name === 'text' ? TEXT_LENGTH : name === 'vendorActivity' ? NAME_LENGTH : Number.POSITIVE_INFINITY
    mended[name] = fix(value, most)
  }
  const { source } = mended
  if (typeof source === 'object' && source !== null && 'name' in source && typeof source.name === 'string')
    mended.source = { ...source, name: fix(source.name, NAME_LENGTH) }
  return mended
}

function checkTimes(times: { start: Instant; end?: Instant | undefined }, ctx: AcceptContext): Refusal | null {
  const { start, end = start } = times
  if (end < start) return { reason: 'order', detail: 'the end is before the start' }
  return end > ctx.receivedAt + FUTURE_MS
    ? { reason: 'future', detail: 'the time is more than a day after the receipt' }
    : null
}

function checkSample(sample: Sample, ctx: AcceptContext): Observation | Refusal {
  const wrong = checkTimes(sample, ctx)
  if (wrong) return wrong
  const info = metric(sample.metric, ctx.registry)
  if (!info || info.shape === 'session' || info.shape === 'session_field' || info.shape === 'stage')
    return { reason: 'unknown_metric', detail: 'no metric that samples can have' }
  return judge(sample, info, sample.end === undefined ? 0 : sample.end - sample.start, false)
}

function checkTotal(total: DailyTotal, ctx: AcceptContext): Observation | Refusal {
  const info = metric(total.metric, ctx.registry)
  if (!info) return { reason: 'unknown_metric', detail: 'no metric of the catalogue or of a plugin' }
  if (Date.parse(total.date) - EAST_MS > ctx.receivedAt + FUTURE_MS)
    return { reason: 'future', detail: 'the date is more than a day after the receipt' }
  return judge(total, info, DAY_MS, true)
}

/** Converts the value in place (it is a copy already), and holds it against the catalogue's ranges. */
function judge(
  held: Sample | DailyTotal,
  info: MetricInfo,
  length: number,
  wholeDay: boolean,
): Sample | DailyTotal | Refusal {
  let value: number
  try {
    value = convertTo(held.value, held.unit, info)
  } catch (error) {
    if (isAurenError(error)) return { reason: 'unknown_unit', detail: error.message }
    throw error
  }
  if (isOutside(value, info.hard, info, length, wholeDay))
    return { reason: 'hard_range', detail: `${info.id} is outside what is possible` }
  held.value = value
  held.unit = info.unit
  const pace = Object.hasOwn(mostPerMinute, info.id) ? (mostPerMinute[info.id] as number) : Number.POSITIVE_INFINITY
  const tooFast = held.shape === 'sample' && value > pace * Math.max(1, length / MINUTE_MS)
  if (tooFast || isOutside(value, info.plausible, info, length, wholeDay))
    held.flags = (held.flags ?? 0) | Flag.implausible
  return held
}

/**
 * Ranges of cumulative metrics are those of a day: a part of a day has no lower bound but that of nothing, and what
 * is longer than a day may be as many times as much.
 */
function isOutside(
  value: number,
  range: MetricInfo['hard'],
  info: MetricInfo,
  length: number,
  wholeDay: boolean,
): boolean {
  if (!range) return false
  const [low, high] = range
  if (info.kind !== 'cumulative') return value < low || value > high
  return value < (wholeDay ? low : Math.min(0, low)) || value > high * Math.max(1, length / DAY_MS)
}

function checkSession(session: Session, ctx: AcceptContext): Observation | Refusal {
  const wrong = checkTimes(session, ctx)
  if (wrong) return wrong
  if (session.end === session.start) return { reason: 'order', detail: 'the session has no length' }
  if (session.stages?.some((stage) => stage.end < stage.start))
    return { reason: 'order', detail: 'a stage ends before it starts' }
  const info = metric(session.kind === 'sleep' ? 'sleep_session' : 'workout') as MetricInfo
  const seconds = (session.end - session.start) / 1000
  if (isOutside(seconds, info.hard, info, 0, true))
    return { reason: 'hard_range', detail: `the length of the ${session.kind} is outside what is possible` }
  const measures = Object.entries(session.measures).flatMap(([name, value]) => {
    const of = metric(name, ctx.registry) ?? metric(name.replace(/_(?:min|max|mean|avg)$/, ''), ctx.registry)
    return of && isOutside(value, of.hard, of, 0, false) ? name : []
  })
  if (measures.length > 0) {
    const said = `${measures.slice(0, 5).join(', ')} of the ${session.kind}: outside what is possible`
    return { reason: 'hard_range', detail: `${said.slice(0, 900)}; the rest is kept`, measures }
  }
  // Short sleep is a nap, not a wonder.
  if (!session.nap && isOutside(seconds, info.plausible, info, 0, true))
    session.flags = (session.flags ?? 0) | Flag.implausible
  return session
}
