import { setTimeout as delay } from 'node:timers/promises'
import { AurenError, asAurenError } from '../errors.js'
import type { Instant } from '../observation/schema.js'
import type { PluginContext } from '../plugin/types.js'
import { type JobMessage, publish } from '../telemetry.js'
import type { Job, Journal, Tx } from './ports.js'
import { traceparentOf } from './trace.js'

/** Length of a lease in ms; work renews it. */
export const LEASE_MS = 20_000
const HEARTBEAT_MS = 5000
const IDLE_MS = 2000
/** Attempts after which a job that fails for a passing reason is given up. */
const MOST_ATTEMPTS = 8
const FIRST_RETRY_MS = 2000
const MOST_RETRY_MS = 3_600_000
/** Longest that a vendor can have a job put off. */
const MOST_PUT_OFF_MS = 24 * 3_600_000

/** What a job works with. */
export interface JobContext {
  signal: AbortSignal
  /** Notes progress and renews the lease. @throws AurenError AUREN_ABORTED where the lease is lost or the job was cancelled */
  save(progress: Record<string, unknown>): Promise<void>
  /** Does a step and notes the progress that it returns, in one transaction. @throws as `save`, with nothing done */
  step<P extends Record<string, unknown>>(work: (tx: Tx) => Promise<P>): Promise<P>
  /** The job is due again then, whatever becomes of this run: it is neither done nor given up. Null: it is, after all. */
  repeat(at: Instant | null): void
}

/** Does one job; returns its last progress. */
export type JobHandler = (job: Job, ctx: JobContext) => Promise<Record<string, unknown>>

/** Runs the jobs of some kinds. */
export interface JobRunner {
  start(): void
  wake(): void
  /** Resolves when no job is due and none runs here. */
  drained(): Promise<void>
  /** Stops a job that runs here. */
  cancel(id: string): void
  close(): Promise<void>
}

