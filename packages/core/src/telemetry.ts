import { type Channel, channel } from 'node:diagnostics_channel'
import type { AurenErrorCode } from './errors.js'
import type { Lane } from './events/tx.js'

/**
 * Channels of `node:diagnostics_channel` on which AUREN tells what it does, for metrics and tracing. Messages hold counts
 * and names, never a person, never a value.
 */
export const channels = {
  /** After a delivery's transaction has committed: {@link AcceptedMessage}. */
  accepted: 'auren:accepted',
  /** After a consumer's transaction has committed: {@link StoredMessage}. */
  stored: 'auren:stored',
  /** After a job has ended, or is to be tried again: {@link JobMessage}. */
  job: 'auren:job',
  /** After the relay has given envelopes a place in the log: {@link RelayedMessage}. */
  relayed: 'auren:relayed',
  /** The relay, a consumer or a runner of jobs failed, and will try again: {@link StuckMessage}. */
  stuck: 'auren:stuck',
  /** After a transaction has waited for a connection to the database: {@link SqlWaitMessage}. */
  sqlWait: 'auren:sql-wait',
  /** After tier 1 was asked: {@link HotMessage}. */
  hot: 'auren:hot',
  /** After a call of the language model: {@link ModelCallMessage}. */
  model: 'auren:model',
  /** A node of NEUROS failed or ran out of time: {@link NodeFailedMessage}. */
  nodeFailed: 'auren:node-failed',
  /** After a question has ended: {@link QuestionMessage}. */
  question: 'auren:question',
} as const

/** A delivery was committed. */
export interface AcceptedMessage {
  provider: string
  accepted: number
  quarantined: number
  /** Parts of it that had been committed before: nothing was done again. */
  duplicates: number
}

/** Envelopes were stored, or set aside. */
export interface StoredMessage {
  partition: number
  next: number
  envelopes: number
  observations: number
  quarantined: number
  /** Length of the transaction, in ms. */
  ms: number
  /** W3C trace contexts of the deliveries that they came with, where there were any. */
  traces?: readonly string[]
}

/** A job came to an end, for now or for good. */
export interface JobMessage {
  kind: string
  state: 'done' | 'waiting' | 'dead'
  attempts: number
  /** Length of this attempt, in ms. */
  ms: number
  /** W3C trace context of the delivery that led to it, where there was one. */
  trace?: string
}

/** Envelopes got their place in the log. */
export interface RelayedMessage {
  /** `table`, or the bus's name. */
  log: string
  envelopes: number
  /** Until the log acknowledged, in ms. */
  ms: number
}

/** Work that goes on behind did not. */
export interface StuckMessage {
  part: 'relay' | 'consumer' | 'jobs'
  code: AurenErrorCode
}

/** A transaction got a connection, or did not. */
export interface SqlWaitMessage {
  lane: Lane
  ms: number
  /** Why it got none; null where it got one. */
  code: AurenErrorCode | null
}

/** What tier 1 held: what was asked for, something of an older version of the person's data, or nothing. */
export interface HotMessage {
  outcome: 'hit' | 'stale' | 'miss'
}

/** A call of a language model ended. */
export interface ModelCallMessage {
  /** Its name in the configuration. */
  model: string
  /** From the call to the last piece, in ms. */
  ms: number
  /** Why it failed; null where it did not. */
  code: AurenErrorCode | null
  /** Tokens as its endpoint counted them; null where it does not say. */
  tokens: { input: number; output: number } | null
}

/** A node of NEUROS failed; the run went on without it. */
export interface NodeFailedMessage {
  node: string
  code: AurenErrorCode
}

/** A question ended. `guarded`: a safety rule answered it; `degraded`: something that it uses was not there. */
export interface QuestionMessage {
  outcome: 'answered' | 'degraded' | 'not_understood' | 'guarded' | 'failed' | 'cancelled' | 'interrupted'
  /** From the question to its last part, in ms. */
  ms: number
}

/** Message of each channel. */
export interface Messages {
  accepted: AcceptedMessage
  stored: StoredMessage
  job: JobMessage
  relayed: RelayedMessage
  stuck: StuckMessage
  sqlWait: SqlWaitMessage
  hot: HotMessage
  model: ModelCallMessage
  nodeFailed: NodeFailedMessage
  question: QuestionMessage
}

const opened = Object.fromEntries(Object.entries(channels).map(([name, id]) => [name, channel(id)])) as Record<
  keyof Messages,
  Channel
>

/** Tells whoever listens; costs nothing where nobody does. */
export function publish<N extends keyof Messages>(name: N, message: Messages[N]): void {
  if (opened[name].hasSubscribers) opened[name].publish(message)
}

/** Listens to a channel; call what it returns to stop. Messages hold counts and names, never a person, never a value. */
export function listen<N extends keyof Messages>(name: N, heard: (message: Messages[N]) => void): () => void {
  const listener = (message: unknown): void => heard(message as Messages[N])
  opened[name].subscribe(listener)
  return () => {
    opened[name].unsubscribe(listener)
  }
}
