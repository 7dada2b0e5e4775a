import { createHmac } from 'node:crypto'
import type { AuditReport, AuditRow, IdentityStore, UserId } from '@auren/core'
import type { Sql, SqlTx } from '../port.js'
import type { SqlVault } from '../vault.js'

type Audit = Pick<IdentityStore, 'hashOf' | 'audit' | 'auditRows' | 'verifyAudit'>

/** Any two processes agree on it; the value means nothing. */
const chainLock = 7_273_007
const page = 5000

/**
 * The audit log: each row's hash covers the row and the hash before it, with a key that stands under the master key, so
 * that who can write the table alone cannot write a chain that holds. Grants and a trigger refuse changes.
 */
export function createAudit(sql: Sql, vault: SqlVault): Audit {
  const hashOf = (user: UserId): Promise<string> => vault.system.keyed(`audit person ${user}`)
  const personHash = async (user: UserId | null): Promise<string | null> => (user === null ? null : hashOf(user))
  const chainKey = (): Promise<string> => vault.system.keyed('audit chain')

  return {
    hashOf,
    audit: ({ action, actor, subject, reason }, at) =>
      sql.transaction(async (tx) => {
        await tx.query('select pg_advisory_xact_lock($1)', [chainLock])
        const [last] = await tx.query<{ seq: number; hash: string }>(
          'select seq, hash from auren.audit order by seq desc limit 1',
        )
        const row = {
          seq: (last?.seq ?? 0) + 1,
          at,
          action,
          actor: await personHash(actor),
          subject: await personHash(subject),
          reason,
        }
        await tx.query(
          'insert into auren.audit (seq, at, action, actor, subject, reason, hash) values ($1, $2, $3, $4, $5, $6, $7)',
          [row.seq, row.at, row.action, row.actor, row.subject, reason, link(await chainKey(), last?.hash ?? '', row)],
        )
      }),

    async auditRows({ about, limit }) {
      const hash = await personHash(about ?? null)
      return sql.transaction(
        (tx) =>
          tx.query<AuditRow>(
            `select seq, at, action, actor, subject, reason, hash from auren.audit
             where ($1::text is null or subject = $1 or actor = $1) order by seq desc limit $2`,
            [hash, limit],
          ),
        { readOnly: true },
      )
    },

    verifyAudit: () =>
      sql.transaction(
        async (tx) => {
          const key = await chainKey()
          const report: AuditReport = { rows: 0, head: null, brokenAt: null }
          for (;;) {
            const rows = await pageAfter(tx, report.rows)
            for (const row of rows) {
              const expected = link(key, report.head ?? '', row)
              if (row.seq !== report.rows + 1 || row.hash !== expected) return { ...report, brokenAt: report.rows + 1 }
              report.rows++
              report.head = row.hash
            }
            if (rows.length < page) return report
          }
        },
        { lane: 'bulk' },
      ),
  }
}

/** Rows that are missing in the middle show as a position that does not follow. */
function pageAfter(tx: SqlTx, seq: number): Promise<AuditRow[]> {
  return tx.query<AuditRow>(
    'select seq, at, action, actor, subject, reason, hash from auren.audit where seq > $1 order by seq limit $2',
    [seq, page],
  )
}

function link(key: string, previous: string, row: Omit<AuditRow, 'hash'>): string {
  const { seq, at, action, actor, subject, reason } = row
  return createHmac('sha256', key)
    .update(JSON.stringify([previous, seq, at, action, actor, subject, reason]))
    .digest('hex')
}
