import type {
  Fact,
  GraphState,
  MemoryRecord,
  ModelProvider,
  NodeContext,
  NodeSpec,
  Profile,
  QueryInput,
  Understanding,
} from '@auren/core'

/** A state with nothing in it. */
export function state(over: Partial<GraphState> = {}): GraphState {
  return {
    user: 'ann',
    thread: 't',
    run: 'r',
    text: '',
    now: 1_795_420_800_000,
    today: '2026-11-23',
    locale: 'en',
    guard: null,
    understanding: null,
    recalled: { pinned: [], hits: [], gaps: [] },
    answers: [],
    facts: {},
    findings: [],
    draft: null,
    answer: null,
    drafted: [],
    degraded: [],
    conversation: [],
    pending: null,
    ...over,
  }
}

/** A question understood. */
export function understood(over: Partial<Understanding> = {}): Understanding {
  return { queries: [], complete: false, intent: 'unknown', readings: [], ...over }
}

/** What a node did with its context. */
export interface Trace {
  asked: QueryInput[]
  sent: string[]
  remembered: Parameters<NodeContext['remember']>[0][]
  forgotten: string[]
  degraded: string[]
}

/** Runs one node alone. */
export async function runAlone(
  node: NodeSpec,
  from: Partial<GraphState>,
  use: {
    answer?: (query: QueryInput) => Fact
    metrics?: string[]
    profile?: Profile
    recalled?: Partial<GraphState['recalled']>
    model?: ModelProvider
    signal?: AbortSignal
    fails?: (keyof NodeContext)[]
  } = {},
): Promise<Trace & { update: Partial<GraphState> }> {
  const trace: Trace = { asked: [], sent: [], remembered: [], forgotten: [], degraded: [] }
  const failing = new Set(use.fails ?? [])
  const guard = <T>(name: keyof NodeContext, value: () => T): Promise<T> =>
    failing.has(name) ? Promise.reject(new Error(`${name} failed`)) : Promise.resolve().then(value)
  const context: NodeContext = {
    signal: use.signal ?? new AbortController().signal,
    model: use.model ?? null,
    mayTell: () => true,
    ask: (query) =>
      guard('ask', () => {
        trace.asked.push(query)
        if (!use.answer) throw new Error('no answers')
        return use.answer(query)
      }),
    recall: () => guard('recall', () => ({ pinned: [], hits: [], gaps: [], ...use.recalled })),
    remember: (record) =>
      guard('remember', () => {
        trace.remembered.push(record)
        return { ...memory('m'), ...record }
      }),
    forget: (id) =>
      guard('forget', () => {
        trace.forgotten.push(id)
        return true
      }),
    metrics: () => guard('metrics', () => use.metrics ?? []),
    profile: () => guard('profile', () => use.profile ?? {}),
    degrade: (reason) => trace.degraded.push(reason),
    emit: (part) => {
      if (part.type === 'sentence') trace.sent.push(part.text)
    },
  }
  return { ...trace, update: await node.run(state(from), context) }
}

/** A memory of the person's own. */
export function memory(id: string, over: Partial<MemoryRecord> = {}): MemoryRecord {
  return {
    id,
    kind: 'note',
    validFrom: 0,
    validTo: null,
    recordedAt: 0,
    supersededAt: null,
    origin: 'self',
    algorithm: null,
    derivedFrom: [],
    about: [],
    text: 'words',
    body: {},
    status: 'active',
    confidence: null,
    pinned: false,
    ...over,
  }
}

/** A deviation of a metric today: median 60, usual range 57 to 63. */
export function deviation(metric: string, value: number | null, date = '2026-11-23', over: Partial<Fact> = {}): Fact {
  return {
    id: `${metric}-${date}`,
    query: { pattern: 'deviation', metric, window: 28, date },
    status: value === null ? 'no_data' : 'ok',
    value,
    unit: '/min',
    n: 27,
    minimum: 14,
    coverage: 0.96,
    sources: ['oura/1a2b/Oura Ring'],
    from: '2026-10-26',
    to: '2026-11-22',
    algorithm: 'facts@1.0.0',
    date,
    notes: [],
    ...(value === null
      ? {}
      : { baseline: { median: 60, spread: 2, low: 57, high: 63, window: 28, z: (0.6745 * (value - 60)) / 2 } }),
    ...over,
  }
}
