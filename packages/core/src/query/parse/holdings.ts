import { type MetricInfo, metric as metricInfo } from '../../catalogue/index.js'
import type { Concept } from './concepts.js'
import type { NumberCondition } from './draft.js'
import { inUnit } from './units.js'
import type { Vocabulary } from './vocabulary.js'

/** What the person has data for, and what plugins add to the words. */
export interface Holdings {
  /** The person's metric that a concept is read as; undefined where nothing can be meant. */
  metricOf(concept: Concept): string | undefined
  /** The field of a workout that a concept is read as. */
  fieldOf(concept: Concept): string | undefined
  /** Whether the person has a metric; false where nobody knows. */
  has(id: string): boolean
  /** Whether the person certainly has no such metric. */
  lacks(id: string): boolean
  /** The catalogue's entry, or what the vocabulary says of a metric. */
  info(id: string): Pick<MetricInfo, 'unit' | 'kind' | 'shape' | 'aggregates' | 'sparse'>
  /** A number of a condition in the unit of what it is compared with; null where the units do not fit. */
  convert(condition: NumberCondition, concept: Concept, unit: string): { value: number; reading?: string } | null
}

/** Settings of a reading. */
export interface ResolveContext {
  today: string
  lastPlus: 0 | 1
  holdings: Holdings
}

/** Hours above which a bare number about sleep must be minutes. */
const MOST_HOURS = 24
/** Kilometres above which a bare distance must be metres. */
const MOST_KILOMETRES = 400

/**
 * @param metrics ids that the person has data for; empty where that is not known
 * @param lookup what plugins registered
 */
export function createHoldings(metrics: readonly string[], vocabulary: Vocabulary = {}): Holdings {
  const own = new Set(metrics)
  const units = new Map((vocabulary.metrics ?? []).flatMap(({ id, unit }) => (unit ? [[id, unit] as const] : [])))

  /** The person's metric of this name, of the catalogue or of any vendor. */
  function held(name: string): string | undefined {
    if (own.has(name)) return name
    return metrics.find((id) => id.endsWith(`.${name}`))
  }

  function metricOf(concept: Concept): string | undefined {
    for (const name of concept.days) {
      const found = held(name)
      if (found !== undefined) return found
    }
    return concept.days.find((name) => metricInfo(name) !== undefined || units.has(name))
  }

  return {
    metricOf,
    has: (id) => own.has(id),
    lacks: (id) => own.size > 0 && !own.has(id),
    fieldOf: ({ workout }) => (workout === undefined || workout === 'duration' ? workout : (held(workout) ?? workout)),
    info: (id) => {
      const known = metricInfo(id)
      if (known) return known
      return { unit: units.get(id) ?? '1', kind: 'derived', shape: 'sample', aggregates: ['last'], sparse: true }
    },
    convert: (condition, concept, unit) => {
      const bare = bareUnit(condition, concept)
      // What a plugin measures without saying in what is taken to be in the concept's own unit.
      const own = concept.bare === 'sleep' || concept.bare === 'distance' ? undefined : concept.bare
      const to = unit === '1' ? (own ?? unit) : unit
      const from = condition.unit?.ucum ?? bare?.unit ?? to
      const value = from === to ? condition.value : inUnit(condition.value, from, to)
      if (value === null) return null
      return bare?.said ? { value, reading: `${condition.value} meaning ${condition.value} ${bare.said}` } : { value }
    },
  }

  function bareUnit({ unit, value }: NumberCondition, concept: Concept): { unit: string; said?: string } | null {
    if (unit) return null
    const chosen = vocabulary.bareUnits?.[concept.key]
    if (chosen) return { unit: chosen }
    if (concept.bare === 'sleep') {
      return value <= MOST_HOURS ? { unit: 'h', said: 'hours' } : { unit: 'min', said: 'minutes' }
    }
    if (concept.bare === 'distance') {
      return value <= MOST_KILOMETRES ? { unit: 'km', said: 'kilometres' } : { unit: 'm', said: 'metres' }
    }
    return concept.bare ? { unit: concept.bare } : null
  }
}
