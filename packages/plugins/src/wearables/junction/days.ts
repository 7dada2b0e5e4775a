import { convert, type ObservationInput } from '@auren/core'
import { z } from 'zod'
import { lookup } from '../../vendor/lookup.js'
import { daily, type Item, once } from './make.js'
import type { Activity, Body, Cycle, Meal } from './payload.js'

/** A day: what the provider sums up under its date. */
export function* day(given: z.infer<typeof Activity>, item: Item): Iterable<ObservationInput> {
  const of = (metric: string, value: number | null | undefined, unit: string): Iterable<ObservationInput> =>
    daily(item, given.calendar_date, metric, value, unit)
  yield* of('steps', given.steps, '{steps}')
  yield* of('distance', given.distance, 'm')
  yield* of('floors_climbed', given.floors_climbed, '{floors}')
  yield* of('energy_total', given.calories_total, 'kcal')
  yield* of('energy_active', given.calories_active, 'kcal')
  yield* of('junction.low_intensity_minutes', given.low, 'min')
  yield* of('moderate_minutes', given.medium, 'min')
  yield* of('vigorous_minutes', given.high, 'min')
  yield* of('junction.wheelchair_pushes', given.wheelchair_push, '{count}')
  yield* of('resting_heart_rate', given.heart_rate?.resting_bpm || null, 'bpm')
  yield* of('walking_heart_rate_average', given.heart_rate?.avg_walking_bpm || null, 'bpm')
}

const measured = [
  ['weight', 'weight', 'kg'],
  ['height', 'height', 'cm'],
  ['fat', 'body_fat', '%'],
  ['water_percentage', 'body_water', '%'],
  ['muscle_mass_percentage', 'junction.muscle_percentage', '%'],
  ['bone_mass_percentage', 'junction.bone_percentage', '%'],
  ['visceral_fat_index', 'junction.visceral_fat_index', '{index}'],
  ['body_mass_index', 'bmi', 'kg/m2'],
  ['lean_body_mass_kilogram', 'lean_mass', 'kg'],
  ['waist_circumference_centimeter', 'waist_circumference', 'cm'],
] as const

/** A weighing. Its `date` is a time, or midnight in UTC where only the day is known: then it is a value of that day. */
export function* body(given: z.infer<typeof Body>, item: Item): Iterable<ObservationInput> {
  const when = item.at(given.date)
  if (!when) return item.ctx.reject(given, 'schema', 'body: date is no time')
  const day = given.calendar_date ?? given.date.slice(0, 10)
  const dateOnly = when.at % 86_400_000 === 0
  for (const [field, metric, unit] of measured)
    yield* dateOnly ? daily(item, day, metric, given[field], unit) : once(item, when, metric, given[field], unit)
}

/** A meal: what all of it had, at its time. */
export function* meal(given: z.infer<typeof Meal>, item: Item): Iterable<ObservationInput> {
  const when = item.at(given.timestamp)
  if (!when) return item.ctx.reject(given, 'schema', 'meal: timestamp is no time')
  const foods = Object.values(given.data).filter((food) => food !== null)
  const total = (of: (food: (typeof foods)[number]) => number | null | undefined): number | null => {
    const values = foods.flatMap((food) => of(food) ?? [])
    return values.length > 0 ? Number(values.reduce((all, value) => all + value, 0).toPrecision(12)) : null
  }
  const eaten = (metric: string, value: number | null, unit: string): Iterable<ObservationInput> =>
    once(item, when, metric, value, unit)
  yield* eaten(
    'energy_intake',
    total(({ energy }) => energy && convert(energy.value, energy.unit, 'energy_intake')),
    'kcal',
  )
  yield* eaten(
    'carbohydrate_intake',
    total(({ macros }) => macros?.carbs),
    'g',
  )
  yield* eaten(
    'junction.protein_intake',
    total(({ macros }) => macros?.protein),
    'g',
  )
  yield* eaten(
    'junction.fat_intake',
    total(({ macros }) => macros?.fats?.total),
    'g',
  )
}

/** Junction's words → the catalogue's codes, which grow with the flow. */
const flows = lookup<number>({ none: 0, unspecified: 1, light: 2, medium: 3, heavy: 4 })
const Flow = z.object({ date: z.iso.date(), flow: z.string().max(100) })
const Temperature = z.object({ date: z.iso.date(), value: z.number() })

/** What was entered of a cycle. One that is predicted has not been. */
export function* cycle(given: z.infer<typeof Cycle>, item: Item): Iterable<ObservationInput> {
  if (given.is_predicted) return item.ctx.reject(given, 'predicted', 'menstrual_cycle: a prediction is no observation')
  for (const one of given.menstrual_flow ?? []) {
    const flow = Flow.safeParse(one)
    const code = flow.success ? flows[flow.data.flow] : undefined
    if (!flow.success) item.ctx.reject(one, 'schema', 'menstrual_cycle: a flow has no date')
    else if (code === undefined) item.ctx.reject(one, 'unknown_code', 'menstrual_cycle: the flow is not known')
    else yield* daily(item, flow.data.date, 'menstrual_flow', code, 'code')
  }
  for (const one of given.basal_body_temperature ?? []) {
    const reading = Temperature.safeParse(one)
    if (!reading.success) item.ctx.reject(one, 'schema', 'menstrual_cycle: a temperature has no date or value')
    else yield* daily(item, reading.data.date, 'basal_body_temperature', reading.data.value, 'Cel')
  }
}
