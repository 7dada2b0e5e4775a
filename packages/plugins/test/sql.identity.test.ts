import { randomUUID } from 'node:crypto'
import type { AuditAction, IdentityStore } from '@auren/core'
import { consentAllows } from '@auren/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createIdentityStore } from '../src/storage/sql/identity/index.js'
import type { Sql } from '../src/storage/sql/port.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

let sql: Sql
let store: IdentityStore

beforeAll(async () => {
  sql = await openTestSql()
  store = createIdentityStore(sql, await openTestVault(sql, 'ann', 'anna'))
})
afterAll(() => sql.close())

const query = <T = Record<string, unknown>>(text: string, params: (string | number)[] = []): Promise<T[]> =>
  sql.transaction((tx) => tx.query<T>(text, params))

describe('accounts', () => {
  it('are found by name, keep the hash of the password, and one name is one person’s', async () => {
    const account = { user: 'ann', name: 'ann@example.org', password: 'hash', scopes: ['read'] as const, createdAt: 1 }
    await store.createAccount(account)
    expect(await store.accountNamed('ann@example.org')).toEqual({
      user: 'ann',
      password: 'hash',
      scopes: ['read'],
      createdAt: 1,
    })
    expect(await store.accountNamed('ann@example.or')).toBeNull()
    await expect(store.createAccount({ ...account, user: 'anna' })).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
    await store.setPassword('ann', 'other')
    expect(await store.passwordOf('ann')).toBe('other')
    expect(await store.countAccounts()).toBe(1)
  })

  it('keep no name and no hash that a copy of the tables shows', async () => {
    const [row] = await query<{ all: string }>(
      `select encode(name, 'escape') || encode(password, 'escape') || name_hash as all from auren.accounts`,
    )
    expect(row?.all.length).toBeGreaterThan(50)
    expect(row?.all).not.toMatch(/ann@|example|other/)
  })

  it('are linked by issuer and subject together', async () => {
    await store.link('https://a', 'bc', 'ann')
    expect(await store.linked('https://a', 'bc')).toBe('ann')
    expect(await store.linked('https://ab', 'c')).toBeNull()
  })

  it('take an invitation once, and not when it is over', async () => {
    await store.addInvitation({ hash: 'i1', by: 'ann', scopes: ['read', 'write'], expiresAt: 100 })
    await store.addInvitation({ hash: 'i2', by: 'ann', scopes: ['read'], expiresAt: 50 })
    expect(await store.takeInvitation('i1', 60)).toEqual({ scopes: ['read', 'write'] })
    expect(await store.takeInvitation('i1', 60)).toBeNull()
    expect(await store.takeInvitation('i2', 60)).toBeNull()
  })
})

describe('sign-ins', () => {
  const begin = async (user: string): Promise<string> => {
    const id = randomUUID()
    await store.addSignIn({ id, user, hash: 'h1', createdAt: 1, usedAt: 1, expiresAt: 1000 })
    return id
  }

  it('rotate, and end when a token that was given out before comes again', async () => {
    const id = await begin('ann')
    expect(await store.rotateSignIn(id, 'h1', 'h2', 10)).toMatchObject({ user: 'ann', reused: false, usedAt: 10 })
    expect(await store.rotateSignIn(id, 'h2', 'h3', 20)).toMatchObject({ reused: false })
    expect(await store.rotateSignIn(id, 'h1', 'h4', 30)).toEqual({ user: 'ann', reused: true })
    expect(await store.rotateSignIn(id, 'h3', 'h4', 30)).toBeNull()
    expect(await store.signIn(id, 30)).toBeNull()
  })

  it('let one of ten at once through', async () => {
    const id = await begin('ann')
    const all = await Promise.all(Array.from({ length: 10 }, (_, i) => store.rotateSignIn(id, 'h1', `next ${i}`, 10)))
    expect(all.filter((one) => one?.reused === false)).toHaveLength(1)
  })

  it('are ended one by one or all, and only by whose they are', async () => {
    const [one, two, other] = [await begin('ann'), await begin('ann'), await begin('anna')]
    expect(await store.endSignIns('ann', { only: other })).toBe(0)
    expect(await store.endSignIns('ann', { except: one })).toBeGreaterThan(0)
    expect(await store.signIn(two, 2)).toBeNull()
    expect((await store.signIns('ann', 2)).map(({ id }) => id)).toEqual([one])
    expect(await store.signIn(one, 1000)).toBeNull()
    expect(await store.endSignIns('ann')).toBe(1)
    expect(await store.signIn(other, 2)).not.toBeNull()
  })
})

describe('tokens', () => {
  it('work until they expire or are revoked by whose they are', async () => {
    const id = randomUUID()
    const hash = randomUUID()
    const token = { id, user: 'ann', name: 'my phone', scopes: ['read'] as const, createdAt: 1, expiresAt: 200_000 }
    await store.addToken({ ...token, hash })
    expect(await store.useToken(hash, 1000)).toMatchObject({ ...token, usedAt: null })
    await store.useToken(hash, 2000)
    expect(await store.tokens('ann')).toMatchObject([{ ...token, usedAt: 1000, revokedAt: null }])
    expect(await store.tokens('anna')).toEqual([])
    expect(await store.useToken(hash, 200_000)).toBeNull()
    expect(await store.revokeToken('anna', id, 5)).toBe(false)
    expect(await store.revokeToken('ann', "' or true --", 5)).toBe(false)
    expect(await store.revokeToken('ann', id, 5)).toBe(true)
    expect(await store.useToken(hash, 6)).toBeNull()
    expect(JSON.stringify(await query("select encode(name, 'escape') as n from auren.api_tokens"))).not.toContain(
      'phone',
    )
  })
})

