import type { Profile, UserId, Vault } from '@auren/core'
import type { SqlTx } from '../port.js'

/** What the person said of themselves; empty where nothing. */
export async function loadProfile(tx: SqlTx, user: UserId, vault: Vault): Promise<Profile> {
  const [row] = await tx.query<{ sealed: Uint8Array }>('select sealed from auren.profiles where user_id = $1', [user])
  return row ? (JSON.parse(new TextDecoder().decode(await vault.open(user, row.sealed))) as Profile) : {}
}

/** Seals and keeps it. */
export async function saveProfile(tx: SqlTx, user: UserId, vault: Vault, profile: Profile): Promise<void> {
  const sealed = await vault.seal(user, new TextEncoder().encode(JSON.stringify(profile)))
  await tx.query(
    `insert into auren.profiles (user_id, sealed) values ($1, $2)
      on conflict (user_id) do update set sealed = excluded.sealed`,
    [user, sealed],
  )
}
