/** When a person was erased last, by the clock: an older dump, once restored, is told by it. */
export const erasures = {
  id: 15,
  name: 'erasures',
  sql: `
alter table auren.erased_persons add column erased_at int8 not null default 0;
`,
}
