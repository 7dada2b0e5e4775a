import type { NormalizeContext, ObservationInput } from '@auren/core'
import type { z } from 'zod'
import { setAside } from '../../vendor/items.js'
import { lookup } from '../../vendor/lookup.js'
import { body, cycle, day, meal } from './days.js'
import { type Item, itemOf } from './make.js'
import { Activity, Body, Cycle, Meal, type Origin, type Payload, Sleep, SleepCycle, Workout } from './payload.js'
import { mixed, readSeries, series, unread } from './series.js'
import { night, stagedNight, workout } from './sessions.js'

type Summary = Parameters<typeof itemOf>[1] & {
  source_provider?: string | null | undefined
  source_type?: string | null | undefined
  source_app_id?: string | null | undefined
}

function reader<S extends z.ZodType<Summary>>(
  schema: S,
  read: (given: z.infer<S>, item: Item) => Iterable<ObservationInput>,
) {
  return function* (resource: string, one: unknown, ctx: NormalizeContext): Iterable<ObservationInput> {
    const parsed = schema.safeParse(one)
    if (!parsed.success) {
      return setAside(one, resource, parsed.error, ctx)
    }
    const given: Summary = parsed.data
    yield* read(parsed.data, itemOf(resource, { ...given, source: originOf(given) }, ctx))
  }
}

/** Some summaries say their source beside it, and in more detail. */
function originOf({ source, source_provider, source_type, source_app_id }: Summary): Origin {
  if (!source_provider && source) return source
  return { provider: source_provider, type: source_type, app_id: source_app_id }
}

const summaries = {
  activity: reader(Activity, day),
  body: reader(Body, body),
  sleep: reader(Sleep, night),
  sleep_cycle: reader(SleepCycle, stagedNight),
  workouts: reader(Workout, workout),
  meal: reader(Meal, meal),
  menstrual_cycle: reader(Cycle, cycle),
} as const

/** Summaries that are read. */
export const summaryNames = Object.keys(summaries) as (keyof typeof summaries)[]
/** Time series that are read. */
export const seriesNames: readonly string[] = [...Object.keys(series), ...mixed]

/** Names that events have and the API does not. */
const aliases = lookup<string>({
  weight: 'body_weight',
  fat: 'body_fat',
  workout: 'workouts',
  heart_rate: 'heartrate',
  meals: 'meal',
})

/** The name under which a resource is read. */
export function resourceOf(name: string): string {
  return aliases[name] ?? name
}

/** Resources → observations. An item that does not fit its schema is set aside by itself. */
export function* normalize(payload: Payload, ctx: NormalizeContext): Iterable<ObservationInput> {
  const resource = resourceOf(payload.resource)
  for (const one of payload.items) {
    if (Object.hasOwn(summaries, resource)) yield* summaries[resource as keyof typeof summaries](resource, one, ctx)
    else if (seriesNames.includes(resource)) yield* readSeries(resource, one, ctx)
    else ctx.reject(one, 'not_read', `${resource}: ${unread[resource] ?? 'not known'}`)
  }
}
