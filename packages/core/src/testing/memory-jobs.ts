import { randomUUID } from 'node:crypto'
import type { Job, Journal } from '../events/ports.js'
import type { Instant, UserId } from '../observation/schema.js'
import { type UndoMap, undoMap } from './undo.js'

interface HeldJob extends Job {
  key: string | undefined
  leaseUntil: Instant
}

type JobsPart = Pick<
  Journal,
  'addJob' | 'addJobs' | 'dueJobs' | 'leaseJob' | 'saveJob' | 'endJob' | 'getJob' | 'listJobs'
>

/** Jobs of an in-process journal. */
export function createMemoryJobs(now: () => Instant): {
  rows: UndoMap<string, HeldJob>
  part: JobsPart
  /** How many jobs that a delivery led to have not ended. */
  of(user: UserId, receipt: string): number
} {
  const rows = undoMap<string, HeldJob>()
  const shown = ({ key: _key, leaseUntil: _lease, ...job }: HeldJob): Job => structuredClone(job)
  const add: Journal['addJob'] = async (tx, { kind, user, payload, key, runAt }) => {
    const first = key === undefined ? undefined : rows.values().find((job) => job.key === key)
    if (first) return first.id
    const id = randomUUID()
    const at = now()
    rows.set(tx, id, {
      id,
      kind,
      user,
      payload: structuredClone(payload),
      key,
      state: 'waiting',
      attempts: 0,
      excused: 0,
      progress: {},
      error: null,
      runAt: runAt ?? at,
      updatedAt: at,
      leaseUntil: 0,
    })
    return id
  }
  const part: JobsPart = {
    addJob: add,
    async addJobs(tx, jobs) {
      for (const job of jobs) await add(tx, job)
    },
    dueJobs: async (_tx, at) =>
      rows.values().filter(({ state, runAt }) => state === 'running' || (state === 'waiting' && runAt <= at)).length,
    async leaseJob(tx, kinds, leaseMs, at) {
      const [due] = rows
        .values()
        .filter(
          (job) =>
            kinds.includes(job.kind) &&
            job.runAt <= at &&
            (job.state === 'waiting' || (job.state === 'running' && job.leaseUntil <= at)),
        )
        .sort((a, b) => a.runAt - b.runAt)
      if (!due) return null
      const leased: HeldJob = {
        ...due,
        state: 'running',
        attempts: due.attempts + 1,
        leaseUntil: at + leaseMs,
        updatedAt: at,
      }
      rows.set(tx, due.id, leased)
      return shown(leased)
    },
    async saveJob(tx, id, progress, leaseMs, at, attempt) {
      const job = rows.get(id)
      if (job?.state !== 'running' || job.leaseUntil <= at || job.attempts !== (attempt ?? job.attempts)) return false
      rows.set(tx, id, { ...job, progress: structuredClone(progress), leaseUntil: at + leaseMs, updatedAt: at })
      return true
    },
    async endJob(tx, id, { attempt, ...end }, at) {
      const job = rows.get(id)
      if (!job || job.state === 'done' || job.state === 'cancelled') return
      if (attempt !== undefined && job.attempts !== attempt) return
      rows.set(tx, id, {
        ...job,
        state: end.state,
        error: end.error ?? null,
        runAt: end.runAt ?? job.runAt,
        progress: end.progress ? structuredClone(end.progress) : job.progress,
        excused: end.excused ?? job.excused,
        leaseUntil: 0,
        updatedAt: at,
      })
    },
    async getJob(_tx, id) {
      const job = rows.get(id)
      return job ? shown(job) : null
    },
    async listJobs(_tx, { user, kind, limit = 100 }) {
      return rows
        .values()
        .filter((job) => (user === undefined || job.user === user) && (kind === undefined || job.kind === kind))
        .reverse()
        .slice(0, limit)
        .map(shown)
    },
  }
  const of = (user: UserId, receipt: string): number =>
    rows
      .values()
      .filter(
        (job) =>
          job.user === user &&
          job.key?.startsWith(`${receipt}/`) &&
          (job.state === 'waiting' || job.state === 'running'),
      ).length
  return { rows, part, of }
}
