import { randomUUID } from 'node:crypto'
import type { Instant, Job, Journal, NewJob } from '@auren/core'
import type { Box } from '../box.js'
import { placeholders, type Query, type SqlTx, textArrayLiteral } from '../port.js'

type JobsPart = Pick<Journal, 'addJob' | 'addJobs' | 'leaseJob' | 'saveJob' | 'endJob' | 'getJob' | 'listJobs'>

interface Row {
  id: string
  kind: string
  user_id: string | null
  payload: Uint8Array
  state: Job['state']
  attempts: number
  excused: number
  progress: Uint8Array
  error: string | null
  run_at: number
  updated_at: number
}

const columns = 'id, kind, user_id, payload, state, attempts, excused, progress, error, run_at, updated_at'

/**
 * Ends all leases: what ran is due at once. Only for whoever has the database to himself: the workers that held them
 * have died with the process that was killed.
 */
export async function endLeases(tx: SqlTx): Promise<void> {
  await tx.query("update auren.jobs set lease_until = 0 where state = 'running' and lease_until > 0")
}

/** Progress of a job that has not begun: there is nothing to seal. */
const nothing = new Uint8Array()

/** Durable work with leases; payload and progress are sealed. */
export function createJobs(box: Box, now: () => Instant): JobsPart {
  const toJob = async (row: Row): Promise<Job> => ({
    id: row.id,
    kind: row.kind,
    user: row.user_id,
    payload: await box.openJson(row.user_id, row.payload),
    state: row.state,
    attempts: row.attempts,
    excused: row.excused,
    progress: row.progress.length === 0 ? {} : await box.openJson(row.user_id, row.progress),
    error: row.error,
    runAt: row.run_at,
    updatedAt: row.updated_at,
  })
  const get = async (tx: SqlTx, id: string): Promise<Row | undefined> =>
    (await tx.query<Row>(`select ${columns} from auren.jobs where id = $1`, [id]))[0]

  const insertion = async (jobs: readonly NewJob[]): Promise<Required<Query>> => {
    const at = now()
    const values = await Promise.all(
      jobs.map(async (job) => [
        randomUUID(),
        job.kind,
        job.user,
        job.key ?? null,
        await box.sealJson(job.user, job.payload),
        nothing,
        job.runAt ?? at,
        at,
      ]),
    )
    return {
      text: `insert into auren.jobs (id, kind, user_id, key, payload, state, attempts, progress, run_at, updated_at)
       select id, kind, user_id, key, payload, 'waiting', 0, progress, run_at, updated_at
       from (values ${placeholders(values.length, ['uuid', 'text', 'text', 'text', 'bytea', 'bytea', 'int8', 'int8'])})
         as new (id, kind, user_id, key, payload, progress, run_at, updated_at)
       on conflict (key) do nothing`,
      params: values.flat(),
    }
  }

  return {
    async addJob(t, job) {
      const { text, params } = await insertion([job])
      const [made] = await (t as SqlTx).query<{ id: string }>(`${text} returning id`, params)
      if (made) return made.id
      const [first] = await (t as SqlTx).query<{ id: string }>('select id from auren.jobs where key = $1', [
        job.key as string,
      ])
      return (first as { id: string }).id
    },

    async addJobs(t, jobs) {
      if (jobs.length === 0) return
      const { text, params } = await insertion(jobs)
      const tx = t as SqlTx
      tx.later(text, params)
    },

    async leaseJob(t, kinds, leaseMs, at) {
      const [row] = await (t as SqlTx).query<Row>(
        `update auren.jobs set state = 'running', attempts = attempts + 1, lease_until = $2::int8 + $3::int8, updated_at = $2
         where id = (
           select id from auren.jobs
           where kind = any($1::text[]) and run_at <= $2
             and (state = 'waiting' or (state = 'running' and lease_until <= $2))
           order by run_at, seq limit 1 for update skip locked
         ) returning ${columns}`,
        [textArrayLiteral(kinds), at, leaseMs],
      )
      return row ? toJob(row) : null
    },

    async saveJob(t, id, progress, leaseMs, at, attempt) {
      const tx = t as SqlTx
      const row = await get(tx, id)
      if (!row) return false
      const rows = await tx.query(
        `update auren.jobs set progress = $2, lease_until = $3::int8 + $4::int8, updated_at = $3
         where id = $1 and state = 'running' and lease_until > $3 and attempts = coalesce($5, attempts) returning 1 as held`,
        [id, await box.sealJson(row.user_id, progress), at, leaseMs, attempt ?? null],
      )
      return rows.length === 1
    },

    async endJob(t, id, end, at) {
      const tx = t as SqlTx
      const row = await get(tx, id)
      if (!row) return
      await tx.query(
        `update auren.jobs set state = $2, error = $3, run_at = coalesce($4, run_at), progress = coalesce($5, progress),
           lease_until = null, updated_at = $6, excused = coalesce($8, excused)
         where id = $1 and state not in ('done', 'cancelled') and attempts = coalesce($7, attempts)`,
        [
          id,
          end.state,
          end.error ?? null,
          end.runAt ?? null,
          end.progress ? await box.sealJson(row.user_id, end.progress) : null,
          at,
          end.attempt ?? null,
          end.excused ?? null,
        ],
      )
    },

    async getJob(t, id) {
      const row = await get(t as SqlTx, id)
      return row ? toJob(row) : null
    },

    async listJobs(t, { user, kind, limit = 100 }) {
      const rows = await (t as SqlTx).query<Row>(
        `select ${columns} from auren.jobs
         where ($1::text is null or user_id = $1) and ($2::text is null or kind = $2) order by seq desc limit $3`,
        [user ?? null, kind ?? null, limit],
      )
      return Promise.all(rows.map(toJob))
    },
  }
}
