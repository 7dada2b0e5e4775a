import type { DeadLetter, Journal } from '@auren/core'
import { type SqlTx, textArrayLiteral } from '../port.js'

/** Pointers to what was set aside, on their way to the dead-letter topic. The quarantine is the truth, they are notices. */
export const deadLetters: Pick<Journal, 'addDeadLetters' | 'deadLetters' | 'endDeadLetters'> = {
  async addDeadLetters(t, letters) {
    for (const { id, reason, partition, position, at } of letters)
      await (t as SqlTx).query(
        'insert into auren.dead_letters (id, reason, partition, position, at) values ($1, $2, $3, $4, $5)',
        [id, reason, partition, position, at],
      )
  },
  deadLetters: (t, limit) =>
    (t as SqlTx).query<DeadLetter>(
      'select id, reason, partition, position, at from auren.dead_letters order by at, id limit $1',
      [limit],
    ),
  async endDeadLetters(t, ids) {
    await (t as SqlTx).query('delete from auren.dead_letters where id = any($1::uuid[])', [textArrayLiteral(ids)])
  },
}
