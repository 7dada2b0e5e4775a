import { AurenError } from '../errors.js'
import type { NodePlugin } from '../plugin/types.js'
import { given, persistent, reducers, type WritableChannel, writable } from './channels.js'
import { type GraphState, phases } from './types.js'

/** A node as the graph sees it: any id, any needs. */
export type GraphNode = Pick<NodePlugin, 'id' | 'version' | 'phase' | 'reads' | 'writes' | 'timeoutMs' | 'run'>

/** Phases without which an answer would be unguarded, empty or unverified. */
const mandatory = ['guard', 'compose', 'verify'] as const

const readable = new Set<string>([...given, ...persistent, ...Object.keys(writable), 'degraded'])

/**
 * Checks that the nodes fit together, before any of them runs: known channels, each written in its phase only, and
 * no two writers of one phase on a channel without a reducer.
 *
 * @throws AurenError AUREN_PLUGIN_INVALID; `issues` holds every problem.
 */
export function checkNodes(nodes: readonly GraphNode[]): void {
  const issues: { path: string; message: string }[] = []
  const add = (node: string, message: string) => issues.push({ path: node, message })

  for (const phase of mandatory) {
    if (!nodes.some((node) => node.phase === phase)) {
      add(phase, `NEUROS needs a node in the phase "${phase}"; add one, or start from the nodes of @auren/plugins`)
    }
  }
  for (const node of nodes) {
    if (!phases.includes(node.phase)) add(node.id, `Node "${node.id}": unknown phase "${node.phase}"`)
    for (const channel of node.reads) {
      if (!readable.has(channel)) add(node.id, `Node "${node.id}" reads "${channel}", which is no channel`)
    }
    for (const channel of node.writes) {
      const allowed: readonly string[] | undefined = writable[channel as WritableChannel]
      if (!allowed) add(node.id, `Node "${node.id}" writes "${channel}", which nodes cannot write`)
      else if (!allowed.includes(node.phase)) {
        add(
          node.id,
          `Node "${node.id}" of the phase "${node.phase}" writes "${channel}", which belongs to ${allowed.join(', ')}`,
        )
      }
    }
  }
  for (const phase of phases) {
    const writers = new Map<string, string>()
    for (const node of nodes.filter((candidate) => candidate.phase === phase)) {
      for (const channel of new Set(node.writes)) {
        const other = writers.get(channel)
        if (other !== undefined && !(channel in reducers)) {
          add(
            node.id,
            `Nodes "${other}" and "${node.id}" both write "${channel}" in the phase "${phase}"; keep one of them`,
          )
        }
        writers.set(channel, node.id)
      }
    }
  }
  const ids = nodes.map((node) => node.id)
  for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) add(id, `Two nodes are named "${id}"`)
  if (issues.length > 0) {
    throw new AurenError('AUREN_PLUGIN_INVALID', issues.map((issue) => issue.message).join('\n'), { issues })
  }
}

/**
 * What a node may see: the channels it declared, frozen, so that no node changes what another one reads.
 */
export function view(node: GraphNode, state: GraphState): Readonly<GraphState> {
  const seen: Partial<Record<keyof GraphState, unknown>> = {}
  for (const channel of node.reads) seen[channel] = deepFreeze(structuredClone(state[channel]))
  return Object.freeze(seen) as Readonly<GraphState>
}

/**
 * The update of a node, when it keeps to what it declared.
 *
 * @throws AurenError AUREN_PLUGIN_INVALID naming the channels that were not declared.
 */
export function declared(node: GraphNode, update: unknown): Partial<GraphState> {
  if (typeof update !== 'object' || update === null || Array.isArray(update)) {
    throw new AurenError('AUREN_PLUGIN_INVALID', `Node "${node.id}" must return an object of channels`, {
      plugin: node.id,
    })
  }
  const extra = Object.keys(update).filter((channel) => !node.writes.includes(channel as keyof GraphState))
  if (extra.length > 0) {
    throw new AurenError(
      'AUREN_PLUGIN_INVALID',
      `Node "${node.id}" returned ${extra.join(', ')}, which it does not declare in "writes"`,
      { plugin: node.id },
    )
  }
  return update as Partial<GraphState>
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}
