import { z } from 'zod'
import { AurenError } from '../errors.js'
import type { JobHandler } from '../events/jobs.js'
import type { Job, Journal, Tx } from '../events/ports.js'
import type { KnownIdentity, LongTerm } from '../memory/ports.js'
import type { Instant, UserId } from '../observation/schema.js'
import { failpoint } from '../testing/failpoints.js'
import { type Amendment, commitAmendments, deletionOf } from './amend.js'
import { waitForRoom } from './backlog.js'
import { receiveOnce } from './deliver.js'
import { ImportProgress } from './import-job.js'
import { asideOf, coveredBy, type Snapshot } from './snapshot.js'

/** Kind of the job that withdraws what a complete snapshot lacks, or takes that back. */
export const WITHDRAWAL_JOB = 'withdrawal'
/** What deliveries are called that stand for a withdrawal in the inbox. */
export const WITHDRAWAL_KEY = 'withdrawal:'
/** Observations in one transaction. */
const AT_ONCE = 1000

/** What such a job holds. */
export const WithdrawalPayload = z.object({
  import: z.string(),
  /** True: what this import's withdrawals took back holds again. */
  undo: z.boolean(),
  /** Counted per import. */
  n: z.int(),
})

const Progress = z.object({
  receipt: z.string().optional(),
  receivedAt: z.number().optional(),
  after: z.array(z.union([z.string(), z.number()])).optional(),
  step: z.number().default(0),
  count: z.number().default(0),
})

/** What withdrawals stand on. */
export interface WithdrawalPorts {
  journal: Journal
  longTerm: Pick<LongTerm, 'identities'>
  now(): Instant
  wake(): void
}

/** Withdraws or restores page by page: each page's revisions and the place that was reached are one transaction. */
export function createWithdrawal(ports: WithdrawalPorts): JobHandler {
  const { journal, longTerm, now } = ports

  /** Id and receipt of the delivery that stands for the job: its revisions are known since then. */
  const receive = async (tx: Tx, job: Job, user: UserId, provider: string): Promise<z.infer<typeof Progress>> => {
    const { import: id, undo, n } = WithdrawalPayload.parse(job.payload)
    const body = new TextEncoder().encode(JSON.stringify({ import: id, undo }))
    const deliveryKey = `${WITHDRAWAL_KEY}${id}/${n}`
    const receipt = await receiveOnce(journal, tx, { provider, deliveryKey, user, account: user, body }, now())
    return Progress.parse({ receipt: receipt.id, receivedAt: receipt.receivedAt })
  }

  return async (job, ctx) => {
    const { user } = job
    const { import: id, undo } = WithdrawalPayload.parse(job.payload)
    const source = await journal.transaction((tx) => journal.getJob(tx, id))
    if (user === null || source?.user !== user) throw new AurenError('AUREN_NOT_FOUND', `There is no import ${id}.`)
    const snapshot = snapshotOf(source, user)
    let progress = Progress.parse(job.progress)
    // As a step: where the person has been erased meanwhile, the job is gone, and nothing of them may begin anew.
    if (progress.receipt === undefined) progress = await ctx.step((tx) => receive(tx, job, user, snapshot.provider))
    const { receipt = '', receivedAt = 0 } = progress
    const before = await withdrawalTimes(journal, user, id)
    const aside = (await asideOf(journal, user, snapshot.rawRef)) ?? new Set<string>()
    const account = user
    let held: Amendment[] = []
    const commit = async (after: KnownIdentity['place']): Promise<void> => {
      await waitForRoom(ports, ctx.signal)
      const amendments = held
      held = []
      progress = await ctx.step(async (tx) => {
        const step = `${job.id}/${progress.step}`
        await commitAmendments(
          journal,
          tx,
          { user, provider: snapshot.provider, receivedAt, receipt, step },
          amendments,
        )
        failpoint('withdrawal:before-commit')
        return { ...progress, after: [...after], step: progress.step + 1, count: progress.count + amendments.length }
      })
      failpoint('withdrawal:after-commit')
      ports.wake()
    }

    const found = undo
      ? restorable(longTerm, snapshot, before.withdrawn, progress.after)
      : withdrawable(longTerm, { ...snapshot, restored: before.restored, aside }, receipt, progress.after)
    let place: KnownIdentity['place'] = progress.after ?? []
    for await (const { at, observation, rawRef } of found) {
      if (ctx.signal.aborted) throw new AurenError('AUREN_ABORTED', 'The withdrawal was stopped.')
      held.push({ account, observation, rawRef })
      place = at
      if (held.length >= AT_ONCE) await commit(place)
    }
    if (held.length > 0) await commit(place)
    return { receipt, receivedAt, count: progress.count }
  }
}

/** The complete snapshot that an import was. @throws AurenError AUREN_CONFLICT where it was none */
export function snapshotOf(job: Job, user: UserId): Snapshot {
  const { plugin, rawRef, receivedAt, spans, complete } = ImportProgress.parse(job.progress)
  if (job.state !== 'done' || plugin === undefined || rawRef === undefined || receivedAt === undefined || !complete)
    throw new AurenError('AUREN_CONFLICT', 'This import is no complete snapshot: there is nothing that it lacks.')
  return { user, provider: plugin, rawRef, receivedAt, spans, covered: complete }
}

interface Found {
  at: KnownIdentity['place']
  observation: Amendment['observation']
  rawRef: string
}

async function* withdrawable(
  longTerm: Pick<LongTerm, 'identities'>,
  snapshot: Snapshot,
  receipt: string,
  after: KnownIdentity['place'] | undefined,
): AsyncGenerator<Found> {
  for await (const { identity, observation, missing } of coveredBy(longTerm, snapshot, after))
    if (missing) yield { at: identity.place, observation: deletionOf(observation), rawRef: receipt }
}

/** What was taken back last at one of these times, and not said again since. */
async function* restorable(
  longTerm: Pick<LongTerm, 'identities'>,
  { user, provider }: Snapshot,
  times: ReadonlySet<Instant>,
  after: KnownIdentity['place'] | undefined,
): AsyncGenerator<Found> {
  const q = { provider, account: user, all: true, ...(after ? { after } : {}) }
  for await (const { place, observation, rawRef, withdrawn } of longTerm.identities({ user, purpose: 'operate' }, q))
    if (observation && withdrawn?.by === 'deletion' && withdrawn.last !== null && times.has(withdrawn.last))
      yield { at: place, observation, rawRef }
}

/** When withdrawals of a person said that something does not hold, and when that was taken back. */
export async function withdrawalTimes(
  journal: Journal,
  user: UserId,
  id?: string,
): Promise<{ withdrawn: Set<Instant>; restored: Set<Instant> }> {
  const jobs = await journal.transaction((tx) => journal.listJobs(tx, { user, kind: WITHDRAWAL_JOB, limit: 1000 }))
  const [withdrawn, restored] = [new Set<Instant>(), new Set<Instant>()]
  for (const job of jobs) {
    const payload = WithdrawalPayload.parse(job.payload)
    const { receivedAt } = Progress.parse(job.progress)
    if ((id !== undefined && payload.import !== id) || receivedAt === undefined) continue
    ;(payload.undo ? restored : withdrawn).add(receivedAt)
  }
  return { withdrawn, restored }
}
