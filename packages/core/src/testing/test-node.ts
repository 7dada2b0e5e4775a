import assert from 'node:assert/strict'
import { emptyTurn } from '../reasoning/channels.js'
import { declared, type GraphNode, view } from '../reasoning/contract.js'
import { runNode } from '../reasoning/node.js'
import type { GraphState, NodeContext } from '../reasoning/types.js'

/** What the suite needs of the test runner, and of the node under test. */
export interface TestNodeOptions {
  it(name: string, run: () => Promise<void>): void
  node: GraphNode
  /** A state in which the node does its work. */
  state: Partial<GraphState>
  /** What it may use; every call that it makes is counted. */
  context: Partial<NodeContext>
}

/**
 * Conformance of a node: it returns only what it declares, changes nothing of what it reads, ends when it is stopped,
 * and its failure stays its own.
 */
export function testNode({ it, node, state, context }: TestNodeOptions): void {
  const whole: GraphState = {
    user: 'ann',
    thread: 't',
    run: 'r',
    text: '',
    now: 0,
    today: '2026-01-01',
    locale: 'en',
    conversation: [],
    pending: null,
    ...emptyTurn(),
    ...state,
  }
  const refuse = () => Promise.reject(new Error('not given to this node'))
  const open = (over: Partial<NodeContext>) => (_node: GraphNode, signal: AbortSignal) => ({
    context: {
      signal,
      model: null,
      ask: refuse,
      recall: refuse,
      remember: refuse,
      forget: refuse,
      metrics: refuse,
      profile: refuse,
      degrade: () => undefined,
      emit: () => undefined,
      ...over,
    } as NodeContext,
    missed: [],
    close: () => undefined,
  })

  it(`${node.id} returns what it declares, from frozen state`, async () => {
    const { context: full } = open(context)(node, new AbortController().signal)
    const before = structuredClone(whole)
    const update = declared(node, await node.run(view(node, whole), full))
    assert.deepEqual(whole, before)
    structuredClone(update)
  })

  it(`${node.id} ends when the run is stopped`, async () => {
    const stop = new AbortController()
    const hang = () => new Promise<never>(() => stop.abort())
    const hanging = { ask: hang, recall: hang, remember: hang, forget: hang, metrics: hang, profile: hang }
    // A node that waits for nothing has ended before it could be stopped.
    await runNode(node, whole, open(hanging), stop.signal).catch((error: { code?: string }) => {
      assert.equal(error.code, 'AUREN_ABORTED')
    })
  })

  it(`${node.id} fails alone`, async () => {
    const update = await runNode(node, whole, open({}), new AbortController().signal)
    for (const entry of update.degraded ?? []) assert.deepEqual(entry, { node: node.id, reason: 'AUREN_INTERNAL' })
    declared({ ...node, writes: [...node.writes, 'degraded'] }, update)
  })
}