describe('consents', () => {
  it('are kept as said, and the newest of each kind holds', async () => {
    const said = (granted: boolean, kind = '*') => ({
      purpose: 'model' as const,
      kind,
      granted,
      version: '2026-11',
      at: 1,
    })
    expect(consentAllows(await store.consents('ann'), 'model')).toBe(true)
    await store.addConsent('ann', said(false))
    expect(consentAllows(await store.consents('ann'), 'model')).toBe(false)
    expect(consentAllows(await store.consents('ann'), 'consolidate')).toBe(true)
    await store.addConsent('ann', said(true))
    expect(consentAllows(await store.consents('ann'), 'model')).toBe(true)
    await store.addConsent('ann', said(false, 'glucose'))
    expect(consentAllows(await store.consents('ann'), 'model')).toBe(false)
    expect(await store.consents('ann')).toHaveLength(3)
    expect(await store.consents('anna')).toEqual([])
    const change = sql.as('ann', (tx) => tx.query('update auren.consents set granted = true'))
    await expect(change).rejects.toMatchObject({ code: 'AUREN_FORBIDDEN' })
  })
})

it('a value under way is taken once and in time, and signing keys come back', async () => {
  await store.keepOnce('k', { nonce: 'n' }, 100)
  expect(await store.takeOnce('k', 10)).toEqual({ nonce: 'n' })
  expect(await store.takeOnce('k', 10)).toBeNull()
  await store.keepOnce('late', 1, 100)
  expect(await store.takeOnce('late', 100)).toBeNull()
  await store.addSigningKey({ id: 'a', jwk: { d: 'secret-part' }, createdAt: 1 })
  await store.addSigningKey({ id: 'b', jwk: { d: 'x' }, createdAt: 2 })
  expect((await store.signingKeys()).map(({ id, jwk }) => [id, jwk.d])).toEqual([
    ['b', 'x'],
    ['a', 'secret-part'],
  ])
  expect(JSON.stringify(await query("select encode(sealed, 'escape') as s from auren.signing_keys"))).not.toContain(
    'secret-part',
  )
})

describe('the audit log (C15)', () => {
  const act = (action: AuditAction, subject: string | null, at: number) =>
    store.audit({ action, actor: subject, subject, reason: 'own request' }, at)

  it('is a chain that holds, also when many write at once, and names nobody', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => act('data.export', i % 2 ? 'ann' : 'anna', i)))
    await act('signin.failure', null, 99)
    const report = await store.verifyAudit()
    expect(report).toEqual({ rows: 21, head: expect.stringMatching(/^[0-9a-f]{64}$/), brokenAt: null })
    expect(await store.auditRows({ about: 'ann', limit: 100 })).toHaveLength(10)
    const [newest] = await store.auditRows({ limit: 1 })
    expect(newest).toMatchObject({ seq: 21, action: 'signin.failure', actor: null, hash: report.head })
    expect(JSON.stringify(await query('select * from auren.audit'))).not.toMatch(/ann/)
  })

  it.each([
    "update auren.audit set reason = 'x'",
    'update auren.audit set reason = reason where false',
    'delete from auren.audit',
    'delete from auren.audit where seq = 1',
    'truncate auren.audit',
  ])('refuses %s, to its owner too', async (text) => {
    await expect(query(text)).rejects.toMatchObject({ code: 'AUREN_FORBIDDEN' })
    await expect(sql.as('ann', (tx) => tx.query(text))).rejects.toMatchObject({ code: 'AUREN_FORBIDDEN' })
  })

  it('is not read or written by the roles of persons and services', async () => {
    await expect(sql.as('ann', (tx) => tx.query('select * from auren.audit'))).rejects.toMatchObject({
      code: 'AUREN_FORBIDDEN',
    })
    const roles = await query<{ privileges: string }>(
      `select grantee || ' ' || privilege_type as privileges from information_schema.role_table_grants
       where table_schema = 'auren' and table_name = 'audit' and privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE')`,
    )
    expect(roles).toEqual([])
  })

  /** As somebody who may do everything, a superuser of the database, would. */
  const tamper = async (...statements: string[]): Promise<void> => {
    await sql.transaction(async (tx) => {
      await tx.query('alter table auren.audit disable trigger append_only')
      await tx.query('grant update, delete on auren.audit to current_user')
      for (const statement of statements) await tx.query(statement)
      await tx.query('revoke update, delete on auren.audit from current_user')
      await tx.query('alter table auren.audit enable trigger append_only')
    })
  }

  it('shows which row was changed, taken out or put in by who could', async () => {
    await tamper("update auren.audit set reason = 'nothing' where seq = 7")
    expect(await store.verifyAudit()).toMatchObject({ rows: 6, brokenAt: 7 })
    await tamper("update auren.audit set reason = 'own request' where seq = 7")
    expect(await store.verifyAudit()).toMatchObject({ rows: 21, brokenAt: null })
    await tamper('delete from auren.audit where seq = 5')
    expect(await store.verifyAudit()).toMatchObject({ brokenAt: 5 })
    await tamper('update auren.audit set seq = seq - 1 where seq = 6')
    expect(await store.verifyAudit()).toMatchObject({ brokenAt: 5 })
  })
})
