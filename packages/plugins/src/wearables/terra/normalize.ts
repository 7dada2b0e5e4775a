import type { NormalizeContext, ObservationInput } from '@auren/core'
import { setAside } from '../../vendor/items.js'
import { body } from './body.js'
import { day } from './daily.js'
import { menstruation, nutrition } from './intake.js'
import { itemOf } from './make.js'
import {
  type Activity,
  type Body,
  type Daily,
  type Menstruation,
  type Nutrition,
  type Payload,
  type Sleep,
  schemas,
} from './payload.js'
import { night, workout } from './sessions.js'

/** Of `upload_type` of a workout: the vendor has taken it back. */
const DELETED = 4

/** Items of one type → observations. An item that does not fit its schema is set aside by itself. */
export function* normalize(payload: Payload, ctx: NormalizeContext): Iterable<ObservationInput> {
  const { type } = payload
  for (const given of payload.data) {
    const parsed = schemas[type].safeParse(given)
    if (!parsed.success) {
      setAside(given, type, parsed.error, ctx)
      continue
    }
    const data = parsed.data
    const device = 'device_data' in data ? data.device_data : null
    const item = itemOf(payload, data.metadata, device, ctx)
    if (!/^\d{4}-\d\d-\d\d$/.test(item.date)) {
      ctx.reject(given, 'schema', `${type}: start_time is no date`)
      continue
    }
    switch (type) {
      case 'activity':
        if (data.metadata.upload_type === DELETED)
          yield { shape: 'deletion', recordId: item.recordId, version: item.version }
        else yield* workout(data as Activity, item)
        break
      case 'sleep':
        yield* night(data as Sleep, item)
        break
      case 'daily':
        yield* day(data as Daily, item)
        break
      case 'body':
        yield* body(data as Body, item)
        break
      case 'nutrition':
        yield* nutrition(data as Nutrition, item)
        break
      case 'menstruation':
        yield* menstruation(data as Menstruation, item)
        break
    }
  }
}
