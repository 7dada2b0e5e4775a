import type { Erasures } from './erasures.js'
import { createErasure } from './journal/erasure.js'
import type { Sql } from './port.js'
import type { SqlVault } from './vault.js'

/**
 * Erases again whoever the list has and the database does not know to be erased: it was restored from a dump of before.
 * @returns how many persons
 */
export async function applyErasures(sql: Sql, vault: SqlVault, erasures: Erasures): Promise<number> {
  const list = await erasures.all()
  if (list.size === 0) return 0
  const erasure = createErasure(vault, { now: Date.now })
  let applied = 0
  const persons = await sql.transaction((tx) => tx.query<{ id: string }>('select user_id as id from auren.persons'), {
    readOnly: true,
  })
  for (const { id } of persons) {
    const hash = await erasure.hashOf(id)
    const at = list.get(hash)
    if (at === undefined) continue
    applied += await sql.transaction(async (tx) => {
      const [known] = await tx.query<{ at: number }>(
        'select erased_at as at from auren.erased_persons where hash = $1',
        [hash],
      )
      if ((known?.at ?? 0) >= at) return 0
      await erasure.eraseAt(tx, id, at)
      return 1
    })
  }
  return applied
}
