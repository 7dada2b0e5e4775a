import type { Consumer } from 'kafkajs'

/** How often it is looked whether anything was heard, in ms. */
const LOOK_MS = 1000

/**
 * Resolves with the reason when a consumer crashed, or when nothing was heard of it for `silenceMs`: kafkajs has been
 * seen to stop without a word (its issue 659). While a batch is handled, heartbeats go on.
 */
export function createWatch(consumer: Consumer, silenceMs: number, signal: AbortSignal): Promise<string> {
  const { HEARTBEAT, FETCH, FETCH_START, END_BATCH_PROCESS, GROUP_JOIN, CRASH } = consumer.events
  return new Promise((resolve) => {
    let heard = performance.now()
    const hear = (): void => {
      heard = performance.now()
    }
    for (const event of [HEARTBEAT, FETCH, FETCH_START, END_BATCH_PROCESS, GROUP_JOIN] as const)
      consumer.on(event, hear)
    const end = (reason: string): void => {
      clearInterval(timer)
      resolve(reason)
    }
    const timer = setInterval(() => {
      if (performance.now() - heard > silenceMs) end('nothing was heard of the consumer')
    }, LOOK_MS)
    timer.unref()
    consumer.on(CRASH, ({ payload }) => end(payload.error.message))
    signal.addEventListener('abort', () => end('closed'), { once: true })
  })
}
