import type { NormalizeContext, ObservationInput } from '@auren/core'
import { hold } from './base.js'
import { recordsOf } from './forwarded.js'
import { Batch, type Forwarded, type Payload, Record } from './payload.js'
import { observe } from './records.js'

/** What a phone sent → observations. A record is replaced whole by its newer version, and withdrawn by its id. */
export function* normalize(payload: Payload, ctx: NormalizeContext): Iterable<ObservationInput> {
  const batch = Batch.safeParse(payload)
  if (!batch.success) {
    const leave = (list: string, count: number): void =>
      ctx.reject({ list: list.slice(0, 100), count }, 'unknown_type', `${count} items of a list that is not read`)
    for (const item of recordsOf(payload as Forwarded, leave)) yield* recordOf(item, ctx)
    return
  }
  const { records = [], changes = [], upsertionChanges = [], deletionChanges = [], deletedRecordIds = [] } = batch.data
  for (const item of records) yield* recordOf(item, ctx)
  for (const item of upsertionChanges) yield* recordOf((item as { record?: unknown } | null)?.record ?? item, ctx)
  for (const item of changes) {
    const { record, recordId, deletedRecordId } = (item ?? {}) as { [name: string]: unknown }
    if (record !== undefined) yield* recordOf(record, ctx)
    else yield* gone(recordId ?? deletedRecordId, item, ctx)
  }
  for (const item of deletionChanges)
    yield* gone(typeof item === 'string' ? item : (item as { recordId?: unknown } | null)?.recordId, item, ctx)
  for (const id of deletedRecordIds) yield* gone(id, id, ctx)
}

function* recordOf(item: unknown, ctx: NormalizeContext): Iterable<ObservationInput> {
  const parsed = Record.safeParse(item)
  const held = parsed.success ? hold(parsed.data, ctx) : 'a record is not of the form that is documented'
  if (typeof held === 'string') ctx.reject(item, 'schema', held)
  else yield* observe(held)
}

/** Health Connect names what is gone by its id alone. */
function* gone(id: unknown, item: unknown, ctx: NormalizeContext): Iterable<ObservationInput> {
  if (typeof id === 'string' && id !== '' && id.length <= 300) yield { shape: 'deletion', recordId: id }
  else ctx.reject(item, 'schema', 'a change has neither a record nor the id of one')
}
