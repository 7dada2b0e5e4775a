import type { ObservationInput } from '@auren/core'
import { given, type Item, number, timeOf } from './make.js'
import type { Message } from './messages.js'

type Read = (message: Message, item: Item) => Iterable<ObservationInput>

/** A scale writes this while it has not settled. */
const CALCULATING = 0xfffe

function* weight(message: Message, item: Item): Iterable<ObservationInput> {
  const at = timeOf(message, item)
  if (at === null) return
  const source = { ...item.source, type: 'scale' as const }
  const tell = (metric: string, value: number | null, unit: string) => given(item, at, metric, value, unit, { source })
  if (message.fields[0] !== CALCULATING) yield* tell('weight', number(message, 0, 100), 'kg')
  yield* tell('body_fat', number(message, 1, 100), '%')
  yield* tell('body_water', number(message, 2, 100), '%')
  yield* tell('bone_mass', number(message, 4, 100), 'kg')
  yield* tell('muscle_mass', number(message, 5, 100), 'kg')
  yield* tell('bmi', number(message, 13, 10), 'kg/m2')
}

function* bloodPressure(message: Message, item: Item): Iterable<ObservationInput> {
  const at = timeOf(message, item)
  if (at === null) return
  const source = { ...item.source, type: 'cuff' as const }
  yield* given(item, at, 'blood_pressure_systolic', number(message, 0), 'mm[Hg]', { source })
  yield* given(item, at, 'blood_pressure_diastolic', number(message, 1), 'mm[Hg]', { source })
  yield* given(item, at, 'heart_rate', number(message, 6), '/min', { source })
}

/** Below zero are codes: off the wrist, too much motion, too little data. */
function* stress(message: Message, item: Item): Iterable<ObservationInput> {
  const value = number(message, 0)
  if (value === null || value < 0) return
  const at = timeOf(message, item, 1)
  if (at !== null) yield* given(item, at, `${item.vendor}.stress_score`, value, '{score}', { source: item.wellness })
}

/** One value at the time of the message; zero and less mean that there was none. */
function single(metric: string, scale: number, unit: string): Read {
  return function* (message, item) {
    const value = number(message, 0, scale)
    if (value === null || value <= 0) return
    const at = timeOf(message, item)
    if (at !== null) yield* given(item, at, metric, value, unit, { source: item.wellness })
  }
}

/** Messages that are one measurement each, by number. */
export const vitals: ReadonlyMap<number, Read> = new Map<number, Read>([
  [30, weight],
  [51, bloodPressure],
  [227, stress],
  [269, single('oxygen_saturation', 1, '%')],
  [297, single('respiratory_rate', 100, '/min')],
  [371, single('hrv_rmssd', 128, 'ms')],
])

/** Number of a weighing, and of its field that tells whose it is. */
export const WEIGHT = { message: 30, person: 12 } as const
