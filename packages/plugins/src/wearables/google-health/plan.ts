import { AurenError, type WebhookPlan } from '@auren/core'
import { type Changed, Notification, type Payload } from './payload.js'
import { dateOf } from './times.js'
import { dataTypeOf, kebab, rollups } from './types.js'

const DAY = 86_400_000
/** More parts of a notification than this are fetched as one span. */
const MOST_PARTS = 20
/** Stands for entries that name nobody: they are set aside as of an account that nobody has connected. */
const NOBODY = 'no-user-id'

interface Span {
  from: number
  to: number
}
interface Asked {
  spans: Span[]
  deletion: boolean
}

/**
 * Whose data of which type have changed when: to be fetched, whatever was done, for what is there now is the truth.
 * @throws AurenError AUREN_PAYLOAD_INVALID where the body is no notification
 */
export function planOf(body: unknown): WebhookPlan<Payload>[] {
  const accounts = new Map<string, Map<string, Asked>>()
  let read = 0
  for (const item of Array.isArray(body) ? body : [body]) {
    const parsed = Notification.safeParse(item)
    if (!parsed.success) {
      accounts.set(NOBODY, accounts.get(NOBODY) ?? new Map())
      continue
    }
    read++
    const { healthUserId, dataType, operation, intervals, ...own } = parsed.data.data
    const types = accounts.get(healthUserId) ?? new Map<string, Asked>()
    accounts.set(healthUserId, types)
    const resource = resourceOf(dataType)
    // A type that is not read here: accepted, and kept raw.
    if (resource === null) continue
    const asked = types.get(resource) ?? { spans: [], deletion: false }
    types.set(resource, asked)
    asked.spans.push(...(intervals?.length ? intervals : [own]).flatMap((one) => spanOf(one) ?? []))
    asked.deletion ||= /^delete/i.test(operation ?? '')
  }
  if (read === 0)
    throw new AurenError('AUREN_PAYLOAD_INVALID', 'This is not a notification of the Google Health API.', {
      plugin: 'google-health',
    })
  return [...accounts].map(([account, types]) => ({
    account,
    ...(types.size === 0 ? {} : { fetch: [...types].flatMap(([resource, asked]) => fetches(resource, asked)) }),
  }))
}

function resourceOf(dataType: string): string | null {
  const id = kebab(dataType)
  return dataTypeOf(id) ?? (Object.hasOwn(rollups, id) ? id : null)
}

function fetches(resource: string, { spans, deletion }: Asked) {
  const merged = merge(spans)
  const [first, last] = [merged[0], merged.at(-1)]
  const parts = merged.length > MOST_PARTS && first && last ? [{ from: first.from, to: last.to }] : merged
  // Without a time: what is new lately.
  if (parts.length === 0) return [{ resource }]
  const iso = (at: number): string => new Date(at).toISOString()
  return parts.map(({ from, to }) => ({
    resource,
    params: { from: iso(from), to: iso(to), ...(deletion ? { deletion: 'true' } : {}) },
  }))
}

function merge(spans: readonly Span[]): Span[] {
  const merged: Span[] = []
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to)
    else merged.push({ ...span })
  }
  return merged
}

/** By physical time; civil times are somewhere within a day of it. */
function spanOf({ physicalTimeInterval, civilIso8601TimeInterval, civilDateTimeInterval }: Changed): Span | null {
  const physical = physicalTimeInterval && spanOfText(physicalTimeInterval, '')
  if (physical) return physical
  const dates = civilDateTimeInterval && {
    startTime: dateOf(civilDateTimeInterval.startDateTime.date),
    endTime: dateOf(civilDateTimeInterval.endDateTime.date),
  }
  const civil =
    (civilIso8601TimeInterval && spanOfText(civilIso8601TimeInterval, 'Z')) ?? (dates && spanOfText(dates, ''))
  return civil ? { from: civil.from - DAY, to: civil.to + 2 * DAY } : null
}

function spanOfText({ startTime, endTime }: { startTime: string; endTime: string }, zone: string): Span | null {
  const read = (text: string): number =>
    Date.parse(/[Zz]$|[+-]\d\d:\d\d$|^[\d-]{10}$/.test(text) ? text : `${text}${zone}`)
  const [from, to] = [read(startTime), read(endTime)]
  return Number.isFinite(from) && Number.isFinite(to) && to >= from ? { from, to } : null
}
