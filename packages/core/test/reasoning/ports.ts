import { randomUUID } from 'node:crypto'
import { AurenError } from '../../src/errors.js'
import type { Tx } from '../../src/events/ports.js'
import type {
  CheckpointRow,
  CheckpointRows,
  MemoryRecord,
  Profile,
  RunState,
  Threads,
  Turn,
} from '../../src/memory/ports.js'
import type { Fact, Query } from '../../src/query/schema.js'
import type { NeurosPorts } from '../../src/reasoning/run.js'
import type { AnswerPart, NodeContext, NodeSpec } from '../../src/reasoning/types.js'

/** Checkpoint rows in a map. */
export function checkpointRows(): CheckpointRows & { all: (CheckpointRow & { user: string })[] } {
  const all: (CheckpointRow & { user: string })[] = []
  return {
    all,
    async put(user, row) {
      const old = all.findIndex((r) => r.user === user && r.thread === row.thread && r.ns === row.ns && r.id === row.id)
      if (old >= 0) all.splice(old, 1)
      all.push({ ...row, user, writes: [] })
    },
    async putWrites(user, key, writes) {
      const row = all.find((r) => r.user === user && r.thread === key.thread && r.ns === key.ns && r.id === key.id)
      if (!row) throw new Error('writes without a checkpoint')
      for (const write of writes) {
        const at = row.writes.findIndex((w) => w.task === key.task && w.index === write.index)
        if (at >= 0 && write.index >= 0) continue
        if (at >= 0) row.writes.splice(at, 1)
        row.writes.push({ task: key.task, ...write })
      }
    },
    async get(user, { thread, ns, id }) {
      const found = all
        .filter((r) => r.user === user && r.thread === thread && r.ns === ns && (id === undefined || r.id === id))
        .toSorted((a, b) => (a.id < b.id ? 1 : -1))
      return found[0] ?? null
    },
    async list(user, { thread, ns, before, limit }) {
      return all
        .filter(
          (r) =>
            r.user === user &&
            (thread === undefined || r.thread === thread) &&
            (ns === undefined || r.ns === ns) &&
            (before === undefined || r.id < before),
        )
        .toSorted((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, limit)
    },
    async removeThread(user, thread) {
      for (let i = all.length - 1; i >= 0; i--) {
        if (all[i]?.user === user && all[i]?.thread === thread) all.splice(i, 1)
      }
    },
  }
}

interface Run {
  id: string
  user: string
  thread: string
  clientId: string
  state: RunState
}

/** Threads in maps. */
export function memoryThreads(): Threads & {
  turnsOf: (Turn & { user: string })[]
  runs: Run[]
  journal: Map<string, { seq: number; part: unknown }[]>
  checkpoints: ReturnType<typeof checkpointRows>
} {
  const turnsOf: (Turn & { user: string })[] = []
  const runs: Run[] = []
  const journal = new Map<string, { seq: number; part: unknown }[]>()
  return {
    turnsOf,
    runs,
    journal,
    checkpoints: checkpointRows(),
    list: async () => [],
    turns: async (scope, thread) => turnsOf.filter((turn) => turn.user === scope.user && turn.thread === thread),
    async addTurn(_tx, user, turn) {
      turnsOf.push({ ...turn, user })
    },
    search: async () => [],
    remove: async () => false,
    async startRun(_tx, user, { thread, clientId }) {
      const old = runs.find((run) => run.user === user && run.thread === thread && run.clientId === clientId)
      if (old) return { id: old.id, created: false }
      const id = randomUUID()
      runs.push({ id, user, thread, clientId, state: 'running' })
      return { id, created: true }
    },
    run: async (scope, id) => runs.find((run) => run.user === scope.user && run.id === id) ?? null,
    async appendParts(_tx, _user, run, parts) {
      if (runs.find((held) => held.id === run)?.state !== 'running')
        throw new AurenError('AUREN_CONFLICT', 'It has ended')
      const list = journal.get(run) ?? []
      for (const part of parts) {
        if (part.seq !== list.length + 1) throw new Error(`part ${part.seq} after ${list.length}`)
        list.push(structuredClone(part))
      }
      journal.set(run, list)
    },
    parts: async (scope, run, after) =>
      runs.some((r) => r.id === run && r.user === scope.user)
        ? (journal.get(run) ?? []).filter((part) => part.seq > after)
        : [],
    async endRun(_tx, user, id, state) {
      const run = runs.find((r) => r.user === user && r.id === id)
      if (run?.state === 'running') run.state = state
    },
    async renewRuns(_tx, mine) {
      return new Set(
        mine.map(({ id }) => id).filter((id) => runs.some((run) => run.id === id && run.state === 'running')),
      )
    },
    async queued(scope, id) {
      const at = runs.findIndex((run) => run.id === id)
      const me = runs[at]
      return runs
        .slice(0, at)
        .some((run) => run.user === scope.user && run.thread === me?.thread && run.state === 'running')
    },
    async interruptRuns() {
      const dead = runs.filter((run) => run.state === 'running')
      for (const run of dead) run.state = 'interrupted'
      return dead.length
    },
  }
}

/** A fact with what a test wants to be different. */
export function fact(id: string, over: Partial<Fact> = {}): Fact {
  return {
    id,
    query: {
      measure: { of: 'metric', metric: 'steps' },
      aggregate: 'mean',
      period: { kind: 'last', n: 7, unit: 'day' },
      where: [],
    },
    status: 'ok',
    value: 8214,
    unit: '{steps}',
    n: 7,
    minimum: 1,
    coverage: 0.93,
    sources: ['oura/1a2b/Oura Ring'],
    from: '2026-11-17',
    to: '2026-11-23',
    algorithm: 'facts@1.0.0',
    notes: [],
    ...over,
  }
}

/** Ports in memory; `answer` is the fact engine. */
export function ports(
  nodes: NeurosPorts['nodes'],
  over: Partial<Omit<NeurosPorts, 'nodes' | 'threads'>> & {
    answer?: (query: Query, user: string) => Fact | Promise<Fact>
    records?: MemoryRecord[]
    profileOf?: Profile
  } = {},
): NeurosPorts & { threads: ReturnType<typeof memoryThreads>; records: MemoryRecord[] } {
  const threads = memoryThreads()
  const records = over.records ?? []
  const { answer, profileOf, records: _records, ...rest } = over
  return {
    nodes,
    threads,
    records,
    journal: {
      transaction: (work) => work({ kind: 'tx' } as Tx),
      person: async () => undefined,
    },
    engine: {
      ask: async ({ user }, query) => (answer ? answer(query as Query, user) : fact('f1')),
    },
    memory: () => ({
      recall: async () => ({
        pinned: records.filter((record) => record.pinned),
        hits: records.filter((record) => !record.pinned),
        said: [],
        contradictions: [],
        why: {},
        gaps: [],
        degraded: [],
        tokens: 0,
      }),
      async remember(statement) {
        const record: MemoryRecord = {
          id: `m${records.length + 1}`,
          kind: statement.kind,
          text: statement.text,
          about: [...(statement.about ?? [])],
          body: statement.body ?? {},
          validFrom: 0,
          validTo: null,
          recordedAt: 0,
          supersededAt: null,
          origin: 'self',
          algorithm: null,
          derivedFrom: [...(statement.derivedFrom ?? [])],
          status: 'drafted',
          confidence: null,
          pinned: statement.kind === 'safety',
        }
        records.push(record)
        return record
      },
      list: async () => records,
      async forget(id) {
        const at = records.findIndex((record) => record.id === id)
        if (at >= 0) records.splice(at, 1)
        return at >= 0 ? 1 : 0
      },
    }),
    longTerm: {
      metrics: async () => [
        { metric: 'steps', from: '2026-01-01', to: '2026-11-23', days: 300, n: 9000, sources: ['oura/1a2b/Oura Ring'] },
      ],
      profile: async () => profileOf ?? {},
    },
    now: () => 1_795_420_800_000,
    today: async () => '2026-11-23',
    ...rest,
  }
}

/** A node from a spec. */
export function node(id: string, spec: Omit<NodeSpec, 'reads'> & { reads?: NodeSpec['reads'] }) {
  return { kind: 'node' as const, id, version: '1.0.0', reads: ['text' as const], ...spec }
}

/** The smallest graph that answers: a guard that lets all through, a composer of one sentence, a verifier that trusts it. */
export function trio(sentence = 'Fine.') {
  return [
    node('open-gate', {
      phase: 'guard',
      writes: ['guard'],
      run: async () => ({ guard: { stop: false, rules: [], text: null } }),
    }),
    node('writer', {
      phase: 'compose',
      writes: ['draft'],
      run: async () => ({ draft: { sentences: [sentence], by: 'narrator' as const } }),
    }),
    node('stamp', {
      phase: 'verify',
      reads: ['draft'],
      writes: ['answer'],
      async run(state, ctx: NodeContext) {
        const sentences = (state.draft?.sentences ?? []).map((text) => ({ text, facts: [] }))
        for (const { text } of sentences) ctx.emit({ type: 'sentence', text, facts: [] })
        return { answer: { sentences, refused: [] } }
      },
    }),
  ]
}

/** Everything that an answer consists of. */
export async function collect(parts: AsyncIterable<AnswerPart>): Promise<AnswerPart[]> {
  const all: AnswerPart[] = []
  for await (const part of parts) all.push(part)
  return all
}

/** The sentences of an answer. */
export function said(parts: readonly AnswerPart[]): string[] {
  return parts.flatMap((part) => (part.type === 'sentence' ? [part.text] : []))
}
