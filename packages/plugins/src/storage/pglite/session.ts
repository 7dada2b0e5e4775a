import { AurenError } from '@auren/core'
import { type SqlFailure, sqlError } from '../sql/failure.js'
import type { SqlSession, Statement, StatementResult } from '../sql/transactions.js'
import { type Answer, type Column, formatOf, readAnswer, readColumns, readError, readRow, readTag } from './decode.js'
import { type Frontend, frontend } from './encode.js'
import type { Engine } from './engine.js'

interface Prepared {
  name: string
  columns: Column[]
  formats: (0 | 1)[]
}

/** Statements that stay prepared; the least recently used goes first. */
const keptStatements = 500

/**
 * The engine's one session. Statements are prepared on first use, which tells the types of their columns; from then
 * on each batch is one message there and one back.
 * @param mark tells the names of prepared statements from those of other threads that share the session
 */
export function createSession(
  exec: (bytes: Uint8Array<ArrayBuffer>) => ReturnType<Engine['exec']>,
  mark = '',
): Omit<SqlSession, 'release'> {
  const prepared = new Map<string, Prepared>()
  let count = 0
  let last: Promise<unknown> = Promise.resolve()

  /** One user at a time: a batch may need two messages, and nothing may come between them. */
  const inTurn = <T>(fn: () => Promise<T>): Promise<T> => {
    const mine = last.then(fn)
    last = mine.catch(() => {})
    return mine
  }
  const exchange = async (message: Frontend): Promise<Answer> => readAnswer(await exec(message.bytes()))

  const prepare = async (text: string): Promise<Prepared> => {
    const known = prepared.get(text)
    if (known) {
      prepared.delete(text)
      prepared.set(text, known)
      return known
    }
    const name = `s${mark}${++count}`
    const message = frontend().parse(name, text).describeStatement(name)
    for (const [oldest, { name: old }] of prepared) {
      if (prepared.size < keptStatements) break
      message.closeStatement(old)
      prepared.delete(oldest)
    }
    const answer = await exchange(message.sync())
    throwIfFailed(answer)
    const description = answer.messages.find(({ type }) => type === 'T')
    const columns = description ? readColumns(answer, description) : []
    const made = { name, columns, formats: columns.map(formatOf) }
    prepared.set(text, made)
    return made
  }

  return {
    batch: (statements) =>
      inTurn(async () => {
        const results: StatementResult[] = []
        const unknown = statements.findIndex(({ text, silent }) => !silent && !prepared.has(text))
        // Roles come before the statement they are for, also where it is only prepared: names are looked up as them.
        const parts = unknown > 0 ? [statements.slice(0, unknown), statements.slice(unknown)] : [statements]
        for (const part of parts) {
          const ready: (Prepared | null)[] = []
          for (const { text, silent } of part) ready.push(silent ? null : await prepare(text))
          results.push(...(await runPrepared(exchange, part, ready)))
        }
        return results
      }),
    script: (text) =>
      inTurn(async () => {
        // A script may change tables, and a prepared statement remembers the columns that there were.
        const closing = frontend()
        for (const { name } of prepared.values()) closing.closeStatement(name)
        prepared.clear()
        await exchange(closing.sync())
        throwIfFailed(await exchange(frontend().simple(text)))
      }),
  }
}

async function runPrepared(
  exchange: (message: Frontend) => Promise<Answer>,
  statements: readonly Statement[],
  ready: readonly (Prepared | null)[],
): Promise<StatementResult[]> {
  const message = frontend()
  statements.forEach(({ text, params = [] }, i) => {
    const statement = ready[i]
    if (statement) message.bind(statement.name, params, statement.formats)
    else message.parse('', text).bind('', params, [])
    message.execute()
  })
  const answer = await exchange(message.sync())
  throwIfFailed(answer)
  const results: StatementResult[] = []
  let rows: Record<string, unknown>[] = []
  for (const part of answer.messages) {
    const columns = ready[results.length]?.columns
    if (part.type === 'D' && columns) rows.push(readRow(answer, part, columns))
    else if (part.type === 'C') {
      results.push({ rows, tag: readTag(answer, part) })
      rows = []
    }
  }
  if (results.length !== statements.length)
    throw new AurenError('AUREN_INTERNAL', 'The database answered another number of statements than it was asked')
  return results
}

function throwIfFailed(answer: Answer): void {
  const failed = answer.messages.find(({ type }) => type === 'E')
  if (!failed) return
  const fields = readError(answer, failed)
  const failure: SqlFailure = {
    state: fields.C ?? 'XX000',
    message: fields.M ?? '',
    constraint: fields.n,
    table: fields.t,
    column: fields.c,
  }
  throw sqlError(failure)
}
