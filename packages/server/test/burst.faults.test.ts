import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startLoad } from './faults/driver.js'
import { hurt, usePrepared } from './faults/hurt.js'
import { openMode } from './faults/modes.js'
import type { Mode } from './faults/place.js'
import { soakMs } from './faults/size.js'

// T10: ten times the load. What is too much is put off; nothing accepted is lost; memory stays bounded.

const modes: { name: string; mode: Mode }[] = [
  { name: 'embedded', mode: 'embedded' },
  { name: 'PostgreSQL', mode: 'table' },
  { name: 'PostgreSQL, Kafka and Redis', mode: 'kafka' },
]
/** Most memory that a process may have had, in MiB. */
const CAP = 768

const megabytes = (pid: number, what: 'VmHWM' | 'VmRSS'): number =>
  Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

describe.each(modes)('ten times the load: $name', ({ mode }) => {
  const open = openMode(mode)
  const copy = usePrepared(open)

  it.skipIf(!open || process.platform !== 'linux')('is put off or taken, whole, in bounded memory', async () => {
    // Low, so that the slowest machine runs into them.
    const limits = { AUREN_RATE_ADDRESS: '150', AUREN_RATE_PERSON: '100' }
    const slots =
      mode === 'embedded' ? [{ env: limits }] : [{ roles: 'biometric,neuros', env: limits }, { roles: 'worker' }]
    const load = await hurt(await copy(), slots, 91, async ({ fleet, load: { oracle }, acceptMore }) => {
      const pids = fleet.members.map((member) => member.server().pid)
      const before = pids.map((pid) => megabytes(pid, 'VmRSS'))
      const burst = startLoad(() => fleet.addresses('biometric'), { seed: 92, senders: 40, pauseMs: 1, oracle })
      await delay(soakMs)
      await burst.stop()
      expect(burst.violations).toEqual([])
      const peaks = pids.map((pid) => megabytes(pid, 'VmHWM'))
      console.log(
        `${mode}: burst of ${soakMs / 1000} s, answers ${JSON.stringify(burst.statuses)}, memory ${before.map(Math.round)} MiB, at most ${peaks.map(Math.round)} MiB`,
      )
      for (const peak of peaks) expect(peak).toBeLessThan(CAP)
      expect(burst.statuses[429]).toBeGreaterThan(0)
      await acceptMore(10)
    })
    expect(load.oracle.count().accepted).toBeGreaterThan(30)
  })
})
