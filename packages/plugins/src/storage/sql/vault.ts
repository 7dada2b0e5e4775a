import { createHmac, randomBytes } from 'node:crypto'
import { AurenError, type UserId, type Vault } from '@auren/core'
import { currentId, decrypt, encrypt, type MasterKey, unwrap, wrap } from './master-key.js'
import { type Query, type Sql, type SqlTx, textArrayLiteral } from './port.js'

/** The vault of a SQL storage: the port, and what the journal needs besides. */
export interface SqlVault extends Vault {
  /** Makes a person's keys where there are none; part of the transaction. True where they are new. */
  create(tx: SqlTx, user: UserId): Promise<boolean>
  /**
   * The statement that reads the keys of several persons at once, for what the running transaction will seal for them, and
   * what takes its rows; null where it has them.
   */
  loading(users: readonly UserId[]): { query: Query; take(rows: readonly object[]): void } | null
  /** Destroys a person's keys with their row; part of the transaction. */
  destroy(tx: SqlTx, user: UserId): Promise<void>
  /** For what is nobody's (yet): deliveries of unmapped accounts, jobs without a person, hashes that outlive an erasure. */
  readonly system: {
    seal(plain: Uint8Array): Promise<Uint8Array>
    open(sealed: Uint8Array): Promise<Uint8Array>
    keyed(text: string): Promise<string>
  }
  /** As `seal`, and at once where the running transaction has the person's keys. */
  sealSoon(user: UserId, plain: Uint8Array): Soon<Uint8Array>
  /** Wraps every key with the current master key anew; what is sealed stays as it is. Returns how many were wrapped. */
  rewrap(): Promise<number>
}

/** There already, or to be waited for: a promise for each of thousands costs more than what it waits for. */
export type Soon<T> = T | Promise<T>

interface KeyRow {
  key_id: Uint8Array
  wrapped: Uint8Array
}
interface Keys {
  id: Uint8Array
  data: Uint8Array
  search: Uint8Array
}

const version = 1
const keyIdBytes = 8
const headBytes = 1 + keyIdBytes
/** Keys kept for opening; the least recently used goes first. */
const keptKeys = 1000
const systemId = 'system'

/**
 * Seals with a key per person. What it gives: a version byte, the id of the key (8 bytes), then nonce, AES-256-GCM
 * cipher text and tag, with the person's id authenticated: a row moved to another person does not open.
 *
 * For sealing, the person's key is read in each transaction (once), so that nothing is ever sealed with a key that an
 * erasure, of this process or another, has destroyed, or whose making was rolled back. Opened keys are kept.
 * @throws AurenError AUREN_NOT_FOUND when the person has no key (never known, or erased); AUREN_KEY_INVALID when the
 *   master key is missing or the sealed bytes are not what was sealed for this person
 */
