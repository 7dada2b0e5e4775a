import { AurenError, asAurenError } from '../errors.js'
import type { EventBus } from '../events/bus.js'
import type { Journal } from '../events/ports.js'
import type { Hot } from '../memory/ports.js'
import type { AurenHealth } from './auren.js'

/** A store that has not answered by then is away, in ms: whoever asks for readiness does not wait for ever. */
const PATIENCE_MS = 3000

/** Asks the store whether it answers, and the others how they are. */
export async function healthOf(parts: {
  journal: Pick<Journal, 'transaction' | 'getJob'>
  bus: EventBus | undefined
  hot: Hot
}): Promise<AurenHealth> {
  const { journal, bus, hot } = parts
  let store: AurenHealth['store'] = null
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new AurenError('AUREN_TIMEOUT', 'The store does not answer.')), PATIENCE_MS)
  })
  try {
    const asked = journal.transaction((tx) => journal.getJob(tx, '00000000-0000-0000-0000-000000000000'))
    asked.catch(() => undefined)
    await Promise.race([asked, late])
  } catch (cause) {
    store = asAurenError(cause).code
  } finally {
    clearTimeout(timer)
  }
  const others = [
    ...(bus ? [{ name: 'log', ...bus.health() }] : []),
    ...(hot.health ? [{ name: 'hot', ...hot.health() }] : []),
  ]
  return {
    store,
    degraded: others.flatMap(({ connected, ...other }) => (connected ? [] : [other])),
  }
}
