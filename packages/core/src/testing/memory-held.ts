import { randomUUID } from 'node:crypto'
import { AurenError } from '../errors.js'
import type { BlobStore, Connection, ConnectionStore, OrdinalStore } from '../events/ports.js'
import type { UserId } from '../observation/schema.js'
import { type UndoMap, undoMap } from './undo.js'

interface Blob {
  id: string
  user: UserId
  name: string
  bytes: Uint8Array[]
  size: number
  sha256: string | null
}

/** Connections of an in-process journal. */
export function createMemoryConnections(): { rows: UndoMap<string, Connection>; part: ConnectionStore } {
  const rows = undoMap<string, Connection>()
  const refreshing = undoMap<string, number>()
  const part: ConnectionStore = {
    async holdRefresh(tx, id, leaseMs) {
      if (leaseMs > 0 && (refreshing.get(id) ?? 0) > performance.now()) return false
      refreshing.set(tx, id, performance.now() + leaseMs)
      return rows.has(id)
    },
    async save(tx, connection) {
      const same = rows
        .values()
        .filter((row) => row.provider === connection.provider && row.account === connection.account)
      if (
        connection.status !== 'revoked' &&
        same.some((row) => row.user !== connection.user && row.status !== 'revoked')
      )
        throw new AurenError('AUREN_CONFLICT', 'This account is connected to somebody else: revoke that first')
      const id = same.find((row) => row.user === connection.user)?.id ?? connection.id ?? randomUUID()
      const saved = structuredClone({ ...connection, id })
      rows.set(tx, id, saved)
      return structuredClone(saved)
    },
    async list(_tx, { user, provider, account }) {
      return rows
        .values()
        .filter(
          (row) =>
            (user === undefined || row.user === user) &&
            (provider === undefined || row.provider === provider) &&
            (account === undefined || row.account === account),
        )
        .map((row) => structuredClone(row))
    },
    async owners(_tx, provider, accounts) {
      return rows
        .values()
        .filter((row) => row.provider === provider && accounts.includes(row.account))
        .map(({ id, user, account, status }) => ({ id, user, account, status }))
    },
    async lock(_tx, id) {
      const row = rows.get(id)
      return row ? structuredClone(row) : null
    },
    async remove(tx, id) {
      rows.delete(tx, id)
    },
  }
  return { rows, part }
}

/** Blobs of an in-process journal. */
export function createMemoryBlobs(): { rows: UndoMap<string, Blob>; part: BlobStore } {
  const rows = undoMap<string, Blob>()
  const find = (id: string): Blob => {
    const blob = rows.get(id)
    if (!blob) throw new AurenError('AUREN_NOT_FOUND', 'There is no such upload: start it again')
    return blob
  }
  const part: BlobStore = {
    async create(tx, user, { name }) {
      const id = randomUUID()
      rows.set(tx, id, { id, user, name, bytes: [], size: 0, sha256: null })
      return id
    },
    async append(tx, id, offset, bytes) {
      const blob = find(id)
      if (offset > blob.size)
        throw new AurenError('AUREN_CONFLICT', `The upload has ${blob.size} bytes so far: go on from there`)
      const fresh = bytes.slice(blob.size - offset)
      if (fresh.length === 0) return { size: blob.size, added: 0 }
      if (blob.sha256 !== null)
        throw new AurenError('AUREN_CONFLICT', 'The upload has ended: nothing can be added to it')
      const size = blob.size + fresh.length
      rows.set(tx, id, { ...blob, bytes: [...blob.bytes, fresh], size })
      return { size, added: fresh.length }
    },
    async seal(tx, id, sha256) {
      const blob = find(id)
      if (blob.sha256 !== null && blob.sha256 !== sha256)
        throw new AurenError('AUREN_CONFLICT', 'The upload has ended with another digest: start it again')
      rows.set(tx, id, { ...blob, sha256 })
    },
    async info(_tx, id) {
      const blob = rows.get(id)
      return blob ? { id, user: blob.user, name: blob.name, size: blob.size, sha256: blob.sha256 } : null
    },
    async read(_tx, id, offset, length) {
      return Uint8Array.from(Buffer.concat(find(id).bytes).subarray(offset, offset + length))
    },
    async remove(tx, id) {
      rows.delete(tx, id)
    },
  }
  return { rows, part }
}

/** Pages of imports of an in-process journal. */
export function createMemoryOrdinals(): {
  rows: UndoMap<string, { id: string; importId: string; user: UserId; bytes: Uint8Array }>
  part: OrdinalStore
} {
  const rows = undoMap<string, { id: string; importId: string; user: UserId; bytes: Uint8Array }>()
  const keyOf = (importId: string, name: string): string => JSON.stringify([importId, name])
  const part: OrdinalStore = {
    async read(_tx, importId, names) {
      return new Map(
        names.flatMap((name) => {
          const page = rows.get(keyOf(importId, name))
          return page ? [[name, Uint8Array.from(page.bytes)] as const] : []
        }),
      )
    },
    async write(tx, importId, user, pages) {
      for (const [name, bytes] of pages) {
        const id = keyOf(importId, name)
        rows.set(tx, id, { id, importId, user, bytes: Uint8Array.from(bytes) })
      }
    },
    async drop(tx, importId) {
      for (const page of rows.values()) if (page.importId === importId) rows.delete(tx, page.id)
    },
  }
  return { rows, part }
}
