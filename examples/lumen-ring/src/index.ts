import { createHmac, timingSafeEqual } from 'node:crypto'
import {
  defineWearable,
  type NormalizeContext,
  type ObservationInput,
  type RawRequest,
  type Verdict,
} from '@auren/core'
import { z } from 'zod'

/** What the (invented) Lumen ring posts each morning, and again when it knows better. */
export const Night = z.object({
  id: z.string().min(1).max(200),
  wearer: z.string().min(1).max(200),
  /** ISO 8601 with the wearer's offset. */
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  /** One letter for each five minutes: W wake, L light, D deep, R REM. */
  hypnogram: z.string().max(600),
  /** Pulse in beats a minute, one for each five minutes; null where the ring slipped. */
  pulse: z.array(z.unknown()).max(600),
  /** Lumen's own score, 0 to 100. */
  glow: z.number().nullable(),
  /** Counts up with each change that Lumen makes. */
  revision: z.int().min(0).default(0),
  /** The wearer has taken the night back. */
  deleted: z.boolean().default(false),
})
export type Night = z.infer<typeof Night>

const FIVE_MINUTES = 300_000
const stages: ReadonlyMap<string, 'awake' | 'light' | 'deep' | 'rem'> = new Map([
  ['W', 'awake'],
  ['L', 'light'],
  ['D', 'deep'],
  ['R', 'rem'],
])
const ring = { name: 'Lumen ring', type: 'ring' } as const

/** The plugin: its schema, its signature, and what a payload becomes. */
export function lumenRing(options: { secret: string }) {
  return defineWearable({
    kind: 'wearable',
    id: 'lumen-ring',
    version: '1.0.0',
    payload: Night,
    metrics: {
      'lumen-ring.glow': {
        title: 'Lumen glow',
        unit: '{score}',
        aggregates: ['last'],
        hard: [0, 100],
        kind: 'vendor_score',
        sparse: true,
      },
    },
    normalize,
    webhook: {
      verify: (request) => verify(request, options.secret),
      plan: (body) => {
        const night = Night.parse(body)
        return [{ account: night.wearer, payload: night }]
      },
    },
  })
}

function* normalize(night: Night, ctx: NormalizeContext): Iterable<ObservationInput> {
  const record = { recordId: `night/${night.id}`, version: night.revision }
  if (night.deleted) {
    yield { shape: 'deletion', ...record }
    return
  }
  const start = Date.parse(night.from)
  const end = Date.parse(night.to)
  const base = { source: ring, offset: offsetOf(night.to), zoneBasis: 'carried', ...record } as const
  const timeline = [...night.hypnogram].map((letter, i) => {
    const stage = stages.get(letter)
    if (!stage) ctx.reject({ letter, at: i }, 'unknown_stage', 'The hypnogram has a letter that is not known.')
    const from = Math.min(start + i * FIVE_MINUTES, end)
    return { stage: stage ?? 'no_data', start: from, end: Math.min(from + FIVE_MINUTES, end) } as const
  })
  const asleep = timeline.filter(({ stage }) => stage !== 'awake' && stage !== 'no_data')
  yield {
    shape: 'session',
    kind: 'sleep',
    start,
    end,
    stages: timeline,
    measures: { sleep_duration: asleep.reduce((sum, { start: from, end: to }) => sum + (to - from) / 1000, 0) },
    ...base,
  }
  for (const [i, value] of night.pulse.entries()) {
    // Not measured is not zero: nothing is yielded.
    if (value === null) continue
    if (typeof value === 'number')
      yield { shape: 'sample', metric: 'heart_rate', start: start + i * FIVE_MINUTES, value, unit: '/min', ...base }
    else ctx.reject({ at: i }, 'pulse_unreadable', 'A value of the pulse is no number.')
  }
  if (night.glow !== null)
    yield { shape: 'sample', metric: 'lumen-ring.glow', start: end, value: night.glow, unit: '{score}', ...base }
}

/** Lumen signs `<timestamp>.<raw body>` with HMAC-SHA256, as lower-case hex. */
function verify(request: RawRequest, secret: string): Verdict {
  const timestamp = request.headers['x-lumen-timestamp'] ?? ''
  const signature = request.headers['x-lumen-signature'] ?? ''
  if (!/^\d{1,12}$/.test(timestamp) || !/^[0-9a-f]{64}$/.test(signature))
    return { ok: false, reason: 'the signature or its timestamp is missing' }
  if (Math.abs(request.now / 1000 - Number(timestamp)) > 300)
    return { ok: false, reason: 'the timestamp is too far from now' }
  const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(request.body).digest()
  return timingSafeEqual(expected, Buffer.from(signature, 'hex'))
    ? { ok: true }
    : { ok: false, reason: 'the signature does not match' }
}

function offsetOf(stamp: string): number {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(stamp) ?? []
  const offset = Number(hours ?? 0) * 60 + Number(minutes ?? 0)
  return sign === '-' ? -offset : offset
}
