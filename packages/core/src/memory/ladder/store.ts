import { advanceLadder, emptyLadder, readLadder } from './held.js'
import type { LadderStore } from './ports.js'

export { noStanding } from './held.js'

/**
 * A ladder of one person in process: for storages that keep none, which then build it whole each time, and for tests.
 * It is of no transaction: what is advanced stays.
 */
export function memoryLadder(): LadderStore {
  let state = emptyLadder
  return {
    standing: async () => state.standing,
    marks: async () => [...state.marks.values()],
    read: async (_scope, q) => readLadder(state, q),
    async advance(_tx, _user, epoch, change, at) {
      const next = advanceLadder(state, epoch, change, at)
      state = next ?? state
      return next !== null
    },
  }
}
