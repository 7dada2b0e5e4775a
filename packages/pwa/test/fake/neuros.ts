import { randomUUID } from 'node:crypto'
import { AurenError } from '../../../core/src/errors.js'
import type { Turn } from '../../../core/src/memory/ports.js'
import type { Auren } from '../../../core/src/plugin/auren.js'
import type { AnswerPart } from '../../../core/src/reasoning/types.js'
import { answerTo } from './answers.js'

interface Run {
  thread: string
  text: string
  parts: AnswerPart[]
  /** Parts that may be seen. */
  released: number
  listeners: Set<() => void>
}

/** Conversations with scripted answers, that come as the test lets them. */
export function createConversations() {
  const runs = new Map<string, Run>()
  const byClient = new Map<string, string>()
  const turns: Turn[] = []
  /** Parts that a new run shows at once; the rest waits for `release`. */
  let hold = Number.POSITIVE_INFINITY
  let asked = 0

  const show = (run: Run, released: number): void => {
    run.released = Math.min(released, run.parts.length)
    if (run.released === run.parts.length) keep(run)
    for (const listener of run.listeners) listener()
  }
  const keep = (run: Run): void => {
    if (turns.some(({ id }) => id === `${run.thread}/${run.text}/answer`)) return
    const said = run.parts.filter((part) => part.type === 'sentence')
    if (said.length === 0) return
    turns.push({
      id: `${run.thread}/${run.text}/answer`,
      thread: run.thread,
      role: 'neuros',
      text: said.map(({ text }) => text).join('\n'),
      facts: run.parts.flatMap((part) => (part.type === 'fact' ? [part.fact] : [])),
      at: Date.now(),
    })
  }
  const require = (id: string): Run => {
    const run = runs.get(id)
    if (!run) throw new AurenError('AUREN_NOT_FOUND', `There is no run ${id}`)
    return run
  }

  const neuros: Auren['neuros'] = {
    async start({ thread, text, clientId }) {
      const known = clientId ? byClient.get(clientId) : undefined
      if (known) return { run: known, created: false }
      asked += 1
      const id = randomUUID()
      if (clientId) byClient.set(clientId, id)
      const parts: AnswerPart[] = [...answerTo(text), { type: 'finish', run: id, state: 'done' }]
      const run: Run = { thread, text, parts, released: 0, listeners: new Set() }
      runs.set(id, run)
      turns.push({ id: randomUUID(), thread, role: 'person', text, facts: [], at: Date.now() })
      show(run, hold)
      return { run: id, created: true }
    },
    async *follow(_user, id, after) {
      const run = require(id)
      for (let seq = after; seq < run.parts.length; ) {
        if (seq < run.released) {
          const part = run.parts[seq] as AnswerPart
          seq += 1
          yield { seq, part }
        } else {
          await new Promise<void>((resolve) => {
            const wake = () => {
              run.listeners.delete(wake)
              resolve()
            }
            run.listeners.add(wake)
          })
        }
      }
    },
    async find(_user, thread, id) {
      if (require(id).thread !== thread)
        throw new AurenError('AUREN_NOT_FOUND', `There is no run ${id} in this thread.`)
    },
    async cancel(_user, id) {
      const run = require(id)
      run.parts.splice(run.released, run.parts.length, { type: 'finish', run: id, state: 'cancelled' })
      show(run, run.parts.length)
    },
  }
  const threads = {
    list: async () =>
      [...new Set(turns.map(({ thread }) => thread))].map((thread) => ({
        id: thread,
        title: turns.find((turn) => turn.thread === thread)?.text ?? '',
        updatedAt: Date.now(),
      })),
    turns: async (_scope: unknown, thread: string) => turns.filter((turn) => turn.thread === thread),
  }
  return {
    neuros,
    threads,
    /** Questions that really ran. */
    asked: () => asked,
    /** New runs show so many parts at once. */
    hold(parts: number) {
      hold = parts
    },
    /** Shows all parts of all runs. */
    release() {
      hold = Number.POSITIVE_INFINITY
      for (const run of runs.values()) show(run, run.parts.length)
    },
    removeThread: async (_user: string, thread: string) => {
      const before = turns.length
      turns.splice(0, turns.length, ...turns.filter((turn) => turn.thread !== thread))
      return turns.length < before
    },
  }
}
