import type { WearablePlugin } from '@auren/core'

type Metric = NonNullable<WearablePlugin['metrics']>[string]

const score = (title: string): Metric => ({
  title,
  unit: '%',
  aggregates: ['last'],
  hard: [0, 100],
  kind: 'vendor_score',
})
const rate = (title: string): Metric => ({
  title,
  unit: '/h',
  aggregates: ['last'],
  hard: [0, 3600],
  kind: 'average',
})

/** What Sleep Cycle says of a night in words of its own. */
export const metrics = {
  'sleep-cycle.sleep_quality': score('Sleep quality (Sleep Cycle)'),
  'sleep-cycle.regularity': score('Regularity of sleep (Sleep Cycle)'),
  'sleep-cycle.alertness': score('Alertness after waking (Sleep Cycle)'),
  'sleep-cycle.snore_time': {
    title: 'Time of snoring',
    unit: 's',
    aggregates: ['last'],
    hard: [0, 86_400],
    kind: 'average',
  },
  'sleep-cycle.movements': rate('Movements in bed per hour'),
  'sleep-cycle.coughs': rate('Coughs per hour of the night'),
  'sleep-cycle.breathing_disruptions': rate('Disruptions of breathing per hour of the night'),
  'sleep-cycle.ambient_noise': {
    title: 'Noise around the bed, as the phone hears it',
    unit: 'dB',
    aggregates: ['last'],
    hard: [-200, 200],
    kind: 'average',
  },
  'sleep-cycle.ambient_light': {
    title: 'Light around the bed',
    unit: 'lx',
    aggregates: ['last'],
    hard: [0, 200_000],
    kind: 'average',
  },
  'sleep-cycle.temperature_deviation': {
    title: 'Deviation of body temperature in the night',
    unit: 'Cel',
    aggregates: ['last'],
    hard: [-10, 10],
    kind: 'average',
    sparse: true,
  },
  'sleep-cycle.reaction_time': {
    title: 'Reaction time after waking',
    unit: 's',
    aggregates: ['last'],
    hard: [0, 60],
    kind: 'instant',
    sparse: true,
  },
} satisfies NonNullable<WearablePlugin['metrics']>
