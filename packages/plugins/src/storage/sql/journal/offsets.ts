import type { Journal } from '@auren/core'
import type { SqlTx } from '../port.js'
import { count } from './counters.js'

/** How far each group of consumers has come, fenced by epochs. */
export const offsets: Pick<Journal, 'takeOver' | 'advance'> = {
  async takeOver(tx, group, partition) {
    const [row] = await (tx as SqlTx).query<{ epoch: number; next: number }>(
      `insert into auren.offsets as o (consumer, partition, epoch, next) values ($1, $2, 1, 0)
       on conflict (consumer, partition) do update set epoch = o.epoch + 1 returning epoch, next`,
      [group, partition],
    )
    return row as { epoch: number; next: number }
  },

  async advance(t, group, partition, epoch, expected, next) {
    const tx = t as SqlTx
    // What was emptied by an erasure after the consumer had read it has another id since: nobody else comes by here again.
    const [row] = await tx.query<{ moved: number; passed: number }>(
      `with moved as (
         update auren.offsets set next = $5 where consumer = $1 and partition = $2 and epoch = $3 and next = $4 returning 1
       ), passed as (
         delete from auren.outbox where partition = $2 and position >= $4 and position < $5 and user_id is null
           and exists (select from moved) returning 1
       )
       select (select count(*) from moved) as moved, (select count(*) from passed) as passed`,
      [group, partition, epoch, expected, next],
    )
    await count(tx, 'stored', row?.passed ?? 0)
    return row?.moved === 1
  },
}
