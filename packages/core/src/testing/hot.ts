import type { Hot } from '../memory/ports.js'
import type { TestRunner } from './storage-kit.js'

/** A hot tier that is open and empty. */
export interface OpenHot {
  hot: Hot
  close(): Promise<void>
}

/**
 * Holds a hot tier to its port: what a person put is read by that person only, a newer version is never replaced by an
 * older one, and what was wiped is gone.
 * ```ts
 * import * as vitest from 'vitest'
 * testHot({ runner: vitest, open: async () => ({ hot: memoryHot(), close: async () => {} }) })
 * ```
 */
export function testHot({ runner, open }: { runner: TestRunner; open(): Promise<OpenHot> }): void {
  const { describe, it, expect, beforeAll, afterAll } = runner

  describe('storage: hot tier', () => {
    let opened: OpenHot
    let hot: Hot
    let count = 0
    const person = (): string => `person ${++count}`
    const entry = (version: number, value: unknown = { steps: version }, date = '2026-05-04') => ({
      version,
      date,
      value,
    })
    beforeAll(async () => {
      opened = await open()
      hot = opened.hot
    })
    afterAll(() => opened.close())

    it('has nothing at first, and then what was put', async () => {
      const user = person()
      expect(await hot.get(user, 'today')).toBe(null)
      const value = { text: 'Schlaf — 睡眠 😴\n" \\ \u0000', list: [1, 0.1, 0, 1e300, null, true], nested: { a: {} } }
      await hot.put(user, 'today', entry(1, value))
      expect(await hot.get(user, 'today')).toEqual(entry(1, JSON.parse(JSON.stringify(value))))
    })

    it('gives version and date as they were put, so that the reader can compare them', async () => {
      const user = person()
      await hot.put(user, 'today', entry(Number.MAX_SAFE_INTEGER, [], '2024-02-29'))
      expect(await hot.get(user, 'today')).toEqual(entry(Number.MAX_SAFE_INTEGER, [], '2024-02-29'))
    })

    it('keeps the newer version, whatever the order', async () => {
      const user = person()
      await hot.put(user, 'today', entry(7))
      await hot.put(user, 'today', entry(6))
      expect(await hot.get(user, 'today')).toEqual(entry(7))
      await hot.put(user, 'today', entry(8))
      expect(await hot.get(user, 'today')).toEqual(entry(8))
      // Versions are numbers: 10 is above 9.
      await hot.put(user, 'today', entry(9))
      await hot.put(user, 'today', entry(10))
      await hot.put(user, 'today', entry(9))
      expect(await hot.get(user, 'today')).toEqual(entry(10))
    })

    it('takes the same version anew: another day of the same data', async () => {
      const user = person()
      await hot.put(user, 'today', entry(3, 'before midnight', '2026-05-04'))
      await hot.put(user, 'today', entry(3, 'after midnight', '2026-05-05'))
      expect(await hot.get(user, 'today')).toEqual(entry(3, 'after midnight', '2026-05-05'))
    })

    it('ends with the newest of refills that race', async () => {
      const user = person()
      const versions = Array.from({ length: 60 }, (_, i) => 1 + ((i * 37) % 60))
      await Promise.all(versions.map((version) => hot.put(user, 'today', entry(version))))
      expect(await hot.get(user, 'today')).toEqual(entry(60))
    })

    it('keeps persons and keys apart', async () => {
      const names = ['ann', 'anna', 'ann:today', 'an*', 'an?', '{ann}', 'ann}', 'ann\n', '']
      const run = person()
      for (const [i, name] of names.entries()) {
        await hot.put(run + name, 'today', entry(i + 1))
        await hot.put(run + name, 'today:v', entry(100 + i))
      }
      for (const [i, name] of names.entries()) {
        expect(await hot.get(run + name, 'today')).toEqual(entry(i + 1))
        expect(await hot.get(run + name, 'today:v')).toEqual(entry(100 + i))
        expect(await hot.get(run + name, 'today:')).toBe(null)
      }
      await hot.wipe(`${run}an*`)
      await hot.wipe(`${run}ann`)
      for (const [i, name] of names.entries())
        expect(await hot.get(run + name, 'today')).toEqual(name === 'an*' || name === 'ann' ? null : entry(i + 1))
    })

    it('forgets a person whole, and takes older versions afterwards: a restored history begins below', async () => {
      const user = person()
      for (const key of ['today', 'context']) await hot.put(user, key, entry(9))
      await hot.wipe(user)
      for (const key of ['today', 'context']) expect(await hot.get(user, key)).toBe(null)
      await hot.put(user, 'today', entry(1))
      expect(await hot.get(user, 'today')).toEqual(entry(1))
    })

    it('forgets everybody', async () => {
      const users = Array.from({ length: 20 }, person)
      for (const user of users) await hot.put(user, 'today', entry(1))
      await hot.wipe()
      for (const user of users) expect(await hot.get(user, 'today')).toBe(null)
    })

    it('gives what is the reader’s own: changing it changes nothing here', async () => {
      const user = person()
      const value = { list: [1] }
      await hot.put(user, 'today', entry(1, value))
      value.list.push(2)
      const read = (await hot.get(user, 'today'))?.value as { list: number[] }
      read.list.push(3)
      expect(await hot.get(user, 'today')).toEqual(entry(1, { list: [1] }))
    })
  })
}
