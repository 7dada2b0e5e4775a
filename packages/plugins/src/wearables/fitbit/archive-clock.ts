import type { Instant } from '@auren/core'
import type { PartContext } from '../../files/index.js'
import { type Clock, clockOf, offsetOf, type Zone } from './clock.js'

/** How long what a night says of where the person was is believed, before and after it. */
const NEAR = 24 * 3_600_000
/** Nights elsewhere that are kept in mind. */
const MOST = 4000

/** What documents of an export leave for those after them. */
interface Left {
  /** Zone of the profile. */
  zone?: string
  /** Nights whose own offset is not that of the person's zone: [instant, minutes]. */
  away?: [at: Instant, offset: number][]
}

/** Keeps the zone of the profile. */
export function noteZone(ctx: PartContext, zone: string): void {
  if (offsetOf(zone, 0) !== null) (ctx.shared as Left).zone = zone
}

/** Keeps an offset that stood beside a time, where the person's zone has another: they were elsewhere. */
export function noteOffset(ctx: PartContext, at: Instant, offset: number): void {
  const usual = homeOf(ctx, at)
  if (usual !== null && offsetOf(usual.name, at) === offset) return
  const left = ctx.shared as Left
  const away = left.away ?? []
  if (away.length < MOST && !away.some(([time]) => time === at)) left.away = [...away, [at, offset]]
}

/**
 * The clock of an export: where nights of the export say that the person was elsewhere, that holds around them; else the
 * person's zone at that time, else that of their profile.
 */
export function archiveClock(ctx: PartContext): Clock {
  const { away = [], zone } = ctx.shared as Left
  const held = clocks.get(ctx.shared)
  if (held && held.away === away.length && held.zone === zone) return held.clock
  const sorted = [...away].sort((a, b) => a[0] - b[0])
  const clock = clockOf((at) => {
    const offset = nearest(sorted, at)
    return offset === null ? homeOf(ctx, at) : { name: fixed(offset), basis: 'inferred' }
  })
  clocks.set(ctx.shared, { clock, away: away.length, zone })
  return clock
}

/** The clock of a document, as long as nothing more is known: it is asked for with every row. */
const clocks = new WeakMap<object, { clock: Clock; away: number; zone: string | undefined }>()

/** The offset of the night that is nearest, if it is near. */
function nearest(sorted: NonNullable<Left['away']>, at: Instant): number | null {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle]?.[0] ?? 0) < at) low = middle + 1
    else high = middle
  }
  const around = sorted
    .slice(Math.max(0, low - 1), low + 1)
    .map(([time, offset]) => [Math.abs(at - time), offset] as const)
  const [best] = around.filter(([distance]) => distance <= NEAR).sort((a, b) => a[0] - b[0])
  return best?.[1] ?? null
}

function homeOf(ctx: PartContext, at: Instant): Zone | null {
  const own = ctx.zoneAt(at)
  if (own !== null) return { name: own, basis: 'floating' }
  const { zone } = ctx.shared as Left
  return zone === undefined ? null : { name: zone, basis: 'profile' }
}

/** `+05:30` */
function fixed(minutes: number): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const all = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(all / 60))}:${two(all % 60)}`
}

const DAY = 86_400_000
type Days = Record<string, [from: number, to: number][]>

/** Keeps that a kind of data has been read of a day (UTC). */
export function noteDay(ctx: PartContext, kind: string, at: Instant): void {
  const shared = ctx.shared as { read?: Days }
  const day = Math.floor(at / DAY)
  shared.read ??= {}
  shared.read[kind] ??= []
  const spans = shared.read[kind]
  const last = spans.at(-1)
  if (last && day >= last[0] && day <= last[1]) return
  if (last && day === last[1] + 1) last[1] = day
  else if (!hasDay(ctx, kind, at)) spans.push([day, day])
}

/** True where that kind of data has been read of a day. */
export function hasDay(ctx: PartContext, kind: string, at: Instant): boolean {
  const day = Math.floor(at / DAY)
  return (ctx.shared as { read?: Days }).read?.[kind]?.some(([from, to]) => day >= from && day <= to) ?? false
}
