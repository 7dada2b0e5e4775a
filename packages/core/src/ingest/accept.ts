import { type MetricInfo, type MetricRegistry, metric } from '../catalogue/index.js'
import { convertUnit } from '../catalogue/units.js'
import { isAurenError } from '../errors.js'
import { canonicalValue, identityKey } from '../observation/identity.js'
import { Flag, type Instant, Observation, type ObservationInput } from '../observation/schema.js'

/** Something that is set aside, with the reason. */
export interface SetAside {
  item: unknown
  /** A check's name: `schema`, `unknown_metric`, `unknown_unit`, `hard_range`, `order`, `future`, `not_finite`. */
  reason: string
  detail: string
}

/** What a check let through, and what it set aside. */
export interface CheckedObservations {
  accepted: Observation[]
  aside: SetAside[]
}

/** What is checked against. */
export interface AcceptContext {
  provider: string
  account: string
  receivedAt: Instant
  registry?: MetricRegistry
}

/** A day ahead of the receipt at most: clocks are wrong by hours, not by days. */
const FUTURE_MS = 24 * 3_600_000
/** The catalogue's ranges of cumulative metrics are per day. */
const DAY_MS = 24 * 3_600_000

/**
 * Checks what a normalizer yielded and converts it to the catalogue's units. Outside the hard range, unknown,
 * unconvertible, impossible: set aside, never dropped. Implausible: kept and flagged. Within one payload equal
 * duplicates are one, and unequal values of one identity get ordinals by (creation time, canonical value).
 */
export function accept(observations: Iterable<ObservationInput>, ctx: AcceptContext): CheckedObservations {
  const aside: SetAside[] = []
  const accepted: Observation[] = []
  for (const input of observations) {
    const checked = check(input, ctx)
    if ('reason' in checked) aside.push({ item: input, ...checked })
    else accepted.push(checked.observation)
  }
  return { accepted: number(accepted, ctx), aside }
}

type Outcome = { observation: Observation } | { reason: string; detail: string }

function check(input: ObservationInput, ctx: AcceptContext): Outcome {
  const parsed = Observation.safeParse(clean(input))
  if (!parsed.success) {
    const detail = parsed.error.issues
      .slice(0, 5)
      .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
      .join('; ')
    const finite = !('value' in input) || input.value === undefined || Number.isFinite(input.value)
    return { reason: finite ? 'schema' : 'not_finite', detail }
  }
  const observation = parsed.data
  switch (observation.shape) {
    case 'sample':
      return checkSample(observation, ctx)
    case 'daily_total':
      return checkTotal(observation, ctx)
    case 'session':
      return checkSession(observation, ctx)
    case 'tag':
      return checkTimes(observation, ctx) ?? { observation }
    case 'deletion':
      if (!observation.recordId && !(observation.target && observation.source)) {
        return { reason: 'schema', detail: 'a deletion names neither a record nor an observation' }
      }
      return { observation }
  }
}

function checkTimes(
  { start, end }: { start: Instant; end?: Instant | undefined },
  ctx: AcceptContext,
): { reason: string; detail: string } | null {
  if (end !== undefined && end < start) return { reason: 'order', detail: 'the end is before the start' }
  if (start > ctx.receivedAt + FUTURE_MS)
    return { reason: 'future', detail: 'the start is more than a day after the receipt' }
  return null
}

function checkSample(sample: Extract<Observation, { shape: 'sample' }>, ctx: AcceptContext): Outcome {
  const wrong = checkTimes(sample, ctx)
  if (wrong) return wrong
  const info = metric(sample.metric, ctx.registry)
  if (!info || info.shape === 'session' || info.shape === 'session_field' || info.shape === 'stage') {
    return { reason: 'unknown_metric', detail: `"${sample.metric}" is no metric that samples can have` }
  }
  const judged = judge(sample.value, sample.unit, info, sample.end === undefined ? null : sample.end - sample.start)
  if ('reason' in judged) return judged
  return {
    observation: { ...sample, value: judged.value, unit: info.unit, ...flagged(sample.flags, judged.implausible) },
  }
}

function checkTotal(total: Extract<Observation, { shape: 'daily_total' }>, ctx: AcceptContext): Outcome {
  const info = metric(total.metric, ctx.registry)
  if (!info) return { reason: 'unknown_metric', detail: `"${total.metric}" is no metric` }
  if (Date.parse(total.date) > ctx.receivedAt + 2 * FUTURE_MS)
    return { reason: 'future', detail: 'the date is more than a day after the receipt' }
  const judged = judge(total.value, total.unit, info, DAY_MS)
  if ('reason' in judged) return judged
  return {
    observation: { ...total, value: judged.value, unit: info.unit, ...flagged(total.flags, judged.implausible) },
  }
}

