import type { Lane } from '@auren/core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createLanes } from '../src/storage/pglite/lanes.js'

/** Runs turns that ask at once and end by themselves; gives the order in which they had theirs. */
async function order(lanes: readonly Lane[], patience?: number): Promise<Lane[]> {
  const { acquire } = createLanes(patience)
  const first = await acquire('bulk')
  const had: Lane[] = []
  const all = lanes.map(async (lane) => {
    const release = await acquire(lane)
    had.push(lane)
    release()
  })
  first()
  await Promise.all(all)
  return had
}

it('interactive turns come before bulk ones, each lane in the order of asking', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom<Lane>('interactive', 'bulk'), { maxLength: 30 }), async (asked) => {
      expect(await order(asked)).toEqual([
        ...asked.filter((lane) => lane === 'interactive'),
        ...asked.filter((lane) => lane === 'bulk'),
      ])
    }),
  )
})

it('a bulk turn is not starved', async () => {
  const asked: Lane[] = ['bulk', ...Array.from({ length: 7 }, (): Lane => 'interactive'), 'bulk']
  expect((await order(asked, 3)).map((lane) => lane[0]).join('')).toBe('iiibiiibi')
})

it('there is never more than one turn at a time, and ending one twice ends no other', async () => {
  const { acquire } = createLanes()
  const first = await acquire('interactive')
  let second = false
  const waiting = acquire('interactive').then((release) => {
    second = true
    return release
  })
  let third = false
  const last = acquire('bulk').then((release) => {
    third = true
    return release
  })
  await Promise.resolve()
  expect(second).toBe(false)
  first()
  const release = await waiting
  first()
  await Promise.resolve()
  expect(third).toBe(false)
  release()
  ;(await last)()
})

it('closing refuses new turns and waits for those that were asked for', async () => {
  const { acquire, close } = createLanes()
  const first = await acquire('bulk')
  const second = acquire('bulk')
  let closed = false
  const closing = close().then(() => {
    closed = true
  })
  await expect(acquire('interactive')).rejects.toMatchObject({ code: 'AUREN_CLOSED' })
  first()
  const release = await second
  expect(closed).toBe(false)
  release()
  await closing
  await createLanes().close()
})
