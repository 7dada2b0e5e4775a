/** Of one memory one version is believed at a time: the database refuses what would make it two. */
export const oneCurrent = {
  id: 12,
  name: 'one-current',
  sql: `
create unique index memories_one_current on auren.memories (user_id, id) where superseded_at is null;
alter table auren.memories
  add constraint memories_known check (superseded_at is null or superseded_at > recorded_at);
`,
}
