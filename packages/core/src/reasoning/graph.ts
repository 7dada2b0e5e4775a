import type { BaseCheckpointSaver } from '@langchain/langgraph'
import { emptyTurn, type given, persistent, reducers } from './channels.js'
import { checkNodes, type GraphNode } from './contract.js'
import { type OpenContext, runNode } from './node.js'
import { untraced } from './tracing.js'
import { type GraphState, type Phase, phases } from './types.js'

/** What the graph asks of the run that it is walking through. */
export interface Turn {
  signal: AbortSignal
  open: OpenContext
  /** What went wrong in a node, for the log. */
  report(node: string, error: unknown): void
  /** A phase begins. */
  enter(phase: Phase, state: GraphState): void
  /** A node failed or ran out of time. */
  degrade(entries: GraphState['degraded']): void
  /** The last phase is over: says what is left to say and gives what persists. */
  finish(state: GraphState): Pick<GraphState, 'conversation' | 'pending'>
}

/** What a turn starts from. */
export type TurnInput = Pick<GraphState, (typeof given)[number]>

/** An assembled graph: one call is one turn of one thread. */
export interface Graph {
  /** @throws AurenError AUREN_ABORTED when the turn's signal was raised. */
  run(input: TurnInput, turn: Turn): Promise<void>
}

/**
 * Checks the nodes and assembles them into a LangGraph: phases in order, the nodes of one phase in parallel, every
 * per-turn channel reset before `guard` and emptied after the last phase, so that only the conversation and a pending
 * question are in the checkpoint. LangGraph itself is imported by the first turn.
 *
 * @throws AurenError AUREN_PLUGIN_INVALID
 */
export function assembleGraph(nodes: readonly GraphNode[], checkpointer: () => Promise<BaseCheckpointSaver>): Graph {
  checkNodes(nodes)
  const turns = new Map<string, Turn>()
  let compiled: ReturnType<typeof compile> | undefined
  return {
    async run(input, turn) {
      compiled ??= compile(nodes, turns, checkpointer)
      const graph = await compiled
      turns.set(input.run, turn)
      try {
        await untraced((callbacks) =>
          graph.invoke(
            { ...input, ...emptyTurn(), ...resets() },
            {
              configurable: { thread_id: input.thread, user: input.user },
              callbacks,
              durability: 'exit',
              signal: turn.signal,
              recursionLimit: 4 * phases.length,
            },
          ),
        )
      } finally {
        turns.delete(input.run)
      }
    },
  }
}

/** A write that replaces what a reducer channel holds, instead of merging with it. */
interface Reset<T> {
  reset: T
}

function isReset<T>(update: T | Reset<T>): update is Reset<T> {
  return typeof update === 'object' && update !== null && 'reset' in update
}

function resets(): { [K in keyof typeof reducers]: Reset<GraphState[K]> } {
  return { facts: { reset: {} }, findings: { reset: [] }, degraded: { reset: [] } }
}

async function compile(
  nodes: readonly GraphNode[],
  turns: ReadonlyMap<string, Turn>,
  checkpointer: () => Promise<BaseCheckpointSaver>,
) {
  const { Annotation, END, START, StateGraph } = await import('@langchain/langgraph')
  const last = <K extends keyof GraphState>(initial?: () => GraphState[K]) =>
    Annotation<GraphState[K]>({
      reducer: (_, right) => right as GraphState[K],
      ...(initial ? { default: initial } : {}),
    })
  const merged = <K extends keyof typeof reducers>(key: K) =>
    Annotation<GraphState[K], GraphState[K] | Reset<GraphState[K]>>({
      reducer: (left, right) =>
        isReset<GraphState[K]>(right)
          ? right.reset
          : (reducers[key] as (l: unknown, r: unknown) => GraphState[K])(left, right),
      default: () => emptyTurn()[key] as GraphState[K],
    })

  const annotation = Annotation.Root({
    user: Annotation<GraphState['user']>,
    thread: Annotation<GraphState['thread']>,
    run: Annotation<GraphState['run']>,
    text: Annotation<GraphState['text']>,
    now: Annotation<GraphState['now']>,
    today: Annotation<GraphState['today']>,
    locale: Annotation<GraphState['locale']>,
    guard: Annotation<GraphState['guard']>,
    understanding: Annotation<GraphState['understanding']>,
    recalled: Annotation<GraphState['recalled']>,
    answers: Annotation<GraphState['answers']>,
    facts: merged('facts'),
    findings: merged('findings'),
    draft: Annotation<GraphState['draft']>,
    answer: Annotation<GraphState['answer']>,
    drafted: Annotation<GraphState['drafted']>,
    degraded: merged('degraded'),
    conversation: last<'conversation'>(() => []),
    pending: last<'pending'>(() => null),
  })

  const turnOf = (state: GraphState): Turn => {
    const turn = turns.get(state.run)
    if (!turn) throw new Error('The turn of this run is not in this process')
    return turn
  }
  // The builder's type grows with each node name; names here come from plugins, so they are plain strings.
  const graph = new StateGraph(annotation) as unknown as StringGraph
  const used = phases.filter((phase) => nodes.some((node) => node.phase === phase))
  for (const phase of used) {
    graph.addNode(`enter.${phase}`, async (state) => {
      turnOf(state).enter(phase, state)
      return {}
    })
    for (const node of nodes.filter((candidate) => candidate.phase === phase)) {
      graph.addNode(`node.${node.id}`, async (state) => {
        const turn = turnOf(state)
        const update = await runNode(node, state, turn.open, turn.signal, turn.report)
        if (update.degraded) turn.degrade(update.degraded)
        return update
      })
      graph.addEdge(`enter.${phase}`, `node.${node.id}`)
    }
  }
  graph.addNode('finish', async (state) => ({ ...emptyTurn(), ...resets(), text: '', ...turnOf(state).finish(state) }))
  graph.addEdge(START, `enter.${used[0]}`)
  used.forEach((phase, index) => {
    const here = nodes.filter((node) => node.phase === phase).map((node) => `node.${node.id}`)
    const next = used[index + 1]
    const target = next ? `enter.${next}` : 'finish'
    if (phase === 'guard') {
      graph.addConditionalEdges(here[0] as string, (state) => (state.guard?.stop ? 'finish' : target), [
        target,
        'finish',
      ])
    } else graph.addEdge(here, target)
  })
  graph.addEdge('finish', END)
  return graph.compile({ checkpointer: await checkpointer(), name: 'neuros' })
}

/** The part of LangGraph's builder that is used, with node names as strings. */
interface StringGraph {
  addNode(name: string, run: (state: GraphState) => Promise<unknown>): unknown
  addEdge(from: string | string[], to: string): unknown
  addConditionalEdges(from: string, route: (state: GraphState) => string, targets: string[]): unknown
  compile(options: { checkpointer: BaseCheckpointSaver; name: string }): {
    invoke(input: unknown, options: Record<string, unknown>): Promise<unknown>
  }
}

/** Channels that outlive a turn, for tests of the contract. */
export const persists: readonly string[] = persistent
