import { createHash } from 'node:crypto'
import { Temporal } from 'temporal-polyfill'
import { asAurenError, isAurenError } from '../errors.js'
import { createJobRunner, type JobHandler } from '../events/jobs.js'
import type { Job, Journal, Tx } from '../events/ports.js'
import type { LongTerm } from '../memory/ports.js'
import type { Instant, LocalDate, UserId } from '../observation/schema.js'
import type { PluginContext } from '../plugin/types.js'

/** Kind of the job that consolidates a person's memory: one for each person, due every night. */
export const CONSOLIDATE_JOB = 'consolidate'
/** Local hour at which a person's night work begins, and the minutes over which persons are spread. */
const HOUR = 3
const SPREAD_MINUTES = 90
/** After an import: what else the person has to import is awaited first. */
const AFTER_IMPORT_MS = 10 * 60_000

/** What the work of the night stands on. */
export interface NightlyPorts {
  journal: Journal
  longTerm: Pick<LongTerm, 'profile'>
  /** Consolidates one person. Absent: there is no night work. */
  consolidate?: ((user: UserId) => Promise<unknown>) | undefined
  /** Zone of persons whose profile names none. */
  zone: string
  now(): Instant
  log: PluginContext['log']
}

/** Work that is done every night for every person who has data. */
export interface Nightly {
  start(): void
  wake(): void
  /** Told after data of persons were stored: from then on they have a night job. */
  stored(users: readonly UserId[]): void
  /** After an import: what it brought is consolidated soon, and not only at night. */
  imported(user: UserId): Promise<void>
  drained(): Promise<void>
  close(): Promise<void>
}

/**
 * The first moment after `now` that is a person's time of the night: three o'clock of their own zone and some minutes,
 * which are always the same for one person. Where the clocks skip that hour, the hour after it.
 */
export function nextNight(user: UserId, zone: string, now: Instant): Instant {
  const spread = createHash('sha256').update(user).digest().readUInt32BE() % SPREAD_MINUTES
  const local = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone)
  const at = (days: number): Instant =>
    local
      .toPlainDate()
      .add({ days })
      .toZonedDateTime({ timeZone: zone, plainTime: new Temporal.PlainTime(HOUR) }).epochMilliseconds +
    spread * 60_000
  return [0, 1].map(at).find((moment) => moment > now) ?? at(2)
}

/**
 * Runs consolidation each night, one person at a time and beside all else. Each person's job is leased, so that of
 * several processes one does it, and taken up again where a process dies; a failure that passes is tried again within
 * the night.
 */
export function createNightly(ports: NightlyPorts): Nightly {
  const { journal, longTerm, consolidate, zone, now, log } = ports
  if (!consolidate)
    return {
      start: () => undefined,
      wake: () => undefined,
      stored: () => undefined,
      imported: async () => undefined,
      drained: async () => undefined,
      close: async () => undefined,
    }

  const night = async (user: UserId): Promise<Instant> => {
    const { zones } = await longTerm.profile({ user, purpose: 'consolidate' })
    const at = now()
    return nextNight(user, zones?.findLast((entry) => entry.from <= at)?.zone ?? zone, at)
  }
  const jobOf = async (tx: Tx, user: UserId, runAt: Instant): Promise<Job | null> =>
    journal.getJob(
      tx,
      await journal.addJob(tx, {
        kind: CONSOLIDATE_JOB,
        user,
        payload: {},
        key: `${CONSOLIDATE_JOB}/${user}`,
        runAt,
      }),
    )
  const handler: JobHandler = async ({ user }, { repeat }) => {
    if (user === null) return {}
    // First of all: whatever becomes of this night, there is a next one.
    repeat(await night(user))
    try {
      await consolidate(user)
    } catch (error) {
      // Who does not want it is not asked again until tomorrow.
      if (!isAurenError(error) || error.code !== 'AUREN_FORBIDDEN') throw error
    }
    return {}
  }
  const runner = createJobRunner({ journal, now, log, handlers: { [CONSOLIDATE_JOB]: handler } })
  /** Persons who are known to have a job, with the day on which that was seen. */
  const known = new Map<UserId, LocalDate>()
  let noting: Promise<unknown> = Promise.resolve()

  const note = async (user: UserId): Promise<void> => {
    try {
      const runAt = await night(user)
      await journal.transaction((tx) => jobOf(tx, user, runAt))
    } catch (cause) {
      // The next delivery asks again.
      known.delete(user)
      log('warn', 'a person has no night work yet', { code: asAurenError(cause).code })
    }
  }

  return {
    start: runner.start,
    wake: runner.wake,
    stored(users) {
      const day = new Date(now()).toISOString().slice(0, 10)
      for (const user of users) {
        if (known.get(user) === day) continue
        known.set(user, day)
        noting = noting.then(() => note(user))
      }
    },
    async imported(user) {
      const soon = now() + AFTER_IMPORT_MS
      await journal.transaction(async (tx) => {
        const job = await jobOf(tx, user, soon)
        if (!job || job.state === 'running' || (job.state === 'waiting' && job.runAt <= soon)) return
        const { id, attempts } = job
        await journal.endJob(tx, id, { state: 'waiting', runAt: soon, attempt: attempts, excused: attempts }, now())
      })
    },
    async drained() {
      await noting
      await runner.drained()
    },
    async close() {
      await noting
      await runner.close()
    },
  }
}
