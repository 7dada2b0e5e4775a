import { afterEach, describe, expect, it } from 'vitest'
import type { ImportView } from '../../src/plugin/auren.js'
import { arm } from '../../src/testing/failpoints.js'
import { pulse, type Rig, rig, start, user } from './toy.js'

const open: Rig[] = []
const made = async (...args: Parameters<typeof rig>): Promise<Rig> => {
  const held = await rig(...args)
  open.push(held)
  return held
}
let disarm: () => void = () => undefined
afterEach(async () => {
  disarm()
  for (const held of open.splice(0)) await held.close()
})

const lines = (...steps: unknown[][]): Uint8Array =>
  new TextEncoder().encode(steps.map((step) => JSON.stringify(step)).join('\n'))
async function* chunks(bytes: Uint8Array, size = 50): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const many = (steps: number, each: number): unknown[][] =>
  Array.from({ length: steps }, (_, step) =>
    Array.from({ length: each }, (_, i) => pulse(start - (step * each + i) * 1000, 50 + ((step + i) % 40))),
  )

describe('an import', () => {
  it('stores a file step by step, tells how far it is, and counts what it set aside', async () => {
    const { ingest, store } = await made()
    const views: ImportView[] = []
    const file = lines([pulse(start, 60), 'a word'], [pulse(start - 1000, 61), pulse(start - 2000, -1)], ['another'])
    const view = await ingest.file('toy', chunks(file), {
      userId: user,
      name: 'a.toy',
      onProgress: (held) => views.push(held),
    })
    expect(view).toMatchObject({
      plugin: 'toy',
      state: 'done',
      duplicate: false,
      progress: { observations: 2, rejected: 3, bytes: file.length },
      rejected: [
        { reason: 'unreadable', count: 2 },
        { reason: 'hard_range', count: 1 },
      ],
    })
    expect(views.length).toBeGreaterThan(0)
    expect(store.values().sort()).toEqual([60, 61])
  })

  it('of the same file again changes nothing', async () => {
    const { ingest, store, journal } = await made()
    const file = lines(...many(3, 10))
    await ingest.file('auto', chunks(file), { userId: user, name: 'a.toy' })
    const [before, lag] = [store.dump(), await journal.lag()]
    const again = await ingest.file('toy', chunks(file), { userId: user, name: 'renamed.toy' })
    expect(again).toMatchObject({ state: 'done', duplicate: true })
    expect(store.dump()).toEqual(before)
    expect((await journal.lag()).accepted).toBe(lag.accepted)
  })

  it('is another person’s own, though the bytes are the same', async () => {
    const { ingest, store } = await made()
    const file = lines([pulse(start, 60)])
    await ingest.file('toy', chunks(file), { userId: user, name: 'a.toy' })
    const other = await ingest.file('toy', chunks(file), { userId: 'bob', name: 'a.toy' })
    expect(other.duplicate).toBe(false)
    expect(store.values()).toEqual([60, 60])
    await expect(ingest.imports.get(user, other.id)).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
  })

  it('tells siblings apart over its steps, and knows equal ones', async () => {
    const { ingest, store } = await made()
    const file = lines([pulse(start, 60)], [pulse(start, 61)], [pulse(start, 60), pulse(start, 62)])
    const view = await ingest.file('toy', chunks(file), { userId: user, name: 'a.toy' })
    expect(view.progress.observations).toBe(3)
    expect(store.values().sort()).toEqual([60, 61, 62])
    const identities = new Set(store.dump().map((row) => (JSON.parse(row) as string[])[0]))
    expect(identities.size).toBe(3)
  })

  it.each(['import:step-before-commit', 'import:step-after-commit'] as const)(
    'goes on after a failure %s as if nothing had been',
    async (name) => {
      const file = lines(...many(6, 20), [pulse(start, 50), pulse(start, 51)])
      const calm = await made()
      const whole = await calm.ingest.file('toy', chunks(file), { userId: user, name: 'a.toy' })
      const held = await made()
      let fired = 0
      disarm = arm(
        name,
        () => {
          fired++
          throw Object.assign(new Error('crash'), {})
        },
        3,
      )
      const { id } = await held.ingest.uploads.begin(user, { name: 'a.toy' })
      await held.ingest.uploads.append(user, id, 0, file)
      await held.ingest.uploads.start(user, id)
      await held.ingest.settled()
      expect(fired).toBe(1)
      const stopped = await held.ingest.imports.get(user, id)
      expect(stopped.state).toBe('dead')
      expect(stopped.progress.observations).toBeLessThan(whole.progress.observations)
      // Uploaded anew: the first try is neither a reason to refuse it nor counted twice.
      const again = await held.ingest.file('toy', chunks(file), { userId: user, name: 'a.toy' })
      expect(again).toMatchObject({ duplicate: false, progress: whole.progress })
      expect(held.store.dump()).toEqual(calm.store.dump())
    },
  )

  it('resumes after a stop of the process, at the step where it was', async () => {
    const file = lines(...many(6, 20))
    const calm = await made()
    const whole = await calm.ingest.file('toy', chunks(file), { userId: user, name: 'a.toy' })
    const first = await made()
    let stop: Promise<void> = Promise.resolve()
    disarm = arm(
      'import:step-after-commit',
      () => {
        stop = first.ingest.close()
      },
      3,
    )
    const { id } = await first.ingest.uploads.begin(user, { name: 'a.toy' })
    await first.ingest.uploads.append(user, id, 0, file)
    await first.ingest.uploads.start(user, id)
    // Drained or closed: whichever comes first, the process is gone then.
    await first.ingest.settled().catch(() => undefined)
    await stop
    const part = await first.ingest.imports.get(user, id)
    expect(part.state).toBe('waiting')
    expect(part.progress.observations).toBeGreaterThan(0)
    expect(part.progress.observations).toBeLessThan(whole.progress.observations)
    const second = await made({ journal: first.journal, store: first.store, clock: first.clock, connect: false })
    await second.ingest.settled()
    expect(await second.ingest.imports.get(user, id)).toMatchObject({ state: 'done', progress: whole.progress })
    expect(second.store.dump()).toEqual(calm.store.dump())
  })

  it('does not take a file that nobody reads, and says who reads what', async () => {
    const { ingest } = await made()
    await expect(ingest.file('auto', chunks(lines([])), { userId: user, name: 'a.pdf' })).rejects.toThrow(/toy/)
  })

  it('can be cancelled while it is uploaded; a repeated part does nothing', async () => {
    const { ingest } = await made()
    const { id } = await ingest.uploads.begin(user, { name: 'a.toy' })
    const part = new TextEncoder().encode('[1,2')
    expect(await ingest.uploads.append(user, id, 0, part)).toEqual({ size: 4 })
    expect(await ingest.uploads.append(user, id, 0, part)).toEqual({ size: 4 })
    await expect(ingest.uploads.append(user, id, 9, part)).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
    await expect(ingest.uploads.append('eve', id, 4, part)).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
    expect(await ingest.imports.get(user, id)).toMatchObject({ state: 'uploading', progress: { bytes: 4 } })
    await ingest.imports.cancel(user, id)
    expect(await ingest.imports.get(user, id)).toMatchObject({ state: 'cancelled' })
  })
})
