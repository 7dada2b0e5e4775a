import type { AurenError } from '@auren/core'
import { connectionLost, isLost, sqlError, sqlState } from '../sql/failure.js'
import type { SqlSession, Statement } from '../sql/transactions.js'
import { createBatch, createScript, type Plan, type Settle } from './batch.js'
import type { PgClient, PgFailure, Submittable } from './client.js'

/** A connection that outlives the transactions on it. */
export interface Connection extends Omit<SqlSession, 'release'> {
  /** Whether another transaction may use it. */
  usable(): boolean
}

/** Statements that a connection knows; the least recently used goes first. */
const keptPlans = 300

/**
 * A connection of `pg` as a session. A statement is prepared when it comes for the second time, so that texts that
 * come once do not fill the server's memory.
 * @param answerMs within which the server must have answered a batch: a server that hangs ends no statement by itself
 */
export function openConnection(client: PgClient, answerMs: number): Connection {
  const plans = new Map<string, Plan>()
  let gone: string[] = []
  let count = 0
  let lost = false
  let last: Promise<unknown> = Promise.resolve()
  client.on('error', () => {
    lost = true
  })

  const planOf = (text: string): Plan => {
    const known = plans.get(text)
    plans.delete(text)
    // The second time: under a name, and described anew, for the tables may have changed meanwhile.
    const plan: Plan = !known
      ? { name: '', parsed: false, columns: null }
      : known.name
        ? known
        : { name: `s${++count}`, parsed: false, columns: null }
    plans.set(text, plan)
    for (const [oldest, { name }] of plans) {
      if (plans.size <= keptPlans) break
      plans.delete(oldest)
      if (name) gone.push(name)
    }
    return plan
  }
  const forget = (texts: Iterable<string>): void => {
    for (const text of [...texts]) {
      const plan = plans.get(text)
      plans.delete(text)
      if (plan?.name) gone.push(plan.name)
    }
  }
  const failed = (failure: PgFailure): AurenError => {
    const error = toError(failure)
    if (isLost(error)) lost = true
    return error
  }
  const exchange = <T>(
    deadlineMs: number | null,
    make: (settle: Settle) => Submittable,
    done: (results: Parameters<Settle>[1]) => T,
  ): Promise<T> =>
    new Promise((resolve, reject) => {
      // Destroyed, the connection fails the batch; whatever the server still does is nobody's.
      const timer =
        deadlineMs === null
          ? undefined
          : setTimeout(() => {
              late = true
              client.connection.stream.destroy()
            }, deadlineMs)
      let late = false
      client.query(
        make((failure, results) => {
          clearTimeout(timer)
          if (failure) reject(failed(late ? noAnswer : failure))
          else resolve(done(results))
        }),
      )
    })
  /** One batch at a time: pg has one queue, and warns of a second entry. */
  const inTurn = <T>(fn: () => Promise<T>): Promise<T> => {
    const mine = last.then(fn)
    last = mine.catch(() => {})
    return mine
  }

  return {
    usable: () => !lost && client.getTransactionStatus() === 'I',
    batch: (statements: readonly Statement[]) =>
      inTurn(async () => {
        const mine = statements.map(({ text }) => planOf(text))
        const closing = gone
        gone = []
        try {
          return await exchange(
            answerMs,
            (settle) => createBatch(statements, mine, closing, settle),
            (results) => results,
          )
        } catch (error) {
          // A statement that was prepared before a table changed: none of the others is to be trusted either.
          if (sqlState(error) === '0A000') forget(plans.keys())
          // Whether the server has parsed them before it failed is not known: their names are not used again.
          else forget(statements.flatMap(({ text }) => (plans.get(text)?.parsed === false ? [text] : [])))
          throw error
        }
      }),
    script: (text) =>
      inTurn(() => {
        forget(plans.keys())
        // What changes tables, or waits for another process that does, takes its time.
        return exchange(
          null,
          (settle) => createScript(text, settle),
          () => undefined,
        )
      }),
  }
}

/** Not worth another try at once: the next connection would wait as long. */
const noAnswer: PgFailure = { code: '08000', severity: 'FATAL', message: 'no answer in time' }

/** The server's errors have a severity; without one it is the connection's own. */
function toError({ severity, code, message, constraint, table, column }: PgFailure): AurenError {
  if (severity === undefined || code === undefined) return connectionLost(message)
  return sqlError({ state: code, message, constraint, table, column })
}
