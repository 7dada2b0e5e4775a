import { randomUUID } from 'node:crypto'
import { AurenError, type RunState, type Threads, type Turn, type Tx, type UserId } from '@auren/core'
import { createBox } from './box.js'
import { createCheckpointRows, removeCheckpoints } from './checkpoints.js'
import { clock } from './clock.js'
import { type Sql, type SqlTx, textArrayLiteral } from './port.js'
import { createTurnIndex } from './turn-index.js'
import type { SqlVault } from './vault.js'

interface TurnRow {
  id: string
  thread: string
  role: Turn['role']
  sealed: Uint8Array
  at: number
}

/**
 * Ends the leases of all runs. Only for whoever has the database to himself: the processes that held them have died.
 */
export async function endRunLeases(tx: SqlTx): Promise<void> {
  await tx.query("update auren.runs set lease_until = 0 where state = 'running' and lease_until > 0")
}

/** A title is the beginning of what the person asked first. */
const titleLength = 80

/** Threads, runs and checkpoints on SQL, sealed, each seen by its person only. */
export function createThreads(sql: Sql, vault: SqlVault): Threads {
  const box = createBox(vault)
  const index = createTurnIndex(sql, vault, box)
  const asPerson = <T>(tx: Tx, user: UserId, fn: (inner: SqlTx) => Promise<T>): Promise<T> =>
    (tx as SqlTx).as({ user }, fn)
  const reading = { readOnly: true } as const

  return {
    list: ({ user }) =>
      sql.as(
        user,
        async (tx) => {
          const rows = await tx.query<{ id: string; title: Uint8Array | null; updated_at: number }>(
            'select id, title, updated_at from auren.threads order by updated_at desc, id',
          )
          return Promise.all(
            rows.map(async ({ id, title, updated_at }) => ({
              id,
              title: title ? await box.openJson<string>(user, title) : '',
              updatedAt: updated_at,
            })),
          )
        },
        reading,
      ),

    turns: ({ user }, thread, limit) =>
      sql.as(
        user,
        async (tx) => {
          const rows = await tx.query<TurnRow>(
            'select id, thread, role, sealed, at from auren.turns where user_id = $1 and thread = $2 order by seq desc limit $3',
            [user, thread, limit ?? null],
          )
          return Promise.all(
            rows.reverse().map(async ({ sealed, ...row }): Promise<Turn> => {
              return { ...row, ...(await box.openJson<Pick<Turn, 'text' | 'facts'>>(user, sealed)) }
            }),
          )
        },
        reading,
      ),

    addTurn: (t, user, { id, thread, role, text, facts, at }) =>
      asPerson(t, user, async (tx) => {
        const title = role === 'person' ? await box.sealJson(user, text.slice(0, titleLength)) : null
        await touch(tx, user, thread, at, title)
        const [row] = await tx.query<{ seq: number }>(
          'insert into auren.turns (user_id, id, thread, role, sealed, at) values ($1, $2, $3, $4, $5, $6) returning seq',
          [user, id, thread, role, await box.sealJson(user, { text, facts }), at],
        )
        if (row) await index.add(tx, user, { thread, seq: row.seq, text })
      }),

    search: (scope, q) => index.search(scope.user, q),

    remove: (t, user, thread) =>
      asPerson(t, user, async (tx) => {
        await tx.query('delete from auren.run_parts where run in (select id from auren.runs where thread = $1)', [
          thread,
        ])
        await tx.query('delete from auren.runs where thread = $1', [thread])
        await tx.query('delete from auren.turns where thread = $1', [thread])
        await removeCheckpoints(tx, thread)
        return (await tx.query('delete from auren.threads where id = $1 returning id', [thread])).length > 0
      }),

    startRun: (t, user, { thread, clientId, text, at, leaseMs }) =>
      asPerson(t, user, async (tx) => {
        const id = randomUUID()
        // The thread's row first: whoever begins a run in it holds it, so runs are numbered in the order of their commits.
        await touch(tx, user, thread, at, null)
        const [made] = await tx.query(
          `insert into auren.runs (user_id, id, thread, client_id, state, sealed, at, lease_until)
           values ($1, $2, $3, $4, 'running', $5, $6, ${clock} + $7::int8)
           on conflict (user_id, thread, client_id) do nothing returning 1 as made`,
          [user, id, thread, clientId, await box.sealJson(user, text), at, leaseMs],
        )
        if (made) return { id, created: true }
        const [first] = await tx.query<{ id: string }>(
          'select id from auren.runs where user_id = $1 and thread = $2 and client_id = $3',
          [user, thread, clientId],
        )
        return { id: (first as { id: string }).id, created: false }
      }),

    run: ({ user }, id) =>
      sql.as(
        user,
        async (tx) => {
          // Compared as text: an id that is no uuid is just one that is not there.
          const [row] = await tx.query<{ id: string; thread: string; state: RunState }>(
            'select id, thread, state from auren.runs where user_id = $1 and id::text = $2',
            [user, id],
          )
          return row ?? null
        },
        reading,
      ),

    appendParts: (t, user, run, parts) =>
      asPerson(t, user, async (tx) => {
        const [head] = await tx.query<{ state: RunState; last: number }>(
          `select state, coalesce((select max(seq) from auren.run_parts where user_id = $1 and run = $2), 0) as last
           from auren.runs where user_id = $1 and id = $2 for update`,
          [user, run],
        )
        if (!head) throw new AurenError('AUREN_NOT_FOUND', 'There is no such run')
        if (head.state !== 'running')
          throw new AurenError('AUREN_CONFLICT', `The run is ${head.state}: nothing can be added`)
        for (const [i, { seq, part }] of parts.entries()) {
          if (seq !== head.last + 1 + i)
            throw new AurenError('AUREN_CONFLICT', `Part ${head.last + 1 + i} of the run comes next, not ${seq}`)
          await tx.query('insert into auren.run_parts (user_id, run, seq, sealed) values ($1, $2, $3, $4)', [
            user,
            run,
            seq,
            await box.sealJson(user, part),
          ])
        }
      }),

    parts: ({ user }, run, after) =>
      sql.as(
        user,
        async (tx) => {
          const rows = await tx.query<{ seq: number; sealed: Uint8Array }>(
            'select seq, sealed from auren.run_parts where user_id = $1 and run::text = $2 and seq > $3 order by seq',
            [user, run, after],
          )
          return Promise.all(
            rows.map(async ({ seq, sealed }) => ({ seq, part: await box.openJson<unknown>(user, sealed) })),
          )
        },
        reading,
      ),

    endRun: (t, user, run, state) =>
      asPerson(t, user, async (tx) => {
        // The first end holds: what a restart has called interrupted stays so.
        await tx.query(`update auren.runs set state = $3 where user_id = $1 and id = $2 and state = 'running'`, [
          user,
          run,
          state,
        ])
      }),

    async renewRuns(t, runs, leaseMs) {
      const rows = await (t as SqlTx).query<{ id: string }>(
        `update auren.runs r set lease_until = ${clock} + $3::int8
         from unnest($1::text[], $2::uuid[]) as mine (user_id, id)
         where r.user_id = mine.user_id and r.id = mine.id and r.state = 'running' returning r.id`,
        [textArrayLiteral(runs.map(({ user }) => user)), textArrayLiteral(runs.map(({ id }) => id)), leaseMs],
      )
      return new Set(rows.map(({ id }) => id))
    },

    queued: ({ user }, run) =>
      sql.as(
        user,
        async (tx) => {
          const rows = await tx.query(
            `select 1 as ahead from auren.runs me join auren.runs other
               on other.user_id = me.user_id and other.thread = me.thread and other.seq < me.seq and other.state = 'running'
             where me.user_id = $1 and me.id::text = $2 limit 1`,
            [user, run],
          )
          return rows.length > 0
        },
        reading,
      ),

    async interruptRuns(t) {
      const rows = await (t as SqlTx).query(
        `update auren.runs set state = 'interrupted' where state = 'running' and lease_until <= ${clock} returning 1 as done`,
      )
      return rows.length
    },

    checkpoints: createCheckpointRows(sql, box),
  }
}

async function touch(tx: SqlTx, user: UserId, thread: string, at: number, title: Uint8Array | null): Promise<void> {
  await tx.query(
    `insert into auren.threads as t (user_id, id, title, updated_at) values ($1, $2, $3, $4)
     on conflict (user_id, id) do update set title = coalesce(t.title, excluded.title),
       updated_at = greatest(t.updated_at, excluded.updated_at)`,
    [user, thread, title, at],
  )
}
