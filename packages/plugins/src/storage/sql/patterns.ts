import type { MemoryRecord, Patterns, Scope, UserId, Vault } from '@auren/core'
import { createLexemes } from './lexemes.js'
import { type Sql, type SqlTx, textArrayLiteral } from './port.js'
import { createVersions } from './versions.js'

interface Row {
  id: string
  kind: MemoryRecord['kind']
  origin: MemoryRecord['origin']
  algorithm: string | null
  status: MemoryRecord['status']
  pinned: boolean
  confidence: number | null
  valid_from: number
  valid_to: number | null
  recorded_at: number
  superseded_at: number | null
  about: string[]
  derived_from: string[]
  sealed: Uint8Array
  digest: string
  rank?: number
}

const columns =
  'id, kind, origin, algorithm, status, pinned, confidence, valid_from, valid_to, recorded_at, superseded_at, about, derived_from, sealed, digest'
const versionsPerPage = 200
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * Tier 3 on SQL. A record that changed closes its old version (`superseded_at`) and adds a new one, so that what was
 * believed at any time can be read again; an equal record writes nothing.
 */
export function createPatterns(sql: Sql, vault: Vault): Patterns {
  const asOwner = (tx: unknown): SqlTx => tx as SqlTx
  const lexemes = createLexemes(vault)
  const versions = createVersions(sql, 'auren.memory_versions')

  const open = async (user: UserId, row: Row): Promise<MemoryRecord> => {
    const { text, body, evidence } = JSON.parse(decoder.decode(await vault.open(user, row.sealed))) as Pick<
      MemoryRecord,
      'text' | 'body' | 'evidence'
    >
    return {
      id: row.id,
      kind: row.kind,
      validFrom: row.valid_from,
      validTo: row.valid_to,
      recordedAt: row.recorded_at,
      supersededAt: row.superseded_at,
      origin: row.origin,
      algorithm: row.algorithm,
      derivedFrom: row.derived_from,
      about: row.about,
      text,
      body,
      status: row.status,
      confidence: row.confidence,
      ...(evidence ? { evidence } : {}),
      pinned: row.pinned,
    }
  }

  const read = async (scope: Scope, where: string, params: (string | number | boolean)[]): Promise<MemoryRecord[]> => {
    const rows = await sql.as(
      scope.user,
      (tx) => tx.query<Row>(`select ${columns} from auren.memories where ${where}`, params),
      {
        readOnly: true,
      },
    )
    return Promise.all(rows.map((row) => open(scope.user, row)))
  }

  return {
    version: ({ user }) => versions.read(user),

    async put(tx, user, records) {
      await asOwner(tx).as({ user }, async (inner) => {
        let changed = false
        for (const record of records) {
          const digest = await digestOf(vault, user, record)
          const [current] = await inner.query<{ digest: string; recorded_at: number }>(
            'select digest, recorded_at from auren.memories where user_id = $1 and id = $2 and superseded_at is null for update',
            [user, record.id],
          )
          if (current?.digest === digest) continue
          changed = true
          const at = current ? Math.max(record.recordedAt, current.recorded_at + 1) : record.recordedAt
          if (current) {
            await inner.query(
              'update auren.memories set superseded_at = $3 where user_id = $1 and id = $2 and superseded_at is null',
              [user, record.id, at],
            )
          }
          const words = await lexemes.vector(
            inner,
            user,
            `${record.text} ${record.about.join(' ').replaceAll('_', ' ')}`,
          )
          const sealed = await vault.seal(
            user,
            encoder.encode(JSON.stringify({ text: record.text, body: record.body, evidence: record.evidence })),
          )
          await inner.query(
            `insert into auren.memories (user_id, ${columns}, words)
             values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,null,$12::text[],$13::text[],$14,$15,$16::tsvector)`,
            [
              user,
              record.id,
              record.kind,
              record.origin,
              record.algorithm,
              record.status,
              record.pinned,
              record.confidence,
              record.validFrom,
              record.validTo,
              at,
              textArrayLiteral(record.about),
              textArrayLiteral(record.derivedFrom),
              sealed,
              digest,
              words,
            ],
          )
        }
        if (changed) await versions.raise(inner, user)
      })
    },

    async get(scope, id) {
      const [record] = await read(scope, 'user_id = $1 and id = $2 order by recorded_at desc limit 1', [scope.user, id])
      return record ?? null
    },

    async list(scope, q = {}) {
      const params: (string | number | boolean)[] = [scope.user]
      const bind = (value: string | number | boolean): string => `$${params.push(value)}`
      const conditions = ['user_id = $1']
      if (q.asOf === undefined) conditions.push('superseded_at is null')
      else {
        const at = bind(q.asOf)
        conditions.push(`recorded_at <= ${at} and (superseded_at is null or superseded_at > ${at})`)
      }
      if (q.kinds) conditions.push(`kind = any(${bind(textArrayLiteral(q.kinds))}::text[])`)
      if (q.status) conditions.push(`status = any(${bind(textArrayLiteral(q.status))}::text[])`)
      if (q.about !== undefined) conditions.push(`about @> ${bind(textArrayLiteral([q.about]))}::text[]`)
      if (q.overlaps)
        conditions.push(
          `valid_from < ${bind(q.overlaps.to)} and (valid_to is null or valid_to > ${bind(q.overlaps.from)})`,
        )
      if (q.pinned !== undefined) conditions.push(`pinned = ${bind(q.pinned)}`)
      const where = conditions.join(' and ')
      const last =
        q.perKind === undefined
          ? where
          : `(user_id, id, recorded_at) in (
              select user_id, id, recorded_at from (
                select user_id, id, recorded_at, row_number() over (partition by kind order by recorded_at desc, id) as place
                from auren.memories where ${where}
              ) k where place <= ${bind(q.perKind)}
            )`
      const records = await read(scope, `${last} order by recorded_at desc, id`, params)
      return q.asOf === undefined ? records : records.map(asKnown)
    },

    async *versions({ user }) {
      let after: [string, number] = ['', Number.MIN_SAFE_INTEGER]
      for (;;) {
        const rows = await sql.as(
          user,
          (tx) =>
            tx.query<Row>(
              `select ${columns} from auren.memories where user_id = $1 and (id, recorded_at) > ($2, $3::int8)
               order by id, recorded_at limit ${versionsPerPage}`,
              [user, ...after],
            ),
          { readOnly: true },
        )
        for (const row of rows) yield await open(user, row)
        const last = rows.at(-1)
        if (!last) return
        after = [last.id, last.recorded_at]
      }
    },

    async search(scope, { text, limit, asOf }) {
      const rows = await sql.as(
        scope.user,
        async (tx) => {
          const query = await lexemes.query(tx, scope.user, text)
          if (query === null) return []
          return tx.query<Row>(
            `select ${columns}, ts_rank(words, $2::tsquery) as rank from auren.memories
             where user_id = $1 and status in ('drafted', 'active', 'weakening') and words @@ $2::tsquery
               and (superseded_at is null or superseded_at > $4::int8) and ($4::int8 is null or recorded_at <= $4)
             order by rank desc, recorded_at desc, id limit $3`,
            [scope.user, query, limit, asOf ?? null],
          )
        },
        { readOnly: true },
      )
      return Promise.all(
        rows.map(async (row) => {
          const record = await open(scope.user, row)
          return { record: asOf === undefined ? record : asKnown(record), score: row.rank ?? 0 }
        }),
      )
    },

    async close(tx, user, id, at, status) {
      await asOwner(tx).as({ user }, async (inner) => {
        await inner.query(
          `with old as (
             update auren.memories set superseded_at = greatest($3::int8, recorded_at + 1)
             where user_id = $1 and id = $2 and superseded_at is null returning *
           )
           insert into auren.memories
           select user_id, id, kind, origin, algorithm, $4, case when $4 = 'retired' then false else pinned end, confidence, valid_from,
                  coalesce(valid_to, $3::int8), superseded_at, null, about, derived_from, sealed, digest || ':' || $4, words
           from old`,
          [user, id, at, status],
        )
        await versions.raise(inner, user)
      })
    },

    async remove(tx, user, ids) {
      if (ids.length === 0) return 0
      return asOwner(tx).as({ user }, async (inner) => {
        const rows = await inner.query(
          'delete from auren.memories where user_id = $1 and id = any($2::text[]) returning id',
          [user, textArrayLiteral(ids)],
        )
        if (rows.length > 0) await versions.raise(inner, user)
        return rows.length
      })
    },
  }
}

/** As it was known while it was believed: that it would be superseded is of later. */
function asKnown(record: MemoryRecord): MemoryRecord {
  return { ...record, supersededAt: null }
}

/** What makes two versions of a record equal: all but the stamps of the system. Keyed, for a plain hash of a short text can be guessed. */
async function digestOf(vault: Vault, user: UserId, record: MemoryRecord): Promise<string> {
  const { recordedAt: _at, supersededAt: _until, ...rest } = record
  const [digest] = await vault.keyed(user, [JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)))])
  return digest as string
}
