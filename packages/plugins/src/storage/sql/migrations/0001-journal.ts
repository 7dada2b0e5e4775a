import { personTable, serviceAccess } from '../isolation.js'

/**
 * Persons with their keys; inbox, outbox, offsets, jobs, quarantine, connections and blobs. Whatever is a person's has
 * a `user_id` (erasure finds the tables by it) and is sealed where it is words, tokens or raw data. Sealed columns are
 * stored as they are: compressing noise costs time.
 */
export const journal = {
  id: 1,
  name: 'journal',
  sql: `
create table auren.persons (
  user_id text primary key,
  key_id bytea not null,
  wrapped bytea not null
);
${personTable('auren.persons', '')}

create table auren.system_keys (
  id text primary key,
  key_id bytea not null,
  wrapped bytea not null
);

create table auren.erased_persons (hash text primary key, until int8 not null);
create table auren.erased_deliveries (hash text primary key);

create table auren.inbox (
  id uuid primary key,
  provider text not null,
  delivery_key text not null,
  user_id text,
  account text not null,
  received_at int8 not null,
  headers bytea,
  body bytea,
  blob uuid,
  unique (provider, delivery_key)
);
alter table auren.inbox alter column body set storage external;
create index inbox_person on auren.inbox (user_id);
${personTable('auren.inbox', 'select')}

create table auren.outbox (
  id uuid primary key,
  seq int8 generated always as identity,
  user_id text,
  partition int4 not null,
  position int8,
  received_at int8 not null,
  size int4 not null,
  payload bytea
);
alter table auren.outbox alter column payload set storage external;
create unique index outbox_log on auren.outbox (partition, position) where position is not null;
create index outbox_new on auren.outbox (seq) where position is null;
create index outbox_person on auren.outbox (user_id);
${personTable('auren.outbox', 'select')}
${serviceAccess('auren.outbox', 'auren_relay', 'select, update (position)')}
${serviceAccess('auren.outbox', 'auren_consumer', 'select, delete')}

create table auren.log_heads (partition int4 primary key, next int8 not null);
grant select, insert, update on auren.log_heads to auren_relay;

create table auren.offsets (
  consumer text not null,
  partition int4 not null,
  epoch int8 not null,
  next int8 not null,
  primary key (consumer, partition)
);
grant select, insert, update on auren.offsets to auren_consumer;

create table auren.counters (
  name text not null,
  slot int4 not null,
  value int8 not null,
  primary key (name, slot)
);
grant select, insert, update on auren.counters to auren_consumer;

create table auren.jobs (
  id uuid primary key,
  seq int8 generated always as identity,
  kind text not null,
  user_id text,
  key text unique,
  payload bytea not null,
  state text not null check (state in ('waiting', 'running', 'done', 'dead', 'cancelled')),
  attempts int4 not null,
  progress bytea not null,
  error text,
  lease_until int8,
  run_at int8 not null,
  updated_at int8 not null
);
alter table auren.jobs alter column payload set storage external;
create index jobs_due on auren.jobs (run_at, seq) where state in ('waiting', 'running');
create index jobs_person on auren.jobs (user_id, seq);
${personTable('auren.jobs', 'select')}

create table auren.quarantine (
  id uuid primary key,
  seq int8 generated always as identity,
  user_id text,
  provider text not null,
  account text not null,
  raw_ref text not null,
  received_at int8 not null,
  reason text not null,
  sealed bytea not null,
  replayed_at int8
);
create index quarantine_person on auren.quarantine (user_id, seq);
create index quarantine_open on auren.quarantine (seq) where replayed_at is null;
${personTable('auren.quarantine', 'select')}

create table auren.connections (
  id uuid primary key,
  user_id text not null,
  provider text not null,
  account text not null,
  status text not null check (status in ('pending', 'active', 'revoked', 'error')),
  tokens bytea,
  state bytea not null,
  last_sync_at int8,
  error text
);
create unique index connections_account on auren.connections (provider, account) where status <> 'revoked';
create unique index connections_person on auren.connections (user_id, provider, account);
${personTable('auren.connections', 'select')}

create table auren.blobs (
  id uuid primary key,
  user_id text not null,
  name bytea not null,
  size int8 not null,
  sha256 text
);
create index blobs_person on auren.blobs (user_id);
${personTable('auren.blobs', 'select')}

create table auren.blob_frames (
  blob uuid not null,
  at int8 not null,
  user_id text not null,
  size int4 not null,
  sealed bytea not null,
  primary key (blob, at)
);
alter table auren.blob_frames alter column sealed set storage external;
create index blob_frames_person on auren.blob_frames (user_id);
${personTable('auren.blob_frames', 'select')}
`,
}
