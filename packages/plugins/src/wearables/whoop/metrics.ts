import type { WearablePlugin } from '@auren/core'

type Metrics = NonNullable<WearablePlugin['metrics']>

const score = (title: string, most: number): Metrics[string] => ({
  title,
  unit: most === 100 ? '%' : '{score}',
  aggregates: ['last'],
  hard: [0, most],
  kind: 'vendor_score',
  sparse: true,
})

/** What only WHOOP computes, never merged with another vendor's. Stored under `whoop.<name>`. */
export const metrics: Metrics = {
  'whoop.recovery_score': score('WHOOP recovery', 100),
  'whoop.strain': score('WHOOP day strain', 21),
  'whoop.sleep_performance': score('WHOOP sleep performance', 100),
  'whoop.sleep_consistency': score('WHOOP sleep consistency', 100),
}
