import type { WearablePlugin } from '@auren/core'

type Metrics = NonNullable<WearablePlugin['metrics']>

/** What only Polar computes, never merged with another vendor's. Stored under `polar.<name>`. */
export const metrics: Metrics = {
  'polar.sleep_score': {
    title: 'Polar sleep score',
    unit: '{score}',
    aggregates: ['last'],
    hard: [0, 100],
    kind: 'vendor_score',
    sparse: true,
  },
  'polar.ans_charge': {
    title: 'Polar ANS charge (-10 to 10)',
    unit: '{score}',
    aggregates: ['last'],
    hard: [-10, 10],
    kind: 'vendor_score',
    sparse: true,
  },
  'polar.nightly_recharge': {
    title: 'Polar Nightly Recharge status (1 very poor to 6 very good)',
    unit: 'code',
    aggregates: ['last'],
    hard: [1, 6],
    kind: 'vendor_score',
    sparse: true,
  },
  'polar.nightly_heart_rate': {
    title: 'Heart rate in the four hours of Nightly Recharge',
    unit: '/min',
    aggregates: ['last'],
    hard: [20, 250],
    kind: 'average',
    sparse: true,
  },
  'polar.cardio_load': {
    title: 'Polar cardio load of the day',
    unit: '{score}',
    aggregates: ['last'],
    hard: [0, 10_000],
    kind: 'vendor_score',
    sparse: true,
  },
}
