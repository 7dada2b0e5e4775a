import { personTable } from '../isolation.js'

/** Conversations: threads, turns, runs with the journal of their parts, and LangGraph's checkpoints. Texts are sealed. */
export const threads = {
  id: 4,
  name: 'threads',
  sql: `
create table auren.threads (
  user_id text not null,
  id text not null,
  title bytea,
  updated_at int8 not null,
  primary key (user_id, id)
);
${personTable('auren.threads')}

create table auren.turns (
  user_id text not null,
  id text not null,
  thread text not null,
  seq int8 generated always as identity,
  role text not null check (role in ('person', 'neuros')),
  sealed bytea not null,
  at int8 not null,
  primary key (user_id, id)
);
create index turns_thread on auren.turns (user_id, thread, seq);
${personTable('auren.turns')}

create table auren.runs (
  user_id text not null,
  id uuid not null,
  thread text not null,
  client_id text not null,
  state text not null check (state in ('running', 'done', 'failed', 'interrupted', 'cancelled')),
  sealed bytea not null,
  at int8 not null,
  primary key (user_id, id),
  unique (user_id, thread, client_id)
);
create index runs_running on auren.runs (at) where state = 'running';
${personTable('auren.runs')}

create table auren.run_parts (
  user_id text not null,
  run uuid not null,
  seq int4 not null,
  sealed bytea not null,
  primary key (user_id, run, seq)
);
${personTable('auren.run_parts')}

create table auren.checkpoints (
  user_id text not null,
  thread text not null,
  ns text not null,
  id text collate "C" not null,
  parent text,
  checkpoint bytea not null,
  checkpoint_type text not null,
  metadata bytea not null,
  metadata_type text not null,
  primary key (user_id, thread, ns, id)
);
alter table auren.checkpoints alter column checkpoint set storage external;
${personTable('auren.checkpoints')}

create table auren.checkpoint_writes (
  user_id text not null,
  thread text not null,
  ns text not null,
  id text collate "C" not null,
  task text not null,
  idx int4 not null,
  channel text not null,
  type text not null,
  value bytea not null,
  primary key (user_id, thread, ns, id, task, idx)
);
${personTable('auren.checkpoint_writes')}
`,
}
