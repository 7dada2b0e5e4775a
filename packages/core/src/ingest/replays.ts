import { AurenError } from '../errors.js'
import type { Job, Journal, Tx } from '../events/ports.js'
import type { LongTerm } from '../memory/ports.js'
import type { Instant, UserId } from '../observation/schema.js'
import type { IngestDoor, ReplayView } from '../plugin/auren.js'
import type { WearablePlugin } from '../plugin/types.js'
import { clear, REPLAY_JOB, ReplayPayload, ReplayProgress } from './replay-job.js'
import { shown } from './replay-report.js'

/** Replays that are listed, each with its report. */
const MOST_LISTED = 20

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** What replays are begun and looked at with. */
export interface ReplaysPorts {
  journal: Journal
  longTerm: LongTerm
  wearable(id: string): WearablePlugin
  now(): Instant
  wake(): void
  cancel(job: string): void
}

/** Reading anew what was kept, and what would change. One at a time for a person. */
export function createReplays(ports: ReplaysPorts): IngestDoor['replays'] {
  const { journal, now } = ports
  /** Somebody else's replay is not there. */
  const own = async (tx: Tx, user: UserId, id: string): Promise<Job> => {
    const job = UUID.test(id) ? await journal.getJob(tx, id) : null
    if (!job || job.user !== user || job.kind !== REPLAY_JOB)
      throw new AurenError('AUREN_NOT_FOUND', `There is no replay ${id}.`)
    return job
  }
  const all = (tx: Tx, user: UserId): Promise<Job[]> =>
    journal.listJobs(tx, { user, kind: REPLAY_JOB, limit: MOST_LISTED })

  return {
    async start(user, what) {
      ports.wearable(what.provider)
      const payload = ReplayPayload.parse(what)
      if (payload.from !== undefined && payload.to !== undefined && payload.from > payload.to)
        throw new AurenError('AUREN_INPUT_INVALID', 'The first day is after the last.')
      const view = await journal.transaction(async (tx) => {
        await journal.person(tx, user)
        await journal.lockPersons(tx, [user])
        const running = (await all(tx, user)).find(({ state }) => state === 'waiting' || state === 'running')
        if (running)
          throw new AurenError('AUREN_CONFLICT', `A replay is running already: ${running.id}. Wait for it, or stop it.`)
        return viewOf(await own(tx, user, await journal.addJob(tx, { kind: REPLAY_JOB, user, payload })))
      })
      ports.wake()
      return view
    },
    get: (user, id) => journal.transaction(async (tx) => viewOf(await own(tx, user, id))),
    list: (user) => journal.transaction(async (tx) => (await all(tx, user)).map(viewOf)),
    async cancel(user, id) {
      const running = await journal.transaction(async (tx) => {
        const job = await own(tx, user, id)
        const active = job.state === 'waiting' || job.state === 'running'
        if (active) await journal.endJob(tx, id, { state: 'cancelled' }, now())
        return active
      })
      ports.cancel(id)
      if (running) await clear(ports, user)
    },
  }
}

function viewOf(job: Job): ReplayView {
  const { provider, account, from, to, dryRun } = ReplayPayload.parse(job.payload)
  const { stage, reading, report } = ReplayProgress.parse(job.progress)
  const { deliveries, total, observations, aside, unread } = reading
  return {
    id: job.id,
    provider,
    account: account ?? null,
    from: from ?? null,
    to: to ?? null,
    dryRun,
    state: job.state,
    progress: { stage, deliveries, total: total || null, observations },
    aside: Object.entries(aside)
      .map(([reason, count]) => ({ reason, count }))
      .sort((a, b) => b.count - a.count),
    unread: unread.length,
    report: shown(report),
    error: job.error,
    startedAt: job.updatedAt,
  }
}
