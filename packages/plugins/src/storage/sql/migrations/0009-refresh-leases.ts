/** Whoever renews a connection's tokens says so: vendors take a refresh token once, from one process of several. */
export const refreshLeases = {
  id: 9,
  name: 'refresh-leases',
  sql: 'alter table auren.connections add column refresh_until int8 not null default 0;',
}
