// Whose turn it is at the one session there is, among the threads that share it. Plain JavaScript, as worker.js is.

/** @typedef {'interactive' | 'bulk'} Lane */

/**
 * A thread has the turn from the first statement of a transaction to its end. `interactive` turns go before `bulk` ones;
 * after `patience` of them in a row a waiting bulk turn gets one. Within each thread the transactions have queued
 * already, so that each waits here with one at most.
 * @template Client
 * @param {number} [patience]
 */
export function createTurns(patience = 50) {
  /** @type {Client | null} */
  let holder = null
  /** @type {{ client: Client, lane: Lane, start?: () => void }[]} */
  let waiting = []
  let inARow = 0

  const next = () => {
    const bulk = waiting.find(({ lane }) => lane === 'bulk')
    const chosen = inARow >= patience && bulk ? bulk : (waiting.find(({ lane }) => lane === 'interactive') ?? bulk)
    holder = chosen?.client ?? null
    if (!chosen) return
    waiting = waiting.filter((one) => one !== chosen)
    inARow = chosen.lane === 'interactive' ? inARow + 1 : 0
    chosen.start?.()
  }

  return {
    /**
     * Resolves when it is the client's turn; at once where it has it already.
     * @param {Client} client
     * @param {Lane} lane
     * @returns {Promise<void>}
     */
    take(client, lane) {
      if (holder === client) return Promise.resolve()
      return new Promise((start) => {
        const reserved = waiting.find((one) => one.client === client)
        if (reserved) reserved.start = start
        else waiting.push({ client, lane, start })
        if (holder === null) next()
      })
    },
    /**
     * The client's transaction has ended.
     * @param {Client} client
     * @param {Lane | null} following the lane of the transaction that it will begin next, where one waits already: what is
     *   interactive is not overtaken while its first statement is on its way
     */
    end(client, following) {
      if (holder !== client) return
      if (following !== null) waiting.push({ client, lane: following })
      next()
    },
    /** @param {Client} client */
    has: (client) => holder === client,
    /**
     * The client is gone.
     * @param {Client} client
     */
    leave(client) {
      waiting = waiting.filter((one) => one.client !== client)
      if (holder === client) next()
    },
  }
}
