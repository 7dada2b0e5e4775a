import { AsyncLocalStorage } from 'node:async_hooks'
import { AurenError, asAurenError, type Lane, publish } from '@auren/core'
import { isLost, isTransient, outcomeUnknown } from './failure.js'
import type { Query, Sql, SqlOptions, SqlTx } from './port.js'

/** One statement of a batch. */
export interface Statement extends Query {
  /** Its rows are not wanted, so the driver need not ask for their types. */
  silent?: boolean
}

/** What a statement gave. */
export interface StatementResult {
  rows: Record<string, unknown>[]
  /** e.g. `COMMIT`, `UPDATE 3` */
  tag: string
}

/** What an engine supplies: sessions, and nothing that knows of persons. */
export interface SqlDriver {
  readonly engine: string
  /** Waits for a session; throws AUREN_CLOSED once the driver is closing. */
  connect(lane: Lane): Promise<SqlSession>
  /** Waits for what is running. */
  close(): Promise<void>
}

/** A session of the database, used by one transaction at a time. */
export interface SqlSession {
  /** Runs the statements one after the other, nothing of anybody else between them; stops at the first that fails. */
  batch(statements: readonly Statement[]): Promise<StatementResult[]>
  /** Several statements without parameters. */
  script(text: string): Promise<void>
  /** Gives the session back; `broken` where it must not be used again. */
  release(broken: boolean): void
}

type Restricted = 'auren_person' | 'auren_relay' | 'auren_consumer'
interface Role {
  name: Restricted | null
  user: string | null
}
interface Running {
  open: boolean
  /** Stands for the whole transaction, however deep this is in it; another one once part of it was undone. */
  root(): object
  join<T>(role: Role, fn: (tx: SqlTx) => Promise<T>, options: SqlOptions): Promise<T>
}

const owner: Role = { name: null, user: null }
const maxAttempts = 5

/**
 * The `Sql` port over a driver: transactions, roles and retries, written once for all engines.
 *
 * Every statement is sent together with the role it must run as (when that is not the session's role already), so
 * that no interleaving of handles can run a person's statement with another's eyes. A `transaction` or `as` that is
 * called inside a running one joins it (with a savepoint): on an engine with one session it would wait for itself.
 */
export function createSql(driver: SqlDriver): Sql {
  const running = new AsyncLocalStorage<Running>()

  const run = async <T>(role: Role, fn: (tx: SqlTx) => Promise<T>, options: SqlOptions = {}): Promise<T> => {
    const outer = running.getStore()
    if (outer?.open) return outer.join(role, fn, options)
    for (let attempt = 1; ; attempt++) {
      try {
        return await attemptOnce(driver, running, role, fn, options)
      } catch (error) {
        if (options.retry === false || attempt === maxAttempts || !isTransient(error)) throw error
      }
    }
  }

  return {
    engine: driver.engine,
    transaction: (fn, options) => run(owner, fn, options),
    as: (user, fn, options) => run({ name: 'auren_person', user }, fn, options),
    running() {
      const outer = running.getStore()
      return outer?.open ? outer.root() : null
    },
    close: () => driver.close(),
  }
}

