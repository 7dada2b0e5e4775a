import { AurenError } from '@auren/core'
import type { Sql } from '../sql/port.js'

/** What to do where the role of the URL may not make roles. */
export const rolesWanted =
  'Give it CREATEROLE and CREATE on the database; or, as a superuser, make the roles beforehand: see docs/plugins/postgres.md'

/**
 * Refuses a server on which somebody gave the restricted roles more than they had: row-level security would hold
 * nobody back.
 * @throws AurenError AUREN_CONFIG_INVALID, naming the role
 */
export async function checkRoles(sql: Sql): Promise<void> {
  const powerful = await sql.transaction(
    (tx) =>
      tx.query<{ name: string }>(
        `select r.rolname as name from pg_roles r
         where r.rolname in ('auren_person', 'auren_relay', 'auren_consumer')
           and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcanlogin
             or exists (select from pg_roles o where pg_has_role(r.oid, o.oid, 'MEMBER') and o.oid <> r.oid))
         order by 1`,
      ),
    { readOnly: true },
  )
  if (powerful.length > 0)
    throw new AurenError(
      'AUREN_CONFIG_INVALID',
      `postgres: the role ${powerful.map(({ name }) => name).join(', ')} must be NOLOGIN, without any power and without membership in other roles: row-level security would not hold it back`,
      { plugin: 'postgres' },
    )
}
