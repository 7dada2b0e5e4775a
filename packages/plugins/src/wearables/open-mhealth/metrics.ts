import { metric, type WearablePlugin } from '@auren/core'
import { measures, statistics } from './measures.js'

type Metrics = NonNullable<WearablePlugin['metrics']>

/** The temperature around the person, and statistics that somebody else has computed over a time. */
export const metrics: Metrics = {
  'open-mhealth.ambient_temperature': {
    unit: 'Cel',
    aggregates: ['mean', 'min', 'max'],
    hard: [-90, 70],
    kind: 'instant',
    title: 'Ambient temperature',
  },
  ...Object.fromEntries(
    [...measures.map((one) => one.metric), 'blood_pressure_systolic', 'blood_pressure_diastolic'].flatMap((id) => {
      const info = metric(id)
      if (!info || info.kind === 'cumulative') return []
      return statistics.map((statistic) => [
        `open-mhealth.${id}_${statistic}`,
        {
          unit: info.unit,
          aggregates: ['last'],
          ...(info.hard ? { hard: info.hard } : {}),
          kind: 'average' as const,
          sparse: true,
          title: `${statistic} ${id.replaceAll('_', ' ')}`,
        },
      ])
    }),
  ),
}
