import { AurenError, asAurenError, errorCodes } from '../errors.js'
import type { Memory } from '../memory/memory.js'
import type { LongTerm, MemoryRecord } from '../memory/ports.js'
import type { LocalDate, UserId } from '../observation/schema.js'
import type { Vocabulary } from '../query/parse/vocabulary.js'
import type { FactEngine } from '../query/run.js'
import type { Fact } from '../query/schema.js'
import { publish } from '../telemetry.js'
import { CONVERSATION_TURNS } from './channels.js'
import { type ClosedProviders, closedBy, guardedModel } from './closed.js'
import { fixed } from './fixed.js'
import type { Turn } from './graph.js'
import type { ModelProvider } from './model.js'
import type { AnswerPart, GraphState, NodeContext, Phase } from './types.js'

/** What a turn may reach; each call is for one person, whom the caller names and no node can change. */
export interface TurnPorts {
  /** Runs a typed query of a person. */
  engine: Pick<FactEngine, 'ask'>
  memory(user: UserId): Pick<Memory, 'recall' | 'remember' | 'forget' | 'list'>
  longTerm: Pick<LongTerm, 'metrics' | 'profile'>
  model?: ModelProvider | null | undefined
  /** Providers, or sources of them, whose measurements no model may be told of. */
  closed?: ClosedProviders | undefined
  vocabulary?: Vocabulary | undefined
  log?(level: 'warn', message: string, fields?: Record<string, unknown>): void
}

/** One turn: what its nodes may use, and what was said in it. */
export interface RunningTurn extends Turn {
  /** Sentences that were sent, with the facts that they cite. */
  readonly said: readonly { text: string; facts: string[] }[]
  /** Facts that were sent. */
  readonly cited: readonly Fact[]
  /** How it went. */
  outcome(): 'answered' | 'degraded' | 'not_understood' | 'guarded'
}

/** What each phase tells a person who waits. */
const statusTexts: Record<Phase, string> = {
  guard: 'Reading your question',
  understand: 'Working out what to compute',
  recall: 'Recalling what I know',
  investigate: 'Looking at your data',
  compose: 'Putting it into words',
  verify: 'Checking every number',
  remember: 'Noting what you told me',
}

