import type {
  AnyPlugin,
  Capabilities,
  CapabilityName,
  DetectorPlugin,
  EventsPlugin,
  ModelPlugin,
  NodePlugin,
  StoragePlugin,
  WearablePlugin,
} from './types.js'

/**
 * Says that an object is a plugin, and keeps its id, what it needs and what it provides as literal types, so that
 * `createAuren` can check them while you type. A plain identity at run time.
 *
 * @example
 * const scale = defineWearable({ kind: 'wearable', id: 'my-scale', version: '1.0.0', payload: z.object({ kg: z.number() }),
 *   *normalize(p, ctx) { yield { shape: 'sample', metric: 'weight', start: ctx.receivedAt, value: p.kg, unit: 'kg',
 *     source: { name: 'My scale', type: 'scale' }, offset: null, zoneBasis: 'absent' } } })
 */
export function defineWearable<const Id extends string, Payload, const Needs extends CapabilityName = never>(
  plugin: WearablePlugin<Id, Payload, Needs>,
): WearablePlugin<Id, Payload, Needs> {
  return plugin
}

/** A storage plugin; `open` must return every capability that `provides` names. */
export function defineStorage<
  const Id extends string,
  const Name extends CapabilityName,
  const Needs extends CapabilityName = never,
>(
  plugin: Omit<StoragePlugin<Id, Pick<Capabilities, Name>, Needs>, 'provides'> & { readonly provides: readonly Name[] },
): StoragePlugin<Id, Pick<Capabilities, Name>, Needs> {
  return plugin as StoragePlugin<Id, Pick<Capabilities, Name>, Needs>
}

/** An event bus. */
export function defineEvents<const Id extends string, const Needs extends CapabilityName = never>(
  plugin: EventsPlugin<Id, Needs>,
): EventsPlugin<Id, Needs> {
  return plugin
}

/** A language model. */
export function defineModel<const Id extends string, const Needs extends CapabilityName = never>(
  plugin: ModelPlugin<Id, Needs>,
): ModelPlugin<Id, Needs> {
  return plugin
}

/** A detector of one kind of pattern. */
export function defineDetector<const Id extends string, const Needs extends CapabilityName = never>(
  plugin: DetectorPlugin<Id, Needs>,
): DetectorPlugin<Id, Needs> {
  return plugin
}

/** A node of NEUROS. */
export function defineNode<const Id extends string, const Needs extends CapabilityName = never>(
  plugin: NodePlugin<Id, Needs>,
): NodePlugin<Id, Needs> {
  return plugin
}

/** Capabilities that a plugin provides. */
export type ProvidedBy<P> = P extends { kind: 'storage'; provides: readonly (infer C)[] }
  ? C
  : P extends { kind: 'events' }
    ? 'bus'
    : P extends { kind: 'model' }
      ? 'model'
      : never

/** Capabilities that a plugin needs. */
export type NeededBy<P> = P extends { readonly needs?: readonly (infer C)[] } ? Extract<C, CapabilityName> : never

/** What AUREN itself needs from storage. */
export const required = ['journal', 'longTerm', 'patterns', 'threads', 'vault'] as const
/** What is there without any plugin: a hot tier in process, and the outbox table as bus. */
export const builtIn = ['hot', 'bus'] as const

/** Capabilities that are needed and that no plugin of the list provides. */
export type Missing<P> = Exclude<(typeof required)[number] | NeededBy<P>, ProvidedBy<P> | (typeof builtIn)[number]>

/** Compile-time check of a literal list; a list known only at run time is checked at run time. */
export type Complete<P extends readonly AnyPlugin[]> = number extends P['length']
  ? unknown
  : [Missing<P[number]>] extends [never]
    ? unknown
    : { 'no plugin provides': Missing<P[number]> }

/** Ids of the plugins of one kind. */
export type IdsOf<P extends readonly AnyPlugin[], Kind extends AnyPlugin['kind']> = Extract<
  P[number],
  { kind: Kind }
>['id']

/** Wearables that can read files, or receive webhooks. */
export type WearableIds<P extends readonly AnyPlugin[]> = IdsOf<P, 'wearable'>
