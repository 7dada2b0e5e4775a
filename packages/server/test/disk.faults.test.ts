import { spawnSync } from 'node:child_process'
import { chmodSync, closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startPostgres } from '../../../test/servers/postgres.js'
import type { Server } from '../../../test/servers/server.js'
import { service } from '../../../test/services.js'
import { until } from './faults/driver.js'
import { hurt } from './faults/hurt.js'
import { embeddedWorld, type Place, serverWorld } from './faults/place.js'
import { prepare } from './faults/prepare.js'

// T11: the disk is full. A file system of its own is filled up to the last block, which takes root.

/** A small file system in memory; null, loudly, where this user may not mount one. */
function mountSmall(megabytes: number): { folder: string; fill(): void; empty(): void } | null {
  const folder = mkdtempSync(join(tmpdir(), 'auren-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'tmpfs', folder])
  if (mounted.status !== 0) {
    rmdirSync(folder)
    return null
  }
  const filler = join(folder, 'filler')
  onTestFinished(() => {
    spawnSync('umount', ['-l', folder])
    rmdirSync(folder)
  })
  return {
    folder,
    fill() {
      const file = openSync(filler, 'a')
      try {
        for (const block = Buffer.alloc(65_536); ; ) writeSync(file, block)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        closeSync(file)
      }
    },
    empty: () => rmSync(filler, { force: true }),
  }
}

/** Tells loudly where this cannot be tried; in CI that is a failure. */
function mayMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'auren-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status === 0
  if (mounted) spawnSync('umount', [folder])
  rmdirSync(folder)
  if (mounted) return true
  const message = 'a full disk is not tried: mounting a small file system takes root'
  if (process.env.AUREN_REQUIRE_SERVICES === '1') throw new Error(message)
  console.warn(`SKIPPED: ${message}`)
  return false
}

describe.skipIf(!mayMount())('a disk that is full', () => {
  it.skipIf(service('postgres') === null)(
    'under PostgreSQL: 503 until there is room, and nothing is lost',
    async () => {
      const disk = mountSmall(160) as NonNullable<ReturnType<typeof mountSmall>>
      chmodSync(disk.folder, 0o755)
      const server = await startPostgres({
        folder: disk.folder,
        settings: { max_wal_size: '32MB', min_wal_size: '32MB', log_min_messages: 'panic' },
      })
      onTestFinished(() => server.kill())
      const world = serverWorld({ postgres: server.address })
      onTestFinished(() => world.close().catch(() => undefined))
      const place = await prepare(await world.create())
      await hurt(place, [{ roles: 'biometric,neuros' }, { roles: 'worker' }], 81, async ({ load, acceptMore }) => {
        disk.fill()
        const before = load.statuses[503] ?? 0
        await until(() => (load.statuses[503] ?? 0) >= before + 10)
        disk.empty()
        // A server that could not write its log has ended itself: its operator starts it again.
        if (!isUp(server)) await server.start()
        await acceptMore(20)
      })
    },
  )

  it('under a data folder: 503 until there is room, and nothing is lost', async () => {
    const disk = mountSmall(200) as NonNullable<ReturnType<typeof mountSmall>>
    const world = embeddedWorld(disk.folder)
    onTestFinished(() => world.close())
    const place: Place = await prepare(await world.create())
    await hurt(place, [{}], 82, async ({ fleet, load, acceptMore }) => {
      disk.fill()
      const before = load.statuses[503] ?? 0
      const [member] = fleet.members
      const { ended } = (member as NonNullable<typeof member>).server()
      const died = ended.then(() => 'died')
      const refused = until(() => (load.statuses[503] ?? 0) >= before + 10).then(() => 'refused')
      const how = await Promise.race([died, refused])
      console.log(`a full disk under a data folder: ${how}`)
      disk.empty()
      if (how === 'died') await member?.start()
      await acceptMore(20)
    })
    expect(place.mode).toBe('embedded')
  })
})

function isUp(server: Server): boolean {
  try {
    return server.pid() > 0
  } catch {
    return false
  }
}
