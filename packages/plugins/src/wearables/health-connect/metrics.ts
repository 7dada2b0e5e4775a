import type { WearablePlugin } from '@auren/core'

const intake = (title: string) =>
  ({ unit: 'g', aggregates: ['sum'], hard: [0, 5000], kind: 'cumulative', title }) as const

/** What Health Connect has and the catalogue has not. */
export const metrics = {
  'health-connect.basal_metabolic_rate': {
    unit: 'W',
    aggregates: ['last'],
    hard: [0, 500],
    kind: 'instant',
    sparse: true,
    title: 'Basal metabolic rate',
  },
  'health-connect.body_water_mass': {
    unit: 'kg',
    aggregates: ['last'],
    hard: [0, 300],
    kind: 'instant',
    sparse: true,
    title: 'Body water',
  },
  'health-connect.wheelchair_pushes': {
    unit: '{pushes}',
    aggregates: ['sum'],
    hard: [0, 150_000],
    kind: 'cumulative',
    title: 'Wheelchair pushes',
  },
  'health-connect.protein': intake('Protein'),
  'health-connect.total_fat': intake('Fat'),
  'health-connect.saturated_fat': intake('Saturated fat'),
  'health-connect.sugar': intake('Sugar'),
  'health-connect.dietary_fiber': intake('Dietary fibre'),
  'health-connect.sodium': intake('Sodium'),
} as const satisfies NonNullable<WearablePlugin['metrics']>