async function attemptOnce<T>(
  driver: SqlDriver,
  running: AsyncLocalStorage<Running>,
  role: Role,
  fn: (tx: SqlTx) => Promise<T>,
  options: SqlOptions,
): Promise<T> {
  const session = await connect(driver, options.lane ?? 'interactive')
  let broken = false
  let begun = false
  let current: Role | null = owner
  let savepoints = 0
  let root = {}
  const state = scope()
  /** What is to go with the next that is sent. */
  let waiting: { as: Role; statement: Statement }[] = []

  // Opening the transaction travels with the first statement, and so does what was put off: a round trip less for each.
  const prologue = (wanted: Role): Statement[] => {
    const first: Statement[] = begun ? [] : [{ text: options.readOnly ? 'begin read only' : 'begin', silent: true }]
    begun = true
    const turnInto = (role: Role): void => {
      if (current === null || !isSame(current, role)) first.push(...become(role))
      current = role
    }
    for (const { as, statement } of waiting) {
      turnInto(as)
      first.push(statement)
    }
    waiting = []
    turnInto(wanted)
    return first
  }
  const assertOpen = (): void => {
    if (!state.open)
      throw new AurenError('AUREN_CLOSED', 'The transaction has ended: await everything that runs inside it')
  }
  const send = async (as: Role, statements: readonly Statement[]): Promise<StatementResult[]> => {
    assertOpen()
    const before = prologue(as)
    try {
      return (await session.batch([...before, ...statements])).slice(before.length)
    } catch (error) {
      current = null
      throw error
    }
  }

  const handle = (as: Role): SqlTx => ({
    kind: 'tx',
    async query<R>(text: string, params: Query['params'] = []): Promise<R[]> {
      const [result] = await send(as, [{ text, params }])
      return (result as StatementResult).rows as R[]
    },
    queryAll: async (statements) => (await send(as, statements)).map(({ rows }) => rows),
    later(text, params = []) {
      assertOpen()
      waiting.push({ as, statement: { text, params, silent: true } })
    },
    async script(text) {
      await send(as, [])
      await session.script(text)
    },
    as(who, inner) {
      const next: Role = 'user' in who ? { name: 'auren_person', user: who.user } : { name: who.role, user: null }
      if (as.name !== null && !isSame(as, next))
        throw new AurenError('AUREN_FORBIDDEN', 'A restricted transaction cannot become somebody else')
      return inner(handle(next))
    },
  })

  /** What a `transaction` or `as` inside finds. Joins of one scope wait for each other: savepoints are a stack. */
  function scope(): Running {
    let last: Promise<unknown> = Promise.resolve()
    return {
      open: true,
      root: () => root,
      join(as, inner, nested) {
        if (nested.readOnly || options.readOnly) return inner(handle(as))
        const mine = last.then(() => withSavepoint(as, inner))
        last = mine.catch(() => {})
        return mine
      },
    }
  }

  async function withSavepoint<U>(as: Role, inner: (tx: SqlTx) => Promise<U>): Promise<U> {
    const name = `auren_${++savepoints}`
    await send(owner, [{ text: `savepoint ${name}`, silent: true }])
    const within = scope()
    try {
      const result = await running.run(within, () => inner(handle(as)))
      await send(owner, [{ text: `release savepoint ${name}`, silent: true }])
      return result
    } catch (error) {
      // Roles go back to what they were at the savepoint, so the next statement says its own again.
      current = null
      root = {}
      waiting = []
      await session.batch([{ text: `rollback to savepoint ${name}`, silent: true }])
      throw error
    } finally {
      within.open = false
    }
  }

  try {
    const result = await running.run(state, () => fn(handle(role)))
    state.open = false
    if (begun || waiting.length > 0) {
      const last: Statement[] = [...(waiting.length > 0 ? prologue(owner) : []), { text: 'commit', silent: true }]
      const ends = await session.batch(last).catch((error: unknown) => {
        // Reading again is safe. Whether what was written is there, nobody can tell from here.
        throw isLost(error) && !options.readOnly ? outcomeUnknown(error) : error
      })
      // PostgreSQL answers a commit with a rollback when a statement inside had failed and nobody passed it on.
      if (ends.at(-1)?.tag !== 'COMMIT')
        throw new AurenError('AUREN_INTERNAL', 'Nothing was committed: a statement failed and its error was swallowed')
    }
    return result
  } catch (error) {
    state.open = false
    broken = isLost(error)
    if (begun && !broken)
      await session.batch([{ text: 'rollback', silent: true }]).catch(() => {
        broken = true
      })
    throw error
  } finally {
    session.release(broken)
  }
}

/** Gets a session, and tells how long that took. */
async function connect(driver: SqlDriver, lane: Lane): Promise<SqlSession> {
  const began = performance.now()
  try {
    const session = await driver.connect(lane)
    publish('sqlWait', { lane, ms: performance.now() - began, code: null })
    return session
  } catch (error) {
    publish('sqlWait', { lane, ms: performance.now() - began, code: asAurenError(error).code })
    throw error
  }
}

function isSame(a: Role, b: Role): boolean {
  return a.name === b.name && a.user === b.user
}

/** The setting before the role: for a moment less is seen, never more. */
function become(role: Role): Statement[] {
  return [
    { text: "select set_config('auren.user', $1, true)", params: [role.user ?? ''], silent: true },
    { text: `set local role ${role.name ?? 'none'}`, silent: true },
  ]
}
