import type { WearablePlugin } from '../plugin/types.js'
import { metrics } from './metrics.generated.js'

/** What is known of a metric, whether it is of the catalogue or of a plugin. */
export interface MetricInfo {
  id: string
  shape: string
  kind: string
  /** UCUM; every stored value is in it. */
  unit: string
  /** How a day aggregates, the default first; empty where a day has no value. */
  aggregates: readonly string[]
  /** Overlapping sources are merged before summing. */
  dedup: boolean
  plausible: readonly [number, number] | null
  /** Outside of it a value is impossible and goes to quarantine. */
  hard: readonly [number, number] | null
  /** Measured at most a few times a day. */
  sparse: boolean
  title: string | null
}

/** LOINC code of a metric of the catalogue, where it is sure; null for all others. */
export function loincOf(id: string): string | null {
  const row = Object.hasOwn(metrics, id) ? metrics[id as keyof typeof metrics] : undefined
  return row?.loincSure ? row.loinc : null
}

/** Metrics that plugins bring along, by id (`<vendor>.<name>`). */
export type MetricRegistry = NonNullable<WearablePlugin['metrics']>

interface Row extends Omit<MetricInfo, 'title'> {
  template: boolean
}
const catalogue: Readonly<Record<string, Row>> = metrics

/**
 * Looks a metric up: the catalogue, then what plugins registered, then the catalogue's templates (`oura.sleep_score`
 * is the template `sleep_score` of one vendor).
 * @returns undefined where nobody knows it
 */
export function metric(id: string, registry: MetricRegistry = {}): MetricInfo | undefined {
  const own = Object.hasOwn(catalogue, id) ? catalogue[id] : undefined
  if (own) return own.template ? undefined : info(own, id)
  const registered = Object.hasOwn(registry, id) ? registry[id] : undefined
  if (registered)
    return {
      id,
      shape: registered.kind === 'cumulative' ? 'interval' : 'sample',
      kind: registered.kind,
      unit: registered.unit,
      aggregates: registered.aggregates,
      dedup: registered.kind === 'cumulative',
      plausible: registered.plausible ?? null,
      hard: registered.hard ?? null,
      sparse: registered.sparse ?? false,
      title: registered.title ?? null,
    }
  const name = id.slice(id.indexOf('.') + 1)
  const template = id.includes('.') && Object.hasOwn(catalogue, name) ? catalogue[name] : undefined
  return template?.template ? info(template, id) : undefined
}

/** Ids of the catalogue that data can have, i.e. without the templates. */
export const metricIds: readonly string[] = Object.values(catalogue)
  .filter((row) => !row.template)
  .map((row) => row.id)

function info(row: Row, id: string): MetricInfo {
  const { shape, kind, unit, aggregates, dedup, plausible, hard, sparse } = row
  return { id, shape, kind, unit, aggregates, dedup, plausible, hard, sparse, title: null }
}