function checkSession(session: Extract<Observation, { shape: 'session' }>, ctx: AcceptContext): Outcome {
  const wrong = checkTimes(session, ctx)
  if (wrong) return wrong
  if (session.end === session.start) return { reason: 'order', detail: 'the session has no length' }
  const info = metric(session.kind === 'sleep' ? 'sleep_session' : 'workout')
  const seconds = (session.end - session.start) / 1000
  if (info?.hard && seconds > info.hard[1])
    return { reason: 'hard_range', detail: `a ${session.kind} of ${Math.round(seconds)} s` }
  for (const stage of session.stages ?? []) {
    if (stage.end < stage.start) return { reason: 'order', detail: 'a stage ends before it starts' }
  }
  const implausible = info?.plausible ? seconds < info.plausible[0] || seconds > info.plausible[1] : false
  return {
    observation: { ...session, ...flagged(session.flags, implausible && session.kind === 'sleep' && !session.nap) },
  }
}

function judge(
  raw: number,
  unit: string,
  info: MetricInfo,
  length: number | null,
): { value: number; implausible: boolean } | { reason: string; detail: string } {
  if (!Number.isFinite(raw)) return { reason: 'not_finite', detail: `the value of ${info.id} is not a finite number` }
  let value: number
  try {
    value = convertUnit(raw, unit, info.unit)
  } catch (error) {
    if (isAurenError(error)) return { reason: 'unknown_unit', detail: error.message }
    throw error
  }
  const cumulative = info.kind === 'cumulative'
  if (info.hard) {
    // Ranges of cumulative metrics are per day: a shorter interval has no lower bound but zero, a longer one a higher upper bound.
    const [low, high] = cumulative
      ? [Math.min(0, info.hard[0]), info.hard[1] * Math.max(1, (length ?? 0) / DAY_MS)]
      : info.hard
    if (value < low || value > high) return { reason: 'hard_range', detail: `${info.id} is outside what is possible` }
  }
  const implausible =
    info.plausible !== null &&
    (cumulative
      ? value > info.plausible[1] * Math.max(1, (length ?? 0) / DAY_MS)
      : value < info.plausible[0] || value > info.plausible[1])
  return { value, implausible }
}

function flagged(flags: number | undefined, implausible: boolean): { flags?: number } {
  if (!implausible) return flags === undefined ? {} : { flags }
  return { flags: (flags ?? 0) | Flag.implausible }
}

/** Strings from outside: lone surrogates and NUL replaced, for neither can be stored as text. */
function clean(input: ObservationInput): ObservationInput {
  const fix = (text: string): string =>
    text.isWellFormed() && !text.includes('\0') ? text : text.toWellFormed().replaceAll('\0', '\ufffd')
  const result: Record<string, unknown> = { ...input }
  for (const name of ['text', 'vendorActivity', 'tag', 'recordId', 'activity'] as const) {
    const value = result[name]
    if (typeof value === 'string') result[name] = fix(value)
  }
  const source = (input as { source?: { name?: unknown; type?: unknown } }).source
  if (source && typeof source.name === 'string') result.source = { ...source, name: fix(source.name).slice(0, 200) }
  return result as ObservationInput
}

/** One payload: equal duplicates are one; unequal values of one identity get ordinals. */
function number(observations: Observation[], ctx: AcceptContext): Observation[] {
  const groups = new Map<string, Observation[]>()
  for (const observation of observations) {
    if (observation.shape === 'deletion') continue
    const key = identityKey(ctx.provider, ctx.account, observation)
    const group = groups.get(key)
    if (group) group.push(observation)
    else groups.set(key, [observation])
  }
  const dropped = new Set<Observation>()
  const ordinals = new Map<Observation, number>()
  for (const group of groups.values()) {
    if (group.length === 1) continue
    const seen = new Map<string, Observation>()
    for (const observation of group) {
      const value = saidBy(observation)
      if (seen.has(value)) dropped.add(observation)
      else seen.set(value, observation)
    }
    const kept = [...seen].sort(([a, x], [b, y]) => createdAt(x) - createdAt(y) || (a < b ? -1 : 1))
    for (const [index, [, observation]] of kept.entries()) if (index > 0) ordinals.set(observation, index)
  }
  if (dropped.size === 0 && ordinals.size === 0) return observations
  return observations.flatMap((observation) => {
    if (dropped.has(observation)) return []
    const ordinal = ordinals.get(observation)
    return ordinal === undefined || observation.shape === 'deletion' ? [observation] : [{ ...observation, ordinal }]
  })
}

const createdAt = (observation: Observation): number => ('createdAt' in observation ? (observation.createdAt ?? 0) : 0)
const saidBy = (observation: Observation): string =>
  observation.shape === 'deletion' ? '' : canonicalValue(observation)
