import type { ObservationInput } from '@auren/core'
import { bytesPart, exportReader, type PartContext } from '../../files/index.js'
import { normalize } from './normalize.js'
import { Payload } from './payload.js'

/** Files of data points: an array, a single one, or one in each line. */
export const archive = exportReader({
  plugin: 'open-mhealth',
  parts: [
    bytesPart({
      path: /\.(?:json|jsonl|ndjson)$/i,
      looks: (head) => /^\s*[[{]/.test(head) && /"header"\s*:/.test(head) && /"schema_id"\s*:/.test(head),
      read,
    }),
  ],
})

function* read(bytes: Buffer, ctx: PartContext): Iterable<ObservationInput> {
  const text = new TextDecoder().decode(bytes)
  const whole = parsed(text)
  if (whole !== undefined) {
    yield* one(whole, 1, ctx)
    return
  }
  let line = 0
  for (const [written] of text.matchAll(/[^\n]*\n|[^\n]+$/g)) {
    line++
    if (written.trim() === '') continue
    const value = parsed(written)
    if (value === undefined) ctx.reject({ line }, 'row_malformed', `Line ${line} is no JSON.`)
    else if (!isReport(value)) yield* one(value, line, ctx)
  }
}

function* one(value: unknown, line: number, ctx: PartContext): Iterable<ObservationInput> {
  const payload = Payload.safeParse(value)
  if (payload.success) yield* normalize(payload.data, ctx)
  else ctx.reject({ line }, 'schema', `Line ${line} holds no data point.`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value))
  } catch {
    return undefined
  }
}

/** The last line of what AUREN itself exports: how many there are, and what was left out. */
function isReport(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'auren'
}
