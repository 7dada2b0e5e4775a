import type { Observation } from '../observation/schema.js'

/** An hour in ms. */
export const hour = 3_600_000
/** 2026-05-04T00:00:00Z, a Monday. */
export const t0 = 1_777_852_800_000
/** When the first delivery arrives. */
export const receivedAt = t0 + 1000 * hour

/** The person's watch. */
export const watch = { name: 'Watch', type: 'watch' as const }
const phone = { name: 'Phone', type: 'phone' as const }
const placed = { offset: 120, zoneBasis: 'carried' as const }

/**
 * Some of everything that can be stored, from two devices.
 * @param revised with edits, deletions and a record's second revision
 */
export function observations(revised = false): Observation[] {
  const plain: Observation[] = [
    ...Array.from(
      { length: 12 },
      (_, i): Observation => ({
        shape: 'sample',
        metric: 'heart_rate',
        start: t0 + i * hour + i * 7,
        value: 55 + i / 4,
        unit: '/min',
        source: watch,
        ...placed,
      }),
    ),
    ...[watch, phone].flatMap((source) =>
      [8, 9, 22].map(
        (h): Observation => ({
          shape: 'sample',
          metric: 'steps',
          start: t0 + h * hour,
          end: t0 + (h + (source === watch ? 1 : 2)) * hour,
          value: 100 * h,
          unit: '{steps}',
          source,
          ...placed,
        }),
      ),
    ),
    {
      shape: 'sample',
      metric: 'weight',
      start: t0,
      value: 80.25,
      unit: 'kg',
      source: phone,
      ...placed,
      recordId: 'w/1',
    },
    {
      shape: 'daily_total',
      metric: 'steps',
      date: '2026-05-05',
      value: 9000,
      unit: '{steps}',
      source: watch,
      ...placed,
    },
    {
      shape: 'session',
      kind: 'sleep',
      start: t0 - 3 * hour,
      end: t0 + 5 * hour,
      stages: [
        { stage: 'light', start: t0 - 3 * hour, end: t0 + 4 * hour },
        { stage: 'awake', start: t0 + 4 * hour, end: t0 + 5 * hour },
      ],
      measures: { sleep_efficiency: 88 },
      source: watch,
      ...placed,
      recordId: 'sleep/1',
      version: 1,
    },
    {
      shape: 'session',
      kind: 'workout',
      activity: 'running',
      start: t0 + 8 * hour,
      end: t0 + 9 * hour,
      measures: { distance: 10_000 },
      text: 'Along the river',
      source: watch,
      ...placed,
    },
    { shape: 'tag', tag: 'alcohol', start: t0 + 19 * hour, value: 2, unit: '{drinks}', source: phone, ...placed },
    { shape: 'tag', tag: 'note', start: t0 + 20 * hour, text: 'A canary sang.', source: phone, ...placed },
  ]
  if (!revised) return plain
  return [
    ...plain,
    { ...(plain[0] as Extract<Observation, { shape: 'sample' }>), value: 71 },
    { shape: 'deletion', recordId: 'w/1' },
    {
      shape: 'session',
      kind: 'sleep',
      start: t0 - 3 * hour,
      end: t0 + 6 * hour,
      measures: {},
      source: watch,
      ...placed,
      recordId: 'sleep/1',
      version: 2,
    },
    { shape: 'deletion', target: { shape: 'tag', of: 'alcohol', start: t0 + 19 * hour }, source: phone },
    {
      shape: 'deletion',
      target: { shape: 'sample', of: 'heart_rate', start: t0 + hour + 7 },
      source: watch,
      sticky: true,
    },
  ]
}
