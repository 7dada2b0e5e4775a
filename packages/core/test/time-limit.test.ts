import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { timeLimit } from '@auren/core'
import { describe, expect, it } from 'vitest'

setFlagsFromString('--expose_gc')
const collect = runInNewContext('gc') as () => void
const LIMIT_MS = 100

/** Joined in a frame of its own, so that nothing holds the parts; true once it fires. */
function fires(limit: (ms: number) => AbortSignal, stop: AbortSignal): Promise<boolean> {
  const joined = AbortSignal.any([stop, limit(LIMIT_MS)])
  return new Promise((resolve) => {
    joined.addEventListener('abort', () => resolve(true), { once: true })
    setTimeout(() => resolve(false), 10 * LIMIT_MS)
  })
}

describe('a limit of time', () => {
  it('fires joined with another signal, though the garbage is collected meanwhile', async () => {
    const stop = new AbortController()
    const fired = fires(timeLimit, stop.signal)
    for (let i = 0; i < 5; i++) {
      collect()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(await fired).toBe(true)
  })

  it('says that it was the time, and only after it', async () => {
    const signal = timeLimit(20)
    expect(signal.aborted).toBe(false)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' })
  })
})
