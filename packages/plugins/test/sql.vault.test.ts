import { createDecipheriv, createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeMasterKey, parseMasterKeys } from '../src/storage/sql/master-key.js'
import type { Sql } from '../src/storage/sql/port.js'
import { createVault, type SqlVault } from '../src/storage/sql/vault.js'
import { openTestSql } from './sql-fixture.js'

let sql: Sql
let vault: SqlVault
const master = makeMasterKey()
const bytes = (text: string) => new TextEncoder().encode(text)
const text = (plain: Uint8Array) => new TextDecoder().decode(plain)

beforeAll(async () => {
  sql = await openTestSql()
})
afterAll(() => sql.close())
beforeEach(async () => {
  await sql.transaction((tx) => tx.script('delete from auren.persons; delete from auren.system_keys'))
  vault = createVault(sql, parseMasterKeys(master))
  await sql.transaction(async (tx) => {
    await vault.create(tx, 'ann')
    await vault.create(tx, 'anna')
  })
})

describe('sealing', () => {
  it('opens what it sealed, for every input, and never gives the same twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (plain) => {
        const [a, b] = [await vault.seal('ann', plain), await vault.seal('ann', plain)]
        expect(await vault.open('ann', a)).toEqual(plain)
        expect(Buffer.compare(a, b)).not.toBe(0)
      }),
      { numRuns: 30 },
    )
  })

  it('opens in another process with the same master key, and fails loudly with another', async () => {
    const sealed = await vault.seal('ann', bytes('resting'))
    expect(text(await createVault(sql, parseMasterKeys(master)).open('ann', sealed))).toBe('resting')
    const wrong = createVault(sql, parseMasterKeys(makeMasterKey()))
    await expect(wrong.open('ann', sealed)).rejects.toMatchObject({ code: 'AUREN_KEY_INVALID' })
    await expect(wrong.seal('ann', bytes('x'))).rejects.toMatchObject({ code: 'AUREN_KEY_INVALID' })
  })

  it('does not open for another person, nor after a bit was changed', async () => {
    const sealed = await vault.seal('ann', bytes('mine'))
    await expect(vault.open('anna', sealed)).rejects.toMatchObject({ code: 'AUREN_KEY_INVALID' })
    for (const at of [5, 15, 22, sealed.length - 1]) {
      const changed = Uint8Array.from(sealed, (byte, i) => (i === at ? byte ^ 1 : byte))
      await expect(vault.open('ann', changed)).rejects.toMatchObject({ code: 'AUREN_KEY_INVALID' })
    }
    await expect(vault.open('ann', Uint8Array.of(9, ...sealed.slice(1)))).rejects.toMatchObject({
      code: 'AUREN_STORE_VERSION',
    })
  })

  it('is AES-256-GCM with a key that the master key wraps: opened here by node:crypto alone', async () => {
    const sealed = Buffer.from(await vault.seal('ann', bytes('oracle')))
    const [row] = await sql.transaction((tx) =>
      tx.query<{ key_id: Uint8Array; wrapped: Uint8Array }>(
        "select key_id, wrapped from auren.persons where user_id = 'ann'",
      ),
    )
    const gcm = (key: Uint8Array, box: Buffer, aad: string) => {
      const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, 12))
      decipher.setAAD(Buffer.from(aad)).setAuthTag(box.subarray(-16))
      return Buffer.concat([decipher.update(box.subarray(12, -16)), decipher.final()])
    }
    const wrapped = Buffer.from(row?.wrapped as Uint8Array)
    const key = Buffer.from(master, 'base64')
    const id = Buffer.from(row?.key_id as Uint8Array).toString('hex')
    expect(wrapped.subarray(0, 8)).toEqual(createHash('sha256').update(key).digest().subarray(0, 8))
    const data = gcm(key, wrapped.subarray(8), `auren:1:key:${id}:person:ann`).subarray(0, 32)
    expect(sealed.subarray(1, 9).toString('hex')).toBe(id)
    expect(gcm(data, sealed.subarray(9), 'auren:1:data::person:ann').toString()).toBe('oracle')
  })

  it('needs a person', async () => {
    await expect(vault.seal('nobody', bytes('x'))).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
  })

  it('works inside a transaction of the person that it is for', async () => {
    const sealed = await sql.as('ann', async (tx) => {
      const made = await vault.seal('ann', bytes('inside'))
      expect(await tx.query('select current_user::text as who')).toEqual([{ who: 'auren_person' }])
      return made
    })
    expect(text(await vault.open('ann', sealed))).toBe('inside')
  })

  it('never uses a key whose making was rolled back', async () => {
    await sql
      .transaction(async (tx) => {
        await vault.create(tx, 'bob')
        await vault.seal('bob', bytes('lost'))
        throw new Error('undone')
      })
      .catch(() => {})
    await expect(vault.seal('bob', bytes('x'))).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
    await sql.transaction(async () => {
      await sql
        .transaction(async (inner) => {
          await vault.create(inner, 'bob')
          await vault.seal('bob', bytes('lost'))
          throw new Error('undone')
        })
        .catch(() => {})
      await expect(vault.seal('bob', bytes('x'))).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
    })
  })
})

