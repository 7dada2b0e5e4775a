import type { WearablePlugin } from '@auren/core'

type Metrics = NonNullable<WearablePlugin['metrics']>

/** What only Suunto computes, never merged with another vendor's. Stored under `suunto.<name>`. */
export const metrics: Metrics = {
  'suunto.sleep_score': {
    title: 'Suunto sleep quality',
    unit: '{score}',
    aggregates: ['last'],
    hard: [0, 100],
    kind: 'vendor_score',
    sparse: true,
  },
  'suunto.balance': {
    title: 'Suunto resources (0 empty to 100 full)',
    unit: '%',
    aggregates: ['min', 'max'],
    hard: [0, 100],
    kind: 'vendor_score',
  },
  'suunto.stress_state': {
    title: 'Suunto stress state (1 relaxing, 2 active, 3 passive, 4 stressful)',
    unit: 'code',
    aggregates: ['last'],
    hard: [1, 4],
    kind: 'vendor_score',
  },
}
