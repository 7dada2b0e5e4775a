import type { SqlValue } from '../sql/port.js'
import type { Statement, StatementResult } from '../sql/transactions.js'
import type { PgFailure, Submittable } from './client.js'
import { type Read, readerOf } from './decode.js'

interface Column {
  name: string
  read: Read
}

/** A statement of a session: how it is called there, and what it gives. */
export interface Plan {
  /** Empty: parsed each time it is sent. */
  name: string
  /** True once the server has parsed it under its name. */
  parsed: boolean
  /** Null until it was described. With a name they cannot change: the server refuses it when they would. */
  columns: readonly Column[] | null
}

/** How a batch ends: with what its statements gave, or with the first failure. */
export type Settle = (failure: PgFailure | null, results: StatementResult[]) => void

/**
 * Statements that are sent in one piece and synchronized once: one round trip, and the server skips what comes after
 * the first that fails.
 * @param gone names that the server may forget, sent ahead
 */
export function createBatch(
  statements: readonly Statement[],
  plans: readonly Plan[],
  gone: readonly string[],
  settle: Settle,
): Submittable {
  const results: StatementResult[] = []
  let rows: Record<string, unknown>[] = []
  // Thrown where pg calls, it would end the process.
  let unreadable: PgFailure | null = null
  const complete = (tag: string): void => {
    const plan = plans[results.length]
    if (plan?.name) plan.parsed = true
    results.push({ rows, tag })
    rows = []
  }
  return {
    submit(wire) {
      // Written as one: else each message would be a packet of its own.
      wire.stream.cork?.()
      for (const name of gone) wire.close({ type: 'S', name })
      statements.forEach(({ text, params = [], silent }, i) => {
        const plan = plans[i] as Plan
        // Twice in one batch, the second finds what the first has parsed.
        const isParsed = plan.parsed || (plan.name !== '' && plans.indexOf(plan) < i)
        if (!isParsed) wire.parse({ name: plan.name, text })
        wire.bind({ statement: plan.name, values: params.map(toWire) })
        if (!silent && plan.columns === null) wire.describe({ type: 'P' })
        wire.execute(null)
      })
      wire.sync()
      wire.stream.uncork?.()
      return null
    },
    handleRowDescription({ fields }) {
      const plan = plans[results.length]
      if (plan) plan.columns = fields.map(({ name, dataTypeID }) => ({ name, read: readerOf(dataTypeID) }))
    },
    handleDataRow({ fields }) {
      const columns = plans[results.length]?.columns
      if (columns && !unreadable)
        try {
          rows.push(readRow(columns, fields))
        } catch {
          unreadable = { message: 'a value could not be read', code: 'XX000', severity: 'ERROR' }
        }
    },
    handleCommandComplete: ({ text }) => complete(text),
    handleEmptyQuery: () => complete(''),
    handleError: (failure) => settle(failure, results),
    handleReadyForQuery: () => settle(unreadable, results),
  }
}

function readRow(columns: readonly Column[], fields: readonly (string | null)[]): Record<string, unknown> {
  const row: Record<string, unknown> = {}
  for (let i = 0; i < columns.length; i++) {
    const { name, read } = columns[i] as Column
    const text = fields[i] ?? null
    row[name] = text === null ? null : read(text)
  }
  return row
}

/** Several statements without parameters, as one text; what they give is not kept. */
export function createScript(text: string, settle: Settle): Submittable {
  const ignore = (): void => {}
  return {
    submit(wire) {
      wire.query(text)
      return null
    },
    handleRowDescription: ignore,
    handleDataRow: ignore,
    handleCommandComplete: ignore,
    handleEmptyQuery: ignore,
    handleError: (failure) => settle(failure, []),
    handleReadyForQuery: () => settle(null, []),
  }
}

/** Bytes go in binary, the rest as text. */
function toWire(value: SqlValue): string | Buffer | null {
  if (value === null) return null
  if (typeof value === 'object') return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (typeof value === 'boolean') return value ? 't' : 'f'
  return String(value)
}
