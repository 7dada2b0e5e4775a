/**
 * SQL that makes the restricted roles; they log in nowhere, own nothing and cannot bypass row-level security. Roles are
 * the server's and not the database's: another database of the same server may make them at the same moment, or the
 * operator has made them and this login may not make any.
 */
export const rolesSql = `
do $$
declare
  role text;
  -- Since 16 a membership may be one that does not let its member become the role.
  membership text := case when current_setting('server_version_num')::int4 >= 160000 then 'SET' else 'MEMBER' end;
begin
  foreach role in array array['auren_person', 'auren_relay', 'auren_consumer'] loop
    if not exists (select from pg_roles where rolname = role) then
      begin
        execute format('create role %I nologin nobypassrls', role);
      exception when duplicate_object or unique_violation then null;
      end;
    end if;
    if not pg_has_role(current_user, role, membership) then
      execute format('grant %I to current_user', role);
    end if;
    if not has_schema_privilege(role, 'auren', 'usage') then
      execute format('grant usage on schema auren to %I', role);
    end if;
  end loop;
end $$;
`

/**
 * SQL that puts a table with a `user_id` under row-level security: the person role sees and writes the rows of the
 * person that the transaction is for and nothing else (without one: nothing). The owner, who is no superuser on a
 * server, keeps a policy of its own because security is forced.
 * @param table with its schema
 * @param grants what the person role may do
 */
export function personTable(table: string, grants = 'select, insert, update, delete'): string {
  return `
alter table ${table} enable row level security;
alter table ${table} force row level security;
create policy owner on ${table} to current_user using (true) with check (true);
create policy person on ${table} to auren_person
  using (user_id = current_setting('auren.user', true)) with check (user_id = current_setting('auren.user', true));
${grants === '' ? '' : `grant ${grants} on ${table} to auren_person;`}
`
}

/** SQL that lets a service role use columns of a table with row-level security, whoever's rows they are. */
export function serviceAccess(table: string, role: 'auren_relay' | 'auren_consumer', grants: string): string {
  return `
create policy ${role} on ${table} to ${role} using (true) with check (true);
grant ${grants} on ${table} to ${role};
`
}
