import { createHmac, timingSafeEqual } from 'node:crypto'
import {
  defineWearable,
  type NormalizeContext,
  type ObservationInput,
  type RawRequest,
  type Verdict,
} from '@auren/core'
import { z } from 'zod'

/** What the (invented) Lumen ring posts each morning. */
export const Night = z.object({
  id: z.string().min(1),
  wearer: z.string().min(1),
  /** ISO 8601 with the wearer's offset. */
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  /** One letter for each five minutes: W wake, L light, D deep, R REM. */
  hypnogram: z.string().regex(/^[WLDR]*$/),
  /** Pulse in beats a minute, one for each five minutes; null where the ring slipped. */
  pulse: z.array(z.number().nullable()),
  /** Lumen's own score, 0 to 100. */
  glow: z.number().int().min(0).max(100).nullable(),
})
export type Night = z.infer<typeof Night>

const FIVE_MINUTES = 300_000
const stages = { W: 'awake', L: 'light', D: 'deep', R: 'rem' } as const
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

function* normalize(night: Night, _ctx: NormalizeContext): Iterable<ObservationInput> {
  const start = Date.parse(night.from)
  const end = Date.parse(night.to)
  const base = {
    source: ring,
    offset: offsetOf(night.to),
    zoneBasis: 'carried',
    recordId: `night/${night.id}`,
  } as const
  const timeline = [...night.hypnogram].map((letter, i) => ({
    stage: stages[letter as keyof typeof stages],
    start: start + i * FIVE_MINUTES,
    end: Math.min(start + (i + 1) * FIVE_MINUTES, end),
  }))
  const asleep = timeline.filter((interval) => interval.stage !== 'awake')
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
    if (value !== null)
      yield { shape: 'sample', metric: 'heart_rate', start: start + i * FIVE_MINUTES, value, unit: '/min', ...base }
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
  const match = /([+-])(\d\d):(\d\d)$/.exec(stamp)
  if (!match) return 0
  const minutes = Number(match[2]) * 60 + Number(match[3])
  return match[1] === '-' ? -minutes : minutes
}
