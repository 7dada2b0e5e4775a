import { personTable } from '../isolation.js'

/** How often what is remembered of a person has changed: what is kept ready in the hot tier is checked against it. */
export const memoryVersions = {
  id: 17,
  name: 'memory-versions',
  sql: `
create table auren.memory_versions (
  user_id text primary key,
  version int8 not null
);
${personTable('auren.memory_versions')}
`,
}
