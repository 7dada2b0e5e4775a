import type { Journal } from '@auren/core'
import type { SqlTx } from '../port.js'

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

  async advance(tx, group, partition, epoch, expected, next) {
    const rows = await (tx as SqlTx).query(
      `update auren.offsets set next = $5 where consumer = $1 and partition = $2 and epoch = $3 and next = $4
       returning 1 as done`,
      [group, partition, epoch, expected, next],
    )
    return rows.length === 1
  },
}
