import type { NormalizeContext, ObservationInput } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'
import type { Payload } from './payload.js'
import { baseOf, openPoint, recordOf, timeOf } from './points.js'
import { type Reader, readers } from './readers.js'
import { rollup } from './rollup.js'
import { Exercise, exercise, Sleep, sleep } from './sessions.js'
import { dataTypeOf } from './types.js'

const sessions = lookup<Reader>({
  sleep: { schema: Sleep, read: sleep as Reader['read'] },
  exercise: { schema: Exercise, read: exercise as Reader['read'] },
})

/**
 * Points → observations. Sleep and exercise are records of their own; the points of an hour or day are one record, which
 * is replaced when they are fetched again. A point that does not fit its schema is set aside by itself.
 */
export function* normalize(payload: Payload, ctx: NormalizeContext): Iterable<ObservationInput> {
  if (payload.notice)
    ctx.reject(
      { dataType: payload.dataType },
      'notification',
      'It only tells what is to be fetched: nothing is measured in it.',
    )
  for (const recordId of payload.missing ?? []) yield { shape: 'deletion', recordId }
  for (const item of payload.rollups ?? []) yield* rollup(item, payload.dataType, ctx)
  const type = dataTypeOf(payload.dataType)
  if (type === null) {
    for (const point of payload.points)
      ctx.reject(point, 'not_read', `${payload.dataType}: a data type that is not read`)
    return
  }
  const reader = sessions[type] ?? readers[type]
  for (const item of payload.points) {
    const point = openPoint(type, item)
    const parsed = point && reader?.schema.safeParse(point.value)
    const at = point && timeOf(type, point.value)
    if (!point || at === null || !reader || !parsed?.success) {
      const where = parsed?.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
      ctx.reject(item, 'schema', `${type}: ${(where ?? 'no data of this type in it').slice(0, 500)}`)
      continue
    }
    yield* reader.read(parsed.data as never, baseOf(point, recordOf(type, point.id, at)), ctx)
  }
}
