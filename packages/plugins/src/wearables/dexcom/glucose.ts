import { lookup } from '../../vendor/lookup.js'

/** Units of glucose in the API, as they are written there. */
const units = lookup<'mg/dL' | 'mmol/L'>({ 'mg/dl': 'mg/dL', 'mmol/l': 'mmol/L' })

/** What a sensor measures, at both ends included. Beyond stand codes that say so: 39 and 401, 2.1 and 22.3. */
const ranges = { 'mg/dL': [40, 400], 'mmol/L': [2.2, 22.2] } as const

/** A value with its unit, or why there is none. */
type Judged = { value: number; unit: 'mg/dL' | 'mmol/L' } | { reason: string; detail: string }

/** A reading of the sensor is a number only within what it measures: `low` and `high` are not 39 and 401. */
export function judge(
  value: number | null | undefined,
  unit: string | null | undefined,
  status: string | null | undefined,
): Judged {
  if (/^(low|high)$/i.test(status ?? ''))
    return { reason: 'out_of_range', detail: `The sensor says only that it is ${status?.toLowerCase()}.` }
  const entered = judgeEntered(value, unit)
  if ('reason' in entered) return entered
  const [least, most] = ranges[entered.unit]
  return entered.value < least || entered.value > most
    ? { reason: 'out_of_range', detail: 'The value stands for one beyond what the sensor measures.' }
    : entered
}

/** A value that the person entered from a meter. */
export function judgeEntered(value: number | null | undefined, unit: string | null | undefined): Judged {
  if (value == null) return { reason: 'no_value', detail: 'The record has no value.' }
  const known = units[(unit ?? '').toLowerCase()]
  return known ? { value, unit: known } : { reason: 'unit_unknown', detail: 'The record names no unit of glucose.' }
}
