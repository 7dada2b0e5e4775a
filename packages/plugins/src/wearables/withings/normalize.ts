import type { NormalizeContext, ObservationInput } from '@auren/core'
import { setAside } from '../../vendor/items.js'
import { activityDay, intraday, workout } from './activity.js'
import { measureGroup } from './measures.js'
import { type Payload, type Resource, resources } from './payload.js'
import { night } from './sleep.js'

type Make = (item: never, ctx: NormalizeContext, timezone: string | null) => Iterable<ObservationInput>

const makers: Readonly<Record<Resource, Make>> = {
  measures: measureGroup,
  activity: activityDay,
  workouts: workout,
  sleep: night,
  intraday,
}

/**
 * Items of an answer → observations. An item is one record: its newest revision replaces it whole. One that does not fit
 * its schema is set aside by itself.
 */
export function* normalize(payload: Payload, ctx: NormalizeContext): Iterable<ObservationInput> {
  const { resource, items, timezone = null, missing = [] } = payload
  for (const recordId of missing) yield { shape: 'deletion', recordId }
  for (const item of items) {
    const parsed = resources[resource].safeParse(item)
    if (parsed.success) yield* makers[resource](parsed.data as never, ctx, timezone)
    else {
      setAside(item, resource, parsed.error, ctx)
    }
  }
}