describe('erasure', () => {
  it('leaves nothing that opens, and a person who comes back has other keys', async () => {
    const [sealed, words] = [await vault.seal('ann', bytes('gone')), await vault.keyed('ann', ['run'])]
    // An opened key is kept: it must go too.
    expect(text(await vault.open('ann', sealed))).toBe('gone')
    await sql.transaction((tx) => vault.destroy(tx, 'ann'))
    await expect(vault.open('ann', sealed)).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
    expect(await sql.transaction((tx) => vault.create(tx, 'ann'))).toBe(true)
    await expect(vault.open('ann', sealed)).rejects.toMatchObject({ code: 'AUREN_KEY_INVALID' })
    expect(await vault.keyed('ann', ['run'])).not.toEqual(words)
    const other = createVault(sql, parseMasterKeys(master))
    await sql.transaction((tx) => other.destroy(tx, 'ann'))
    // Erased by another process: what this one knew of the key must not seal any more.
    await expect(vault.seal('ann', bytes('x'))).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
  })
})

describe('rotation', () => {
  it('re-wraps the keys, after which the old master key is not needed', async () => {
    const sealed = await vault.seal('ann', bytes('kept'))
    const system = await vault.system.seal(bytes('system'))
    const words = await vault.keyed('ann', ['sleep', 'run'])
    const fresh = makeMasterKey()
    const both = createVault(sql, parseMasterKeys(`${fresh}, ${master}`))
    expect(text(await both.open('ann', sealed))).toBe('kept')
    expect(await both.rewrap()).toBe(3)
    expect(await both.rewrap()).toBe(0)
    const after = createVault(sql, parseMasterKeys(fresh))
    expect(text(await after.open('ann', sealed))).toBe('kept')
    expect(text(await after.system.open(system))).toBe('system')
    expect(await after.keyed('ann', ['sleep', 'run'])).toEqual(words)
    const old = createVault(sql, parseMasterKeys(master))
    await expect(old.open('ann', sealed)).rejects.toMatchObject({ code: 'AUREN_KEY_INVALID' })
  })
})

it('keyed hashes are stable, differ by person, and show nothing of the word', async () => {
  const [first, again] = [await vault.keyed('ann', ['wine', 'run']), await vault.keyed('ann', ['wine', 'run'])]
  expect(first).toEqual(again)
  expect(first.every((hash) => /^[0-9a-f]{32}$/.test(hash))).toBe(true)
  expect(new Set([...first, ...(await vault.keyed('anna', ['wine', 'run']))]).size).toBe(4)
})

it.each(['', 'short', `${makeMasterKey()},`, 'a'.repeat(44)])('refuses the master key %j', (key) => {
  expect(() => parseMasterKeys(key)).toThrow(/32 bytes in base64/)
})
