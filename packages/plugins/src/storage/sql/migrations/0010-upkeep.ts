/** Jobs that are put off without it counting against them, and what persons let vendors send. */
export const upkeep = {
  id: 10,
  name: 'upkeep',
  sql: `
alter table auren.jobs add column excused int4 not null default 0;
alter table auren.connections add column permissions bytea;
`,
}
