import { type LadderRow, type LadderStore, noStanding, type Scope } from '@auren/core'
import { type Sql, type SqlTx, textArrayLiteral } from './port.js'

const readOnly = { readOnly: true } as const
/** Rows that one statement writes. */
const CHUNK = 2000

/**
 * The ladder of tier 3 on SQL. A row that changed closes its old version (`superseded_at`) and adds a new one, so that
 * what was concluded at any time can be read again.
 */
export function createLadder(sql: Sql): LadderStore {
  return {
    standing: ({ user }) =>
      sql.as(
        user,
        async (tx) => {
          const [row] = await tx.query<{
            epoch: number
            until: string
            algorithm: string
            detectors: Record<string, string>
          }>('select epoch, until, algorithm, detectors from auren.ladder_standing where user_id = $1', [user])
          return row ?? noStanding
        },
        readOnly,
      ),

    marks: ({ user }) =>
      sql.as(
        user,
        (tx) => tx.query('select series, month, digest from auren.ladder_marks where user_id = $1', [user]),
        readOnly,
      ),

    read: (scope, q) => readRows(sql, scope, q),

    async reset(t, user) {
      await (t as SqlTx).as({ user }, async (tx) => {
        for (const table of ['ladder', 'ladder_marks', 'ladder_standing'])
          await tx.query(`delete from auren.${table} where user_id = $1`, [user])
      })
    },

    async advance(t, user, epoch, change, at) {
      return (t as SqlTx).as({ user }, async (tx) => {
        const { until, algorithm, detectors } = change.standing
        const [advanced] = await tx.query(
          `insert into auren.ladder_standing as s (user_id, epoch, until, algorithm, detectors)
           select $1, 1, $3::date, $4, $5::jsonb where $2::int8 = 0 or exists (
             select from auren.ladder_standing where user_id = $1)
           on conflict (user_id) do update
             set epoch = s.epoch + 1, until = excluded.until, algorithm = excluded.algorithm, detectors = excluded.detectors
             where s.epoch = $2::int8
           returning 1 as one`,
          [user, epoch, until, algorithm, JSON.stringify(detectors)],
        )
        if (!advanced) return false
        await closeRows(tx, user, [...change.rows, ...change.gone], at)
        for (let from = 0; from < change.rows.length; from += CHUNK)
          await addRows(tx, user, change.rows.slice(from, from + CHUNK), at)
        await writeMarks(tx, user, change.marks)
        return true
      })
    },
  }
}

async function readRows(
  sql: Sql,
  { user }: Scope,
  { rungs, series, from, to, asOf }: Parameters<LadderStore['read']>[1],
): Promise<LadderRow[]> {
  const params: (string | number)[] = [user, textArrayLiteral(rungs)]
  const bind = (value: string | number): string => `$${params.push(value)}`
  const conditions = ['user_id = $1', 'rung = any($2::text[])']
  if (series !== undefined) conditions.push(`series = any(${bind(textArrayLiteral(series))}::text[])`)
  if (from !== undefined) conditions.push(`last_day >= ${bind(from)}::date`)
  if (to !== undefined) conditions.push(`first_day <= ${bind(to)}::date`)
  if (asOf === undefined) conditions.push('superseded_at is null')
  else {
    const known = bind(asOf)
    conditions.push(`recorded_at <= ${known}::int8 and (superseded_at is null or superseded_at > ${known}::int8)`)
  }
  const rows = await sql.as(
    user,
    (tx) =>
      tx.query<{ body: LadderRow }>(
        `select body from auren.ladder where ${conditions.join(' and ')} order by series collate "C", first_day, rung collate "C"`,
        params,
      ),
    readOnly,
  )
  return rows.map(({ body }) => body)
}

/** Closes the current versions of periods, never before they began. */
async function closeRows(
  tx: SqlTx,
  user: string,
  keys: readonly Pick<LadderRow, 'rung' | 'series' | 'period'>[],
  at: number,
): Promise<void> {
  if (keys.length === 0) return
  await tx.query(
    `update auren.ladder l set superseded_at = greatest($5::int8, l.recorded_at + 1)
     from unnest($2::text[], $3::text[], $4::text[]) as k (rung, series, period)
     where l.user_id = $1 and l.superseded_at is null and l.rung = k.rung and l.series = k.series
       and l.body->>'period' = k.period`,
    [
      user,
      textArrayLiteral(keys.map(({ rung }) => rung)),
      textArrayLiteral(keys.map(({ series }) => series)),
      textArrayLiteral(keys.map(({ period }) => period)),
      at,
    ],
  )
}

/** Adds versions, each after the one that it follows. */
async function addRows(tx: SqlTx, user: string, rows: readonly LadderRow[], at: number): Promise<void> {
  await tx.query(
    `insert into auren.ladder (user_id, rung, series, first_day, last_day, recorded_at, body)
     select $1, b->>'rung', b->>'series', (b->>'from')::date, (b->>'to')::date,
       coalesce((select greatest($3::int8, max(l.superseded_at)) from auren.ladder l
         where l.user_id = $1 and l.rung = b->>'rung' and l.series = b->>'series' and l.first_day = (b->>'from')::date), $3::int8),
       b
     from jsonb_array_elements($2::jsonb) as b`,
    [user, JSON.stringify(rows), at],
  )
}

async function writeMarks(
  tx: SqlTx,
  user: string,
  marks: readonly { series: string; month: string; digest: string }[],
): Promise<void> {
  if (marks.length === 0) return
  const columns = (of: typeof marks): string[] => [
    textArrayLiteral(of.map(({ series }) => series)),
    textArrayLiteral(of.map(({ month }) => month)),
    textArrayLiteral(of.map(({ digest }) => digest)),
  ]
  await tx.query(
    `with given as (select * from unnest($2::text[], $3::text[], $4::text[]) as g (series, month, digest)),
     gone as (
       delete from auren.ladder_marks m using given g
       where m.user_id = $1 and m.series = g.series and m.month = g.month and g.digest = '')
     insert into auren.ladder_marks (user_id, series, month, digest)
     select $1, series, month, digest from given where digest <> ''
     on conflict (user_id, series, month) do update set digest = excluded.digest`,
    [user, ...columns(marks)],
  )
}
