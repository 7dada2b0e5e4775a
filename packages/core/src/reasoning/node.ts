import { AurenError, asAurenError } from '../errors.js'
import { declared, type GraphNode, view } from './contract.js'
import { fixed } from './fixed.js'
import type { GraphState, NodeContext } from './types.js'

/** Default time that one node has, in ms. */
export const NODE_TIMEOUT_MS = 10_000

/** A context for one run of one node, that stops working when the node's time is over. */
export type OpenContext = (
  node: GraphNode,
  signal: AbortSignal,
) => {
  context: NodeContext
  /** What the node did without. */
  missed: readonly string[]
  close(): void
}

/**
 * Runs one node: with a time-out, with its own signal, and so that its failure is reported and the run goes on.
 * A failing guard stops the run with a fixed text, and a failing verifier sends one: nothing unguarded or unverified
 * ever goes out because a check broke.
 *
 * @throws AurenError AUREN_ABORTED when the run itself was stopped.
 */
export async function runNode(
  node: GraphNode,
  state: GraphState,
  open: OpenContext,
  stop: AbortSignal,
  report: (node: string, error: unknown) => void = () => undefined,
): Promise<Partial<GraphState>> {
  const timeoutMs = node.timeoutMs ?? NODE_TIMEOUT_MS
  const over = new AbortController()
  const timer = setTimeout(() => over.abort(timedOut(node, timeoutMs)), timeoutMs)
  const signal = AbortSignal.any([stop, over.signal])
  const { context, missed, close } = open(node, signal)
  try {
    stop.throwIfAborted()
    const work = Promise.resolve().then(() => node.run(view(node, state), context))
    const update = declared(node, await Promise.race([work, rejected(signal)]))
    return missed.length > 0 ? { ...update, degraded: missed.map((reason) => ({ node: node.id, reason })) } : update
  } catch (error) {
    if (stop.aborted) throw new AurenError('AUREN_ABORTED', 'The run was stopped', { cause: error })
    report(node.id, error)
    return fallback(node, reasonOf(error))
  } finally {
    clearTimeout(timer)
    close()
    // The loser of the race must stop its work too.
    over.abort(new AurenError('AUREN_ABORTED', 'The node has ended', { plugin: node.id }))
  }
}

function timedOut(node: GraphNode, ms: number): AurenError {
  return new AurenError('AUREN_TIMEOUT', `Node "${node.id}" took longer than ${ms} ms`, { plugin: node.id })
}

function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** The code only: a message may hold what a person said. */
function reasonOf(error: unknown): string {
  return asAurenError(error).code
}

function fallback(node: GraphNode, reason: string): Partial<GraphState> {
  const degraded = [{ node: node.id, reason }]
  if (node.phase === 'guard') return { degraded, guard: { stop: true, rules: ['guard_failed'], text: fixed.unguarded } }
  if (node.phase === 'verify') {
    return { degraded, answer: { sentences: [{ text: fixed.unverified, facts: [] }], refused: [{ reason }] } }
  }
  return { degraded }
}