/** A runner over the journal: lease, heartbeat, retry with growing pauses and jitter, dead after {@link MOST_ATTEMPTS}. */
export function createJobRunner(ports: {
  journal: Journal
  handlers: Readonly<Record<string, JobHandler>>
  now(): Instant
  log: PluginContext['log']
  random?: () => number
  /** Jobs that run at the same time, in this process. @default 1 */
  atOnce?: number
}): JobRunner {
  const { journal, handlers, now, log } = ports
  const random = ports.random ?? Math.random
  const stop = new AbortController()
  let alarm = new AbortController()
  let asked = 0
  let running: Promise<unknown> | null = null
  const current = new Map<string, AbortController>()
  /** Loops that look for a job or do one. */
  let busy = 0
  let waiters: { turn: number; resolve: () => void }[] = []

  const wake = (): void => {
    asked++
    // Making the reason costs as much as a small query.
    if (!alarm.signal.aborted) alarm.abort()
  }

  const work = async (job: Job): Promise<void> => {
    const abort = new AbortController()
    const began = performance.now()
    let repeatAt: Instant | null = null
    current.set(job.id, abort)
    let progress = job.progress
    let beat: Promise<unknown> = Promise.resolve()
    let stepping = false
    const step: JobContext['step'] = async (work) => {
      // A heartbeat that is under way writes what was true before this step: it must not come after it.
      stepping = true
      await beat
      try {
        const next = await journal.transaction(
          async (tx) => {
            const made = await work(tx)
            if (!(await journal.saveJob(tx, job.id, made, LEASE_MS, now(), job.attempts)))
              throw new AurenError('AUREN_ABORTED', 'The job was taken over or cancelled.')
            return made
          },
          { lane: 'bulk' },
        )
        progress = next
        return next
      } finally {
        stepping = false
      }
    }
    const heart = setInterval(() => {
      if (!stepping)
        beat = journal
          .transaction((tx) => journal.saveJob(tx, job.id, progress, LEASE_MS, now(), job.attempts))
          .then((held) => {
            if (!held) abort.abort()
          })
          // A store that is away for a moment costs a beat, not the work: the lease decides.
          .catch(() => undefined)
    }, HEARTBEAT_MS)
    const save = async (next: Record<string, unknown>): Promise<void> => {
      await step(async () => next)
    }
    try {
      const handler = handlers[job.kind]
      if (!handler) throw new AurenError('AUREN_INTERNAL', `Nothing does jobs of kind ${job.kind}.`)
      const last = await handler(job, {
        signal: AbortSignal.any([abort.signal, stop.signal]),
        save,
        step,
        repeat: (at) => {
          repeatAt = at
        },
      })
      const end = repeatAt === null ? ({ state: 'done' } as const) : regular(job, repeatAt)
      await journal.transaction((tx) =>
        journal.endJob(tx, job.id, { ...end, progress: last, attempt: job.attempts }, now()),
      )
      publish('job', told(job, 'done', began))
    } catch (cause) {
      await fail(job, progress, asAurenError(cause), began, repeatAt)
    } finally {
      clearInterval(heart)
      current.delete(job.id)
    }
  }

  const fail = async (
    job: Job,
    progress: Record<string, unknown>,
    error: AurenError,
    began: number,
    repeatAt: Instant | null,
  ): Promise<void> => {
    // A stop of the process is no failure: the lease runs out and the work goes on where it stood.
    if (stop.signal.aborted || error.code === 'AUREN_ABORTED' || error.code === 'AUREN_CLOSED') {
      if (stop.signal.aborted) {
        await journal
          .transaction((tx) =>
            journal.endJob(
              tx,
              job.id,
              { state: 'waiting', runAt: now(), progress, attempt: job.attempts, excused: job.excused + 1 },
              now(),
            ),
          )
          .catch(() => undefined)
      }
      return
    }
    // A vendor that asks to slow down is not a failure: it is asked again, however often, and none of it counts.
    const asked = error.code === 'AUREN_VENDOR_LIMIT'
    const tries = job.attempts - job.excused
    const again = error.retryable && (asked || tries < MOST_ATTEMPTS)
    const runAt = now() + pauseOf(error, asked ? job.attempts : tries)
    publish('job', told(job, again ? 'waiting' : 'dead', began))
    log(again ? 'warn' : 'error', 'job failed', { kind: job.kind, code: error.code, attempts: job.attempts, again })
    await journal.transaction((tx) =>
      journal.endJob(
        tx,
        job.id,
        {
          ...(again
            ? { state: 'waiting', runAt, ...(asked ? { excused: job.excused + 1 } : {}) }
            : repeatAt === null
              ? { state: 'dead' }
              : regular(job, repeatAt)),
          error: `${error.code}: ${error.message}`,
          progress,
          attempt: job.attempts,
        },
        now(),
      ),
    )
  }

  /** As long as the vendor asked for, else longer with each try. */
  const pauseOf = ({ retryAfter }: AurenError, tries: number): number =>
    retryAfter !== undefined && retryAfter >= 0
      ? Math.min(MOST_PUT_OFF_MS, Math.ceil(retryAfter * 1000))
      : Math.floor(Math.min(MOST_RETRY_MS, FIRST_RETRY_MS * 2 ** tries) * (0.5 + random() / 2))

  const loop = async (): Promise<void> => {
    let failures = 0
    while (!stop.signal.aborted) {
      const turn = asked
      if (alarm.signal.aborted) alarm = new AbortController()
      try {
        busy++
        try {
          const job = await journal.transaction((tx) => journal.leaseJob(tx, Object.keys(handlers), LEASE_MS, now()))
          if (job) {
            await work(job)
            continue
          }
        } finally {
          busy--
        }
        failures = 0
        // Whoever is still at work says so when it has ended.
        if (busy === 0) {
          const ready = waiters.filter((waiter) => waiter.turn <= turn)
          waiters = waiters.filter((waiter) => waiter.turn > turn)
          for (const waiter of ready) waiter.resolve()
        }
        if (asked !== turn) continue
        await pause(IDLE_MS)
      } catch (cause) {
        const error = asAurenError(cause)
        if (stop.signal.aborted || error.code === 'AUREN_CLOSED') return
        publish('stuck', { part: 'jobs', code: error.code })
        log('error', 'jobs are stuck', { code: error.code })
        await pause(Math.min(10_000, 100 * 2 ** failures++))
      }
    }
  }
  const pause = (ms: number): Promise<unknown> =>
    delay(ms, undefined, { signal: AbortSignal.any([alarm.signal, stop.signal]) }).catch(() => undefined)

  return {
    start: () => {
      running ??= Promise.all(Array.from({ length: ports.atOnce ?? 1 }, loop))
    },
    wake,
    drained: () =>
      new Promise((resolve) => {
        wake()
        waiters.push({ turn: asked, resolve })
      }),
    cancel: (id) => {
      current.get(id)?.abort()
    },
    async close() {
      stop.abort()
      await running
      for (const waiter of waiters.splice(0)) waiter.resolve()
    },
  }
}

/** Due again at its time, with all of its tries. */
function regular({ attempts }: Job, runAt: Instant): { state: 'waiting'; runAt: Instant; excused: number } {
  return { state: 'waiting', runAt, excused: attempts }
}

function told({ kind, attempts, payload }: Job, state: JobMessage['state'], began: number): JobMessage {
  const { traceparent } = (payload ?? {}) as { traceparent?: unknown }
  const trace = typeof traceparent === 'string' ? traceparentOf(traceparent) : undefined
  return { kind, state, attempts, ms: performance.now() - began, ...(trace === undefined ? {} : { trace }) }
}
