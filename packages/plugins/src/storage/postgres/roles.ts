import { AurenError } from '@auren/core'
import type { Sql } from '../sql/port.js'

/** What to do where the role of the URL may not make roles. */
export const rolesWanted =
  'Give it CREATEROLE and CREATE on the database; or, as a superuser, make the roles beforehand: see docs/plugins/postgres.md'

/**
 * Refuses a server on which row-level security would hold nobody back, because somebody gave a restricted role more
 * than it had; and one on which it would hide everything, because the tables were made (or the dump was taken) by
 * another role than that of the URL: it would look as if nobody had ever been here.
 * @throws AurenError AUREN_CONFIG_INVALID, naming the role
 */
export async function checkRoles(sql: Sql): Promise<void> {
  const { powerful, makers } = await sql.transaction(
    async (tx) => ({
      powerful: await tx.query<Named>(
        `select r.rolname as name from pg_roles r
         where r.rolname in ('auren_person', 'auren_relay', 'auren_consumer')
           and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcanlogin
             or exists (select from pg_roles o where pg_has_role(r.oid, o.oid, 'MEMBER') and o.oid <> r.oid))
         order by 1`,
      ),
      makers: await tx.query<Named>(
        `select distinct pg_get_userbyid(maker) as name from pg_policy, unnest(polroles) as maker
         where polname = 'owner' and polrelid::regclass::text like 'auren.%'
           and not pg_has_role(current_user, maker, 'USAGE')`,
      ),
    }),
    { readOnly: true },
  )
  if (powerful.length > 0)
    throw invalid(
      `the role ${namesOf(powerful)} must be NOLOGIN, without any power and without membership in other roles: row-level security would not hold it back`,
    )
  if (makers.length > 0)
    throw invalid(
      `the tables were made by the role ${namesOf(makers)}, and no other sees what is in them: log in as that role`,
    )
}

interface Named {
  name: string
}

function namesOf(roles: readonly Named[]): string {
  return roles.map(({ name }) => name).join(', ')
}

function invalid(message: string): AurenError {
  return new AurenError('AUREN_CONFIG_INVALID', `postgres: ${message}`, { plugin: 'postgres' })
}
