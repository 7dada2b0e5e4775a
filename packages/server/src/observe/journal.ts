import { statfs } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { Auren, AurenLag } from '@auren/core'
import type { Instruments } from './instruments.js'

/** Longest wait for the store in one scrape, in ms: Prometheus gives up after ten seconds. */
const PATIENCE_MS = 4000

/**
 * Reads what DESIGN G9 asks for from the journal. Where the store does not answer these series are missing, and
 * `auren_store_up` is 0: an old number would look like a calm one.
 */
export async function readJournal({ journal }: Instruments, auren: Pick<Auren, 'lag'>): Promise<void> {
  const lag = await Promise.race([auren.lag().catch(() => null), wait(PATIENCE_MS, null, { ref: false })])
  journal.up.set(lag ? 1 : 0)
  for (const [name, read] of Object.entries(readings) as [keyof typeof readings, (lag: AurenLag) => number | null][]) {
    const value = lag && read(lag)
    const instrument = journal[name]
    instrument.remove()
    // The journal counts; a counter shows its count.
    if (value !== null) instrument.inc(value)
  }
  journal.connected.reset()
  if (lag) journal.connected.set({ log: lag.log.name }, lag.log.health.connected ? 1 : 0)
}

const readings = {
  waiting: (lag: AurenLag) => lag.waiting,
  oldest: (lag: AurenLag) => lag.oldestMs / 1000,
  quarantined: (lag: AurenLag) => lag.quarantined,
  jobs: (lag: AurenLag) => lag.jobs,
  difference: (lag: AurenLag) => lag.accepted - lag.stored - lag.waiting,
  accepted: (lag: AurenLag) => lag.accepted,
  stored: (lag: AurenLag) => lag.stored,
  published: (lag: AurenLag) => lag.published,
  duplicates: (lag: AurenLag) => lag.duplicates,
  behind: (lag: AurenLag) => lag.log.behind,
  dropped: (lag: AurenLag) => lag.log.dropped,
} as const

/** Reads how full the disk is; a container sees that of its host. */
export async function readDisk({ disk }: Instruments, folder: string): Promise<void> {
  const found = await statfs(folder).catch(() => statfs('/'))
  disk.available.set(found.bavail * found.bsize)
  disk.size.set(found.blocks * found.bsize)
}
