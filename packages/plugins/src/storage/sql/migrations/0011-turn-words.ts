/**
 * What was said can be searched: a turn's own words with weight A, those of the two turns on either side with weight D.
 * Words are keyed hashes, which SQL cannot make: what was said before has none until it is first searched.
 */
export const turnWords = {
  id: 11,
  name: 'turn-words',
  sql: `
alter table auren.turns add column words tsvector;
create index turns_words on auren.turns using gin (words);
`,
}
