import { describe, expect, it } from 'vitest'
import { memoryHot } from '../../src/memory/hot.js'
import { readyOf } from '../../src/memory/ready.js'

const stamp = { version: 3, date: '2026-05-04' }

/** A build that waits until it is let go on. */
function held<T>(value: T) {
  let release: () => void = () => undefined
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  let builds = 0
  return {
    builds: () => builds,
    go: () => release(),
    build: async () => {
      builds++
      await gate
      return value
    },
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('parts that are kept ready', () => {
  it('are built once for all who come meanwhile, each of whom gets a copy', async () => {
    const ready = readyOf(memoryHot())
    const { build, builds, go } = held({ list: [1] })
    const reads = Array.from({ length: 20 }, () => ready.read('ann', 'pinned', stamp, build))
    await settle()
    go()
    const values = await Promise.all(reads)
    expect(builds()).toBe(1)
    values[0]?.list.push(2)
    expect(values[1]).toEqual({ list: [1] })
    expect(await ready.read('ann', 'pinned', stamp, build)).toEqual({ list: [1] })
    expect(builds()).toBe(1)
  })

  it('are one refill also where the same tier is asked through several memories', async () => {
    const hot = memoryHot()
    expect(readyOf(hot)).toBe(readyOf(hot))
    expect(readyOf(hot)).not.toBe(readyOf(memoryHot()))
  })

  it('are not shared between persons, parts, versions or days', async () => {
    const ready = readyOf(memoryHot())
    const { build, builds, go } = held('x')
    go()
    await ready.read('ann', 'pinned', stamp, build)
    await ready.read('bob', 'pinned', stamp, build)
    await ready.read('ann', 'today', stamp, build)
    await ready.read('ann', 'pinned', { ...stamp, version: 4 }, build)
    await ready.read('ann', 'pinned', { ...stamp, version: 4, date: '2026-05-05' }, build)
    expect(builds()).toBe(5)
  })

  it('are not believed once they are old, nor where a restored database is behind them', async () => {
    const ready = readyOf(memoryHot())
    const at = (version: number) => ready.read('ann', 'pinned', { ...stamp, version }, async () => `as of ${version}`)
    expect([await at(5), await at(6), await at(4), await at(6)]).toEqual(['as of 5', 'as of 6', 'as of 4', 'as of 6'])
  })

  it('that fail are tried again by the next one, and told to all who waited', async () => {
    const ready = readyOf(memoryHot())
    const fail = async (): Promise<string> => {
      await settle()
      throw new Error('away')
    }
    const both = await Promise.allSettled([
      ready.read('ann', 'pinned', stamp, fail),
      ready.read('ann', 'pinned', stamp, fail),
    ])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await ready.read('ann', 'pinned', stamp, async () => 'back')).toBe('back')
  })

  it('that are being built when the person is forgotten are not kept', async () => {
    const hot = memoryHot()
    const ready = readyOf(hot)
    const [gone, stays] = [held('words of ann'), held('words of bob')]
    const reads = [ready.read('ann', 'pinned', stamp, gone.build), ready.read('bob', 'pinned', stamp, stays.build)]
    await settle()
    await ready.wipe('ann')
    gone.go()
    stays.go()
    await Promise.all(reads)
    expect(await hot.get('ann', 'pinned')).toBe(null)
    expect((await hot.get('bob', 'pinned'))?.value).toBe('words of bob')
  })
})
