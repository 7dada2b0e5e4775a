import { personTable } from '../isolation.js'

/**
 * Who may sign in, as what, what they agreed to, and what was done. Names, password hashes and keys are sealed; tokens
 * are kept as hashes. The audit log names persons by keyed hashes only, so it has no `user_id` and outlives an erasure;
 * nobody may change it, its owner included.
 */
export const identity = {
  id: 7,
  name: 'identity',
  sql: `
create table auren.accounts (
  user_id text primary key,
  name_hash text unique,
  name bytea,
  password bytea,
  scopes text[] not null,
  created_at int8 not null
);
${personTable('auren.accounts', '')}

create table auren.account_links (
  hash text primary key,
  user_id text not null
);
create index account_links_person on auren.account_links (user_id);
${personTable('auren.account_links', '')}

create table auren.invitations (
  hash text primary key,
  user_id text not null,
  scopes text[] not null,
  expires_at int8 not null
);
create index invitations_person on auren.invitations (user_id);
${personTable('auren.invitations', '')}

create table auren.sign_ins (
  id uuid primary key,
  user_id text not null,
  hash text not null,
  created_at int8 not null,
  used_at int8 not null,
  expires_at int8 not null
);
create index sign_ins_person on auren.sign_ins (user_id);
${personTable('auren.sign_ins', 'select, delete')}

create table auren.api_tokens (
  id uuid primary key,
  user_id text not null,
  hash text not null unique,
  name bytea not null,
  scopes text[] not null,
  created_at int8 not null,
  expires_at int8 not null,
  used_at int8,
  revoked_at int8
);
create index api_tokens_person on auren.api_tokens (user_id);
${personTable('auren.api_tokens', 'select, insert, update (revoked_at)')}

create table auren.consents (
  user_id text not null,
  seq int8 generated always as identity,
  purpose text not null,
  kind text not null,
  granted boolean not null,
  version text not null,
  at int8 not null,
  primary key (user_id, seq)
);
${personTable('auren.consents', 'select, insert')}

create table auren.once (
  key text primary key,
  sealed bytea not null,
  expires_at int8 not null
);

create table auren.signing_keys (
  id text primary key,
  sealed bytea not null,
  created_at int8 not null
);

create table auren.audit (
  seq int8 primary key,
  at int8 not null,
  action text not null,
  actor text,
  subject text,
  reason text not null,
  hash text not null
);
create index audit_subject on auren.audit (subject, seq);
create index audit_actor on auren.audit (actor, seq);
create function auren.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log can only be added to' using errcode = '42501';
end $$;
create trigger append_only before update or delete or truncate on auren.audit
  for each statement execute function auren.refuse_change();
revoke update, delete, truncate on auren.audit from public, current_user;
`,
}
