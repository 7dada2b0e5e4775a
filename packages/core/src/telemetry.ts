import { channel } from 'node:diagnostics_channel'

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
} as const

/** A delivery was committed. */
export interface AcceptedMessage {
  provider: string
  accepted: number
  quarantined: number
}

/** Envelopes were stored, or set aside. */
export interface StoredMessage {
  partition: number
  next: number
  envelopes: number
  observations: number
  quarantined: number
  /** W3C trace contexts of the deliveries that they came with, where there were any. */
  traces?: readonly string[]
}

/** A job came to an end, for now or for good. */
export interface JobMessage {
  kind: string
  state: 'done' | 'waiting' | 'dead'
  attempts: number
}

interface Messages {
  accepted: AcceptedMessage
  stored: StoredMessage
  job: JobMessage
}

const opened = {
  accepted: channel(channels.accepted),
  stored: channel(channels.stored),
  job: channel(channels.job),
}

/** Tells whoever listens; costs nothing where nobody does. */
export function publish<N extends keyof Messages>(name: N, message: Messages[N]): void {
  if (opened[name].hasSubscribers) opened[name].publish(message)
}