/** Makes the turn of one run: its nodes' contexts, and the order in which parts go out through `send`. */
export function createTurn(
  ports: TurnPorts,
  turn: { user: UserId; turnId: string; text: string; today: LocalDate; signal: AbortSignal },
  send: (part: AnswerPart) => void,
): RunningTurn {
  const known = new Map<string, Fact>()
  const sent = new Set<string>()
  const said: { text: string; facts: string[] }[] = []
  const cited: Fact[] = []
  const memories = new Map<string, MemoryRecord>()
  const providers = ports.closed ?? new Map()
  let isClosed = closedBy(providers)
  /** Ids of facts that no model may be told of. */
  const secret = new Set<string>()
  const scope = { user: turn.user, purpose: 'answer' } as const
  const memory = ports.memory(turn.user)
  let warned = false
  let degraded = false
  let ended: 'answered' | 'not_understood' | 'guarded' = 'answered'

  const say = (text: string, facts: readonly string[]): void => {
    for (const id of facts) {
      const fact = known.get(id)
      if (!fact || sent.has(id)) continue
      sent.add(id)
      cited.push(fact)
      send({ type: 'fact', fact })
    }
    said.push({ text, facts: [...facts] })
    send({ type: 'sentence', text, facts: [...facts] })
  }
  /** Takes note of a fact, and of whether a model may be told of it. */
  const know = (fact: Fact): void => {
    known.set(fact.id, fact)
    if (isClosed(fact)) secret.add(fact.id)
  }
  let summarised = providers.size === 0
  const degrade = (entries: GraphState['degraded']): void => {
    degraded ||= entries.length > 0
    for (const { node, reason } of entries) send({ type: 'degraded', node, reason: explain(reason) })
  }

  return {
    signal: turn.signal,
    said,
    cited,
    degrade,
    outcome: () => (ended === 'answered' && degraded ? 'degraded' : ended),
    report(node, error) {
      const { code } = asAurenError(error)
      publish('nodeFailed', { node, code })
      // The message stays out of the log: it may repeat what a person said.
      ports.log?.('warn', 'A node of NEUROS failed', {
        node,
        code,
        error: error instanceof Error ? error.name : 'unknown',
      })
    },
    enter(phase, state) {
      for (const fact of Object.values(state.facts)) know(fact)
      if (phase !== 'guard' && !warned && state.guard?.text) {
        warned = true
        say(state.guard.text, [])
      }
      send({ type: 'status', phase, text: statusTexts[phase] })
    },
    open(node, signal) {
      let closed = false
      const missed: string[] = []
      const check = () => {
        if (closed || signal.aborted) throw new AurenError('AUREN_ABORTED', 'The node has ended', { plugin: node.id })
      }
      const context: NodeContext = {
        signal,
        model: ports.model ? guardedModel(ports.model, () => secret) : null,
        mayTell: (fact) => !secret.has(fact.id) && !isClosed(fact),
        ...(ports.vocabulary ? { vocabulary: ports.vocabulary } : {}),
        async ask(query) {
          check()
          if (!summarised) isClosed = closedBy(providers, await ports.longTerm.metrics(scope))
          summarised = true
          const fact = await ports.engine.ask(scope, query, { today: turn.today })
          know(fact)
          return fact
        },
        async recall(query) {
          check()
          const { pinned, hits, gaps, contradictions, degraded } = await memory.recall(query)
          missed.push(...degraded)
          for (const record of [...pinned, ...hits]) memories.set(record.id, record)
          const open = contradictions.filter(({ resolution }) => resolution === 'open')
          return { pinned, hits, gaps, ...(open.length > 0 ? { contradictions: open } : {}) }
        },
        async remember(record) {
          check()
          const drafted = await memory.remember({
            kind: record.kind,
            text: record.text,
            about: record.about,
            body: record.body,
            drafted: true,
            ...(record.validFrom === undefined ? {} : { validFrom: record.validFrom }),
            ...(record.validTo === undefined ? {} : { validTo: record.validTo }),
            derivedFrom: [turn.turnId],
          })
          send({
            type: 'memory',
            record: { id: drafted.id, kind: drafted.kind, text: drafted.text, status: drafted.status },
          })
          return drafted
        },
        async forget(id) {
          check()
          const record = memories.get(id) ?? (await memory.list()).find((held) => held.id === id)
          const gone = (await memory.forget(id)) > 0
          if (gone && record) {
            send({ type: 'memory', record: { id, kind: record.kind, text: record.text, status: 'retired' } })
          }
          return gone
        },
        degrade(reason) {
          missed.push(reason)
        },
        async metrics() {
          check()
          return (await ports.longTerm.metrics(scope)).map((summary) => summary.metric)
        },
        profile() {
          check()
          return ports.longTerm.profile(scope)
        },
        emit(part) {
          check()
          if (node.phase !== 'verify' || part.type !== 'sentence') {
            throw new AurenError('AUREN_PLUGIN_INVALID', 'Only the phase "verify" sends, and only sentences', {
              plugin: node.id,
            })
          }
          say(part.text, part.facts)
        },
      }
      return {
        context,
        missed,
        close() {
          closed = true
        },
      }
    },
    finish(state) {
      if (state.guard?.stop) say(state.guard.text ?? fixed.nothing, [])
      else {
        const sentences = state.answer?.sentences ?? []
        const already = new Set(said.map((sentence) => sentence.text))
        for (const sentence of sentences) if (!already.has(sentence.text)) say(sentence.text, sentence.facts)
        if (said.length === 0) say(fixed.nothing, [])
      }
      const understanding = state.guard?.stop ? null : state.understanding
      if (state.guard?.stop) ended = 'guarded'
      else if (!understanding || understanding.intent === 'unknown') ended = 'not_understood'
      return {
        conversation: [
          ...state.conversation,
          { role: 'person' as const, text: turn.text, facts: [] },
          {
            role: 'neuros' as const,
            text: said.map((sentence) => sentence.text).join('\n'),
            facts: said.flatMap((sentence) => sentence.facts),
            forModels: !said.some((sentence) => sentence.facts.some((id) => secret.has(id))),
          },
        ].slice(-CONVERSATION_TURNS),
        pending: understanding?.clarify
          ? { question: understanding.clarify, understanding, original: turn.text }
          : null,
      }
    },
  }
}

/** A reason that a person can read: the title of an error code, else the reason itself. */
function explain(reason: string): string {
  return errorCodes[reason as keyof typeof errorCodes]?.title ?? reason
}
