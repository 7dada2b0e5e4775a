/**
 * Of one memory one version is believed at a time: the database refuses what would make it two. Where two writers had
 * left two, the older one ends where the next begins, and stays readable as of then.
 */
export const oneCurrent = {
  id: 12,
  name: 'one-current',
  sql: `
update auren.memories m set superseded_at = (
  select min(n.recorded_at) from auren.memories n
  where n.user_id = m.user_id and n.id = m.id and n.recorded_at > m.recorded_at
)
where m.superseded_at is null and exists (
  select from auren.memories n where n.user_id = m.user_id and n.id = m.id and n.recorded_at > m.recorded_at
);
update auren.memories set superseded_at = recorded_at + 1 where superseded_at <= recorded_at;
create unique index memories_one_current on auren.memories (user_id, id) where superseded_at is null;
alter table auren.memories
  add constraint memories_known check (superseded_at is null or superseded_at > recorded_at);
`,
}
