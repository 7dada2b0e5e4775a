import { personTable } from '../isolation.js'

/**
 * Where running imports count siblings (unequal values of one identity): pages of hashes, by hashed name; an import's
 * go when it has ended.
 */
export const ordinals = {
  id: 5,
  name: 'ordinals',
  sql: `
create table auren.ordinals (
  import uuid not null,
  name text not null,
  user_id text not null,
  hashes bytea not null,
  primary key (import, name)
);
alter table auren.ordinals alter column hashes set storage external;
create index ordinals_person on auren.ordinals (user_id);
${personTable('auren.ordinals', '')}
`,
}
