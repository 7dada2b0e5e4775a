import { personTable } from '../isolation.js'

/** Tier 3: what was concluded and what was said. Texts and bodies are sealed; search works on keyed word hashes. */
export const patterns = {
  id: 3,
  name: 'patterns',
  sql: `
create table auren.memories (
  user_id text not null,
  id text not null,
  kind text not null,
  origin text not null,
  algorithm text,
  status text not null,
  pinned boolean not null,
  confidence float8,
  valid_from int8 not null,
  valid_to int8,
  recorded_at int8 not null,
  superseded_at int8,
  about text[] not null,
  derived_from text[] not null,
  sealed bytea not null,
  digest text not null,
  words tsvector not null,
  primary key (user_id, id, recorded_at)
);
create index memories_current on auren.memories (user_id, kind) where superseded_at is null;
create index memories_about on auren.memories using gin (about);
create index memories_words on auren.memories using gin (words);
${personTable('auren.memories', 'select, insert, update, delete')}
`,
}
