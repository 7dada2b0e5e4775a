import { personTable } from '../isolation.js'

/**
 * Tier 3's weeks, months, quarters and years: a row for each version of each period of a series, what the months of
 * tier 2 looked like when they were made, and how far a person's ladder has been built. Numbers, and no words of the
 * person's: they are protected as the numbers of tier 2 are.
 */
export const ladder = {
  id: 14,
  name: 'ladder',
  sql: `
create table auren.ladder (
  user_id text not null,
  rung text not null,
  series text not null,
  first_day date not null,
  last_day date not null,
  recorded_at int8 not null,
  superseded_at int8,
  body jsonb not null,
  primary key (user_id, rung, series, first_day, recorded_at)
);
create index ladder_current on auren.ladder (user_id, rung, series, first_day) where superseded_at is null;
create table auren.ladder_marks (
  user_id text not null,
  series text not null,
  month text not null,
  digest text not null,
  primary key (user_id, series, month)
);
create table auren.ladder_standing (
  user_id text primary key,
  epoch int8 not null,
  until date not null,
  algorithm text not null,
  detectors jsonb not null
);
${['ladder', 'ladder_marks', 'ladder_standing'].map((table) => personTable(`auren.${table}`)).join('')}
`,
}
