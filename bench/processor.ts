// Processor time of processes that are not this one (Linux): on a shared machine it says more than the clock.
import { readFileSync } from 'node:fs'
import type pg from 'pg'

/** Ticks of `/proc/<pid>/stat` per second: USER_HZ, which Linux has fixed at 100 for all that reads it. */
const TICKS = 100

/** Seconds that a process has used so far, all its threads, in user and kernel; 0 where it is gone. */
export function processorSeconds(pid: number): number {
  try {
    // The name in parentheses may hold spaces: what counts comes after it; utime and stime are fields 14 and 15.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS
  } catch {
    return 0
  }
}

/** Processes of the database that serve the connections of one program to the database that is asked. */
export async function backendsOf(admin: pg.Client, application: string): Promise<number[]> {
  const { rows } = await admin.query<{ pid: number }>(
    'select pid from pg_stat_activity where datname = current_database() and application_name = $1',
    [application],
  )
  return rows.map(({ pid }) => pid)
}
