import type { CheckpointRow, CheckpointRows, UserId } from '@auren/core'
import type { Box } from './box.js'
import type { Sql, SqlTx } from './port.js'

interface Row {
  thread: string
  ns: string
  id: string
  parent: string | null
  checkpoint: Uint8Array
  checkpoint_type: string
  metadata: Uint8Array
  metadata_type: string
}
interface WriteRow {
  task: string
  idx: number
  channel: string
  type: string
  value: Uint8Array
}

const columns = 'thread, ns, id, parent, checkpoint, checkpoint_type, metadata, metadata_type'

/** Rows behind LangGraph's checkpointer, each seen by its person only; ids ascend in time. */
export function createCheckpointRows(sql: Sql, box: Box): CheckpointRows {
  const open = async (tx: SqlTx, user: UserId, row: Row): Promise<CheckpointRow> => {
    const writes = await tx.query<WriteRow>(
      `select task, idx, channel, type, value from auren.checkpoint_writes
       where thread = $1 and ns = $2 and id = $3 order by task, idx`,
      [row.thread, row.ns, row.id],
    )
    const opened: CheckpointRow['writes'] = []
    for (const { task, idx: index, channel, type, value } of writes)
      opened.push({ task, index, channel, type, value: await box.open(user, value) })
    return {
      thread: row.thread,
      ns: row.ns,
      id: row.id,
      parent: row.parent,
      checkpoint: await box.open(user, row.checkpoint),
      checkpointType: row.checkpoint_type,
      metadata: await box.open(user, row.metadata),
      metadataType: row.metadata_type,
      writes: opened,
    }
  }

  return {
    put: (user, row) =>
      sql.as(user, async (tx) => {
        await tx.query(
          `insert into auren.checkpoints (user_id, ${columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict (user_id, thread, ns, id) do update set parent = excluded.parent, checkpoint = excluded.checkpoint,
             checkpoint_type = excluded.checkpoint_type, metadata = excluded.metadata, metadata_type = excluded.metadata_type`,
          [
            user,
            row.thread,
            row.ns,
            row.id,
            row.parent,
            await box.seal(user, row.checkpoint),
            row.checkpointType,
            await box.seal(user, row.metadata),
            row.metadataType,
          ],
        )
      }),

    putWrites: (user, { thread, ns, id, task }, writes) =>
      sql.as(user, async (tx) => {
        // A task's own writes are kept as they were first; errors, interrupts and resumes (below 0) as they are last.
        for (const { index, channel, type, value } of writes)
          await tx.query(
            `insert into auren.checkpoint_writes (user_id, thread, ns, id, task, idx, channel, type, value)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (user_id, thread, ns, id, task, idx) do ${
               index < 0
                 ? 'update set channel = excluded.channel, type = excluded.type, value = excluded.value'
                 : 'nothing'
             }`,
            [user, thread, ns, id, task, index, channel, type, await box.seal(user, value)],
          )
      }),

    get: (user, { thread, ns, id }) =>
      sql.as(
        user,
        async (tx) => {
          const [row] = await tx.query<Row>(
            `select ${columns} from auren.checkpoints where user_id = $1 and thread = $2 and ns = $3
               and ($4::text is null or id = $4) order by id desc limit 1`,
            [user, thread, ns, id ?? null],
          )
          return row ? open(tx, user, row) : null
        },
        { readOnly: true },
      ),

    list: (user, { thread, ns, before, limit }) =>
      sql.as(
        user,
        async (tx) => {
          const rows = await tx.query<Row>(
            `select ${columns} from auren.checkpoints where user_id = $1 and ($2::text is null or thread = $2)
               and ($3::text is null or ns = $3) and ($4::text is null or id < $4) order by id desc limit $5`,
            [user, thread ?? null, ns ?? null, before ?? null, limit ?? null],
          )
          const opened: CheckpointRow[] = []
          for (const row of rows) opened.push(await open(tx, user, row))
          return opened
        },
        { readOnly: true },
      ),

    removeThread: (user, thread) => sql.as(user, (tx) => removeCheckpoints(tx, thread)),
  }
}

/** Removes a thread's checkpoints; `tx` must be a person's. */
export async function removeCheckpoints(tx: SqlTx, thread: string): Promise<void> {
  await tx.query('delete from auren.checkpoint_writes where thread = $1', [thread])
  await tx.query('delete from auren.checkpoints where thread = $1', [thread])
}
