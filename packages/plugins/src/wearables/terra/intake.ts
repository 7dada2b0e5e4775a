import type { ObservationInput } from '@auren/core'
import { z } from 'zod'
import { daily, type Item, sample } from './make.js'
import type { Menstruation, Nutrition } from './payload.js'

/** What was eaten and drunk on a day, in sum. */
export function* nutrition(data: Nutrition, item: Item): Iterable<ObservationInput> {
  const { macros, micros, water_ml } = data.summary ?? {}
  yield* daily(item, 'energy_intake', macros?.calories, 'kcal')
  yield* daily(item, 'carbohydrate_intake', macros?.carbohydrates_g, 'g')
  yield* daily(item, 'terra.protein_intake', macros?.protein_g, 'g')
  yield* daily(item, 'terra.fat_intake', macros?.fat_g, 'g')
  yield* daily(item, 'caffeine', micros?.caffeine_mg, 'mg')
  yield* daily(item, 'hydration', water_ml, 'mL')
}

/** Terra's codes → ours, which grow with the flow: 0 none, 1 unspecified, 2 light, 3 medium, 4 heavy. */
const flows: Readonly<Record<number, number>> = { 1: 0, 2: 2, 3: 3, 4: 4, 5: 1 }
const UNKNOWN = 0

const Flow = z.object({ timestamp: z.string().max(60), flow: z.number().nullish() })

/** What the person has entered of their flow. A cycle that is predicted has not been. */
export function* menstruation(data: Menstruation, item: Item): Iterable<ObservationInput> {
  const { is_predicted_cycle, menstruation_flow } = data.menstruation_data ?? {}
  if (is_predicted_cycle) return item.ctx.reject(data, 'predicted', 'menstruation: a prediction is no observation')
  for (const given of menstruation_flow ?? []) {
    const flow = Flow.safeParse(given)
    const when = flow.success ? item.at(flow.data.timestamp) : null
    if (!flow.success || !when) {
      item.ctx.reject(given, 'schema', 'menstruation: a sample has no time')
      continue
    }
    if (flow.data.flow == null || flow.data.flow === UNKNOWN) continue
    const code = flows[flow.data.flow]
    if (code === undefined) item.ctx.reject(given, 'unknown_code', 'menstruation: the flow is not known')
    else yield sample(item, when, 'menstrual_flow', code, 'code')
  }
}
