/**
 * The outbox as the relay of a bus sees it: where each row was put, which delivery led to it, and the trace it belongs
 * to; the relay's lease; what is to be told to the dead-letter topic. Consumers are named with their log from here on.
 */
export const log = {
  id: 6,
  name: 'log',
  sql: `
alter table auren.outbox
  add column receipt uuid,
  add column traceparent text,
  add column log text,
  add column log_partition int4,
  add column log_position int8;
drop index auren.outbox_new;
create index outbox_new on auren.outbox (seq) where position is null and log is null;
create index outbox_acknowledged on auren.outbox (log_partition, log_position) where log is not null;
grant update (log, log_partition, log_position) on auren.outbox to auren_relay;

update auren.offsets set consumer = 'memory@table' where consumer = 'memory';

create table auren.relay (
  one bool primary key default true check (one),
  owner text not null,
  until int8 not null
);
grant select, insert, update, delete on auren.relay to auren_relay;

create table auren.dead_letters (
  id uuid primary key,
  reason text not null,
  partition int4 not null,
  position int8 not null,
  at int8 not null
);
grant select, insert on auren.dead_letters to auren_consumer;
grant select, delete on auren.dead_letters to auren_relay;
`,
}
