import type { WearablePlugin } from '@auren/core'

/** The lowest and the highest heart rate within a minute, hour or day of which the app sends the mean. */
export const metrics = {
  'health-auto-export.heart_rate_min': {
    unit: '/min',
    aggregates: ['min'],
    hard: [20, 300],
    kind: 'instant',
    title: 'Lowest heart rate',
  },
  'health-auto-export.heart_rate_max': {
    unit: '/min',
    aggregates: ['max'],
    hard: [20, 300],
    kind: 'instant',
    title: 'Highest heart rate',
  },
} as const satisfies NonNullable<WearablePlugin['metrics']>
