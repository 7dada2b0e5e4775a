/** Runs belong to a process while it lives: a lease, and their order in a thread, so that several serve one database. */
export const runLeases = {
  id: 8,
  name: 'run-leases',
  sql: `
alter table auren.runs add column lease_until int8 not null default 0;
alter table auren.runs add column seq int8 generated always as identity;
create index runs_thread on auren.runs (user_id, thread, seq) where state = 'running';
`,
}
