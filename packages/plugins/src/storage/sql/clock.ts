/** The database's own time, in ms, as SQL: processes whose clocks differ must agree on who is dead. */
export const clock = '(extract(epoch from clock_timestamp()) * 1000)::int8'