export function createVault(sql: Sql, masters: readonly MasterKey[]): SqlVault {
  const opened = new Map<string, Keys>()
  const inTransaction = new WeakMap<object, Map<string, Soon<Keys>>>()
  let systemIsThere = false

  /** What was unwrapped, by owner: the row is read each time, and the same bytes are not unwrapped twice. */
  const unwrapped = new Map<string, { wrapped: Uint8Array; keys: Keys }>()
  const toKeys = (owner: Owner, row: KeyRow): Keys => {
    const before = unwrapped.get(owner.name)
    if (before && Buffer.compare(before.wrapped, row.wrapped) === 0) return before.keys
    const keys = unwrapRow(owner, row)
    for (const oldest of unwrapped.keys()) if (unwrapped.size >= keptKeys) unwrapped.delete(oldest)
    unwrapped.set(owner.name, { wrapped: row.wrapped, keys })
    return keys
  }
  const unwrapRow = (owner: Owner, row: KeyRow): Keys => {
    const both = unwrap(masters, row.wrapped, contextOf('key', owner, row.key_id))
    return { id: row.key_id, data: both.subarray(0, 32), search: both.subarray(32) }
  }
  const read = (owner: Owner): Promise<Keys> =>
    sql.transaction(
      async (tx) => {
        const [row] = await tx.query<KeyRow>(`select key_id, wrapped from ${owner.table} where ${owner.column} = $1`, [
          owner.id,
        ])
        if (!row)
          throw new AurenError('AUREN_NOT_FOUND', 'This person has no key here: they are not known, or were erased')
        return toKeys(owner, row)
      },
      { readOnly: true },
    )
  /** Keys that the running transaction has read; null outside of any. */
  const known = (): Map<string, Soon<Keys>> | null => {
    const transaction = sql.running()
    if (!transaction) return null
    const held = inTransaction.get(transaction) ?? new Map<string, Soon<Keys>>()
    inTransaction.set(transaction, held)
    return held
  }
  const current = (owner: Owner): Soon<Keys> => {
    const held = known()
    if (!held) return read(owner)
    const there = held.get(owner.name)
    if (there) return there
    const keys = read(owner)
    held.set(owner.name, keys)
    keys.catch(() => held.delete(owner.name))
    return keys
  }
  const changed = (owner: Owner): void => {
    const transaction = sql.running()
    if (transaction) inTransaction.get(transaction)?.delete(owner.name)
    unwrapped.delete(owner.name)
  }

  const seal = (owner: Owner, plain: Uint8Array): Soon<Uint8Array> => {
    const sealWith = ({ id, data }: Keys): Uint8Array =>
      Buffer.concat([Uint8Array.of(version), id, encrypt(data, plain, contextOf('data', owner))])
    const keys = current(owner)
    return keys instanceof Promise ? keys.then(sealWith) : sealWith(keys)
  }
  const open = async (owner: Owner, sealed: Uint8Array): Promise<Uint8Array> => {
    if (sealed[0] !== version)
      throw new AurenError('AUREN_STORE_VERSION', 'This was sealed by a newer AUREN: update AUREN to open it')
    const id = sealed.subarray(1, headBytes)
    const name = `${Buffer.from(id).toString('hex')} ${owner.name}`
    let keys = opened.get(name)
    if (!keys) {
      keys = await current(owner)
      if (Buffer.compare(keys.id, id) !== 0)
        throw new AurenError('AUREN_KEY_INVALID', 'This was sealed with a key that has been destroyed')
      for (const oldest of opened.keys()) if (opened.size >= keptKeys) opened.delete(oldest)
    }
    opened.delete(name)
    opened.set(name, keys)
    return decrypt(keys.data, sealed.subarray(headBytes), contextOf('data', owner))
  }
  const insert = async (tx: SqlTx, owner: Owner): Promise<boolean> => {
    const id = randomBytes(keyIdBytes)
    const made = await tx.query(
      `insert into ${owner.table} (${owner.column}, key_id, wrapped) values ($1, $2, $3) on conflict do nothing returning 1 as made`,
      [owner.id, id, wrap(masters, randomBytes(64), contextOf('key', owner, id))],
    )
    changed(owner)
    return made.length > 0
  }
  const hmac = (keys: Keys, text: string): string =>
    createHmac('sha256', keys.search).update(text).digest('hex').slice(0, 32)

  return {
    seal: async (user, plain) => seal(person(user), plain),
    sealSoon: (user, plain) => seal(person(user), plain),
    open: (user, sealed) => open(person(user), sealed),
    async keyed(user, words) {
      if (words.length === 0) return []
      const keys = await current(person(user))
      return words.map((word) => hmac(keys, word))
    },
    async create(tx, user) {
      const [row] = await tx.query('select 1 from auren.persons where user_id = $1', [user])
      return row === undefined && insert(tx, person(user))
    },
    loading(users) {
      const held = known()
      const wanted = users.filter((user) => !held?.has(person(user).name))
      if (!held || wanted.length === 0) return null
      return {
        query: {
          text: 'select user_id, key_id, wrapped from auren.persons where user_id = any($1::text[])',
          params: [textArrayLiteral(wanted)],
        },
        take(rows) {
          for (const row of rows as (KeyRow & { user_id: string })[])
            held.set(person(row.user_id).name, toKeys(person(row.user_id), row))
        },
      }
    },
    async destroy(tx, user) {
      await tx.query('delete from auren.persons where user_id = $1', [user])
      changed(person(user))
      for (const name of opened.keys()) if (name.endsWith(` ${person(user).name}`)) opened.delete(name)
    },
    system: {
      seal: (plain) => ensureSystem().then(() => seal(system, plain)),
      open: (sealed) => open(system, sealed),
      keyed: async (text) => {
        await ensureSystem()
        return hmac(await current(system), text)
      },
    },
    rewrap: () =>
      sql.transaction(async (tx) => {
        let count = 0
        for (const table of ['persons', 'system'] as const) {
          const { table: name, column } = table === 'persons' ? person('') : system
          for (;;) {
            // Only those: at every start of every process, nothing is locked where there is nothing to do.
            const rows = await tx.query<{ id: string; key_id: Uint8Array; wrapped: Uint8Array }>(
              `select ${column} as id, key_id, wrapped from ${name}
               where substring(wrapped from 1 for octet_length($1::bytea)) <> $1 order by ${column} limit 500 for update`,
              [currentId(masters)],
            )
            if (rows.length === 0) break
            for (const row of rows) {
              const context = contextOf('key', table === 'persons' ? person(row.id) : system, row.key_id)
              const fresh = wrap(masters, unwrap(masters, row.wrapped, context), context)
              await tx.query(`update ${name} set wrapped = $2 where ${column} = $1`, [row.id, fresh])
              count++
            }
          }
        }
        return count
      }),
  }

  async function ensureSystem(): Promise<void> {
    if (systemIsThere) return
    // Made inside of a transaction, it may be undone with it.
    const forGood = sql.running() === null
    await sql.transaction(async (tx) => {
      const [row] = await tx.query('select 1 from auren.system_keys where id = $1', [systemId])
      if (!row) await insert(tx, system)
    })
    systemIsThere = forGood
  }
}

/** Whose key it is, and where its row stands. */
interface Owner {
  /** Unique over persons and system. */
  name: string
  id: string
  table: 'auren.persons' | 'auren.system_keys'
  column: 'user_id' | 'id'
}

const system: Owner = { name: 'system', id: systemId, table: 'auren.system_keys', column: 'id' }
const person = (user: UserId): Owner => ({
  name: `person:${user}`,
  id: user,
  table: 'auren.persons',
  column: 'user_id',
})

function contextOf(what: 'key' | 'data', owner: Owner, keyId?: Uint8Array): string {
  return `auren:${version}:${what}:${keyId ? Buffer.from(keyId).toString('hex') : ''}:${owner.name}`
}
