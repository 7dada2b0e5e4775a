import { AurenError } from '../errors.js'
import type { MetricSummary } from '../memory/ports.js'
import type { WearablePlugin } from '../plugin/types.js'
import type { Fact, Query } from '../query/schema.js'
import type { ModelProvider } from './model.js'

/**
 * Providers that no model may be told of: wholly (`true`), or those of their sources whose name the rule says so of
 * ({@link WearablePlugin.models}).
 */
export type ClosedProviders = ReadonlyMap<string, true | ((source: string) => boolean)>

/** What wearables say of models, by provider; those that are open are not in it. */
export function closedProviders(wearables: readonly Pick<WearablePlugin, 'id' | 'models'>[]): ClosedProviders {
  return new Map(
    wearables.flatMap(({ id, models }): [string, true | ((source: string) => boolean)][] => {
      if (models === 'closed') return [[id, true]]
      return typeof models === 'function' ? [[id, (source) => models(source) !== 'open']] : []
    }),
  )
}

/**
 * Tells which facts stand on what a closed source measured ({@link WearablePlugin.models}), so that no model is told of
 * them. A fact names the sources of its own number; what it was compared with or conditioned on is judged by whether a
 * closed source ever contributed to that metric, and tags by whether the person has anything of such a source at
 * all: rather too much is kept back than too little.
 *
 * @param summaries what the person has data of; without them only a fact's own sources are looked at
 */
export function closedBy(
  providers: ClosedProviders,
  summaries: readonly MetricSummary[] = [],
): (fact: Pick<Fact, 'query' | 'sources'>) => boolean {
  if (providers.size === 0) return () => false
  // A source's key: provider, a hash of the account, and its name, in which there may be slashes.
  const isClosed = (source: string): boolean => {
    const [provider = '', , ...name] = source.split('/')
    const rule = providers.get(provider)
    return rule === true || (rule?.(name.join('/')) ?? false)
  }
  const metrics = new Set(summaries.filter(({ sources }) => sources.some(isClosed)).map(({ metric }) => metric))
  return ({ query, sources }) =>
    sources.some(isClosed) ||
    othersOf(query).some(
      (name) =>
        providers.get(name.slice(0, Math.max(0, name.indexOf('.')))) === true ||
        (name === '#' ? metrics.size > 0 : metrics.has(name)),
    )
}

/** Metrics besides a fact's own operand; `#` for a tag. */
function othersOf(query: Query): string[] {
  if ('pattern' in query) return []
  const { compare } = query
  const names = [...query.where, ...(compare?.where ?? [])].flatMap(namesOf)
  for (const within of [query.within, compare?.within]) if (within) names.push(sessionOf(within.kind))
  if (compare) names.push(...namesOf({ ...(compare.measure ?? query.measure) }))
  return names
}

/** Every metric, session and tag that a part of a query names. */
function namesOf(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(namesOf)
  if (typeof part !== 'object' || part === null) return []
  const held = part as Record<string, unknown>
  return [
    ...(typeof held.metric === 'string' ? [held.metric] : []),
    ...(typeof held.field === 'string' ? [held.field] : []),
    ...(held.kind === 'sleep' || held.kind === 'workout' ? [sessionOf(held.kind)] : []),
    ...(held.on === 'tag' || held.of === 'tag' ? ['#'] : []),
    ...namesOf(held.of),
  ]
}

function sessionOf(kind: 'sleep' | 'workout'): string {
  return kind === 'sleep' ? 'sleep_session' : 'workout'
}

/**
 * A model that is never sent a message that names a fact of `isClosed`: whoever writes a node may forget to ask, and what
 * has left cannot be called back.
 *
 * @throws AurenError AUREN_FORBIDDEN from `stream`, with nothing sent
 */
export function guardedModel(model: ModelProvider, closed: () => Iterable<string>): ModelProvider {
  return {
    name: model.name,
    async *stream(messages, options) {
      const text = JSON.stringify(messages)
      for (const id of closed())
        if (text.includes(id))
          throw new AurenError('AUREN_FORBIDDEN', 'A fact that no model may be told of was about to be sent to one.', {
            retryable: false,
          })
      yield* model.stream(messages, options)
    },
  }
}
