import type { NormalizeContext, ObservationInput } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'
import { events } from './events.js'
import { Metric, type Payload, Point } from './payload.js'
import { quantities } from './quantities.js'
import { bloodPressure, type Grain, grainOf, samples } from './samples.js'
import { sleep } from './sleep.js'
import { sourceOf } from './sources.js'
import { timeOf } from './times.js'
import { workouts } from './workouts.js'

/** Tag of what is counted and is no measurement. */
const counted = lookup<string>({
  number_of_alcoholic_beverages: 'alcohol',
  alcohol_consumption: 'alcohol',
})

/** What the app sent → observations. Deliveries overlap, and every item names itself the same way each time. */
export function* normalize({ data }: Payload, ctx: NormalizeContext): Iterable<ObservationInput> {
  const metrics = (data.metrics ?? []).flatMap((item) => {
    const parsed = Metric.safeParse(item)
    if (parsed.success) return parsed.data
    ctx.reject(item, 'schema', 'metrics: a metric has no name, or its data are no list')
    return []
  })
  const grain = grainOf(metrics)
  for (const metric of metrics) yield* metricOf(metric, grain, ctx)
  yield* workouts(data.workouts, ctx)
  yield* events(data as Parameters<typeof events>[0], ctx)
}

function* metricOf(metric: Metric, grain: Grain, ctx: NormalizeContext): Iterable<ObservationInput> {
  const { name, data } = metric
  const quantity = quantities.get(name)
  if (name === 'sleep_analysis') yield* sleep(metric, ctx)
  else if (!data || data.length === 0) return
  else if (grain === 'coarse')
    ctx.reject(
      { name, count: data.length },
      'summed_up',
      `${name}: its points are of weeks or more; summarise by day or finer`,
    )
  else if (name === 'blood_pressure') yield* bloodPressure(metric, grain, ctx)
  else if (quantity) yield* samples(metric, quantity, grain, ctx)
  else if (Object.hasOwn(counted, name)) yield* tags(metric, counted[name] as string, ctx)
  else
    ctx.reject(
      { name: name.slice(0, 100), count: data.length },
      'unknown_metric',
      `${data.length} points of a metric that is not read`,
    )
}

function* tags({ name, data }: Metric, tag: string, ctx: NormalizeContext): Iterable<ObservationInput> {
  for (const item of data ?? []) {
    const parsed = Point.safeParse(item)
    const time = timeOf(parsed.data?.date, ctx)
    if (!parsed.success || !time || parsed.data.qty == null) {
      ctx.reject(item, 'schema', `${name}: a point has no date or amount`)
      continue
    }
    // A day without a drink is sent as zero.
    if (parsed.data.qty === 0) continue
    const { at, offset, zoneBasis } = time
    yield {
      shape: 'tag',
      tag,
      start: at,
      value: parsed.data.qty,
      unit: '{drinks}',
      source: sourceOf(parsed.data.source),
      offset,
      zoneBasis,
    }
  }
}
