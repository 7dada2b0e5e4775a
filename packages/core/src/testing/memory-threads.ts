import type { Tx } from '../events/ports.js'
import type { Threads, Turn } from '../memory/ports.js'
import { searchTexts } from './lexical.js'
import { undoMap } from './undo.js'

/** What a memory reads and writes of conversations. */
export type Conversations = Pick<Threads, 'list' | 'turns' | 'addTurn' | 'search'>

/** Turns on either side that count for one. */
const NEIGHBOURS = 2

/** Conversations in process, gone with it. `own`: the in-process transaction that belongs to the caller's. */
export function createMemoryThreads(own: (tx: Tx) => Tx): Conversations {
  const held = undoMap<string, { user: string; id: string; turns: readonly Turn[] }>()
  const of = (user: string) => held.values().filter((thread) => thread.user === user)
  return {
    list: async ({ user }) =>
      of(user).map(({ id, turns }) => ({ id, title: turns[0]?.text ?? '', updatedAt: turns.at(-1)?.at ?? 0 })),
    turns: async ({ user }, thread, limit) => {
      const turns = held.get(JSON.stringify([user, thread]))?.turns ?? []
      return structuredClone(turns.slice(limit === undefined ? 0 : -limit))
    },
    async addTurn(tx, user, turn) {
      const key = JSON.stringify([user, turn.thread])
      const turns = [...(held.get(key)?.turns ?? []), structuredClone(turn)]
      held.set(own(tx), key, { user, id: turn.thread, turns })
    },
    search: async ({ user }, { text, limit, asOf }) => {
      const documents = of(user).flatMap(({ turns }) =>
        turns.map((turn, at) => ({
          item: turn,
          // One's own words count three times those of the turns beside it.
          text: [
            ...Array.from({ length: 3 }, () => turn.text),
            ...turns.slice(Math.max(0, at - NEIGHBOURS), at + NEIGHBOURS + 1).map((near) => near.text),
          ].join(' '),
        })),
      )
      const known = documents.filter(({ item }) => asOf === undefined || item.at <= asOf)
      return searchTexts(known, text, limit).map(({ item, score }) => ({ turn: structuredClone(item), score }))
    },
  }
}
