// What an importer must find in a generated export, tallied by plain code while it is written.
// Shares nothing with AUREN's packages.
import { berlin } from './apple-person.js'

/** The planted truth. Dates are local dates as an importer can know them (see `apple-export.ts`). */
export interface Truth {
  seed: number
  days: number
  bytes: number
  /** Records by type, as they stand in the file. */
  records: Record<string, number>
  /** Records that repeat the one before them in everything that is said. */
  repeated: Record<string, number>
  /** Steps and metres by date: in each minute the watch where it covers it, else the phone. */
  steps: Record<string, number>
  distance: Record<string, number>
  /** Of the phone and the watch alone. */
  stepsBySource: Record<'watch' | 'phone', Record<string, number>>
  heartRate: Record<string, { n: number; mean: number; min: number; max: number }>
  /** Per cent. */
  oxygenSaturation: Record<string, { n: number; mean: number; min: number; max: number }>
  hrvSdnn: Record<string, { n: number; mean: number; min: number; max: number }>
  restingHeartRate: Record<string, number>
  /** kg, the last of a date. */
  weight: Record<string, number>
  bloodPressure: { n: number; systolicMean: number; diastolicMean: number }
  /** Seconds asleep by date of waking, of the night and of naps. */
  asleep: Record<'watch' | 'app', Record<string, number>>
  naps: Record<string, number>
  stages: Record<string, { deep: number; rem: number; core: number; awake: number }>
  workouts: { date: string; type: string; seconds: number; metres: number | null; kilocalories: number }[]
}

/** Local date of a minute at an offset. */
export function dateAt(minute: number, offset: number): string {
  return new Date((minute + offset) * 60_000).toISOString().slice(0, 10)
}

type Device = 'watch' | 'phone'

/** Merges two devices minute by minute; intervals may come in any order within two days. */
export interface Sweep {
  add(device: Device, from: number, to: number, value: number): void
  /** Nothing before this minute will come any more. */
  advance(minute: number): void
}

const span = 4 * 1440

export function createSweep(merged: Record<string, number>, alone?: Record<Device, Record<string, number>>): Sweep {
  const rate = { watch: new Float64Array(span), phone: new Float64Array(span) }
  const covered = { watch: new Uint8Array(span), phone: new Uint8Array(span) }
  let done = Number.NaN
  const put = (to: Record<string, number>, date: string, value: number) => {
    to[date] = (to[date] ?? 0) + value
  }
  return {
    add(device, from, to, value) {
      for (let minute = from; minute < to; minute++) {
        const slot = minute % span
        rate[device][slot] = (rate[device][slot] as number) + value / (to - from)
        covered[device][slot] = 1
      }
    },
    advance(minute) {
      if (Number.isNaN(done)) done = minute - span
      let date = ''
      let until = Number.NEGATIVE_INFINITY
      for (; done < minute; done++) {
        const slot = done % span
        if (!covered.watch[slot] && !covered.phone[slot]) continue
        if (done >= until) {
          date = dateAt(done, berlin(done))
          until = done - (done % 30) + 30
        }
        put(merged, date, covered.watch[slot] ? (rate.watch[slot] as number) : (rate.phone[slot] as number))
        for (const device of ['watch', 'phone'] as const) {
          if (alone && covered[device][slot]) put(alone[device], date, rate[device][slot] as number)
          rate[device][slot] = 0
          covered[device][slot] = 0
        }
      }
    },
  }
}

/** Adds a value to a date's count, mean, minimum and maximum. */
export function tally(to: Truth['heartRate'], date: string, value: number): void {
  const day = to[date]
  if (!day) to[date] = { n: 1, mean: value, min: value, max: value }
  else {
    day.n++
    day.mean += (value - day.mean) / day.n
    day.min = Math.min(day.min, value)
    day.max = Math.max(day.max, value)
  }
}

export function emptyTruth(seed: number, days: number): Truth {
  return {
    seed,
    days,
    bytes: 0,
    records: {},
    repeated: {},
    steps: {},
    distance: {},
    stepsBySource: { watch: {}, phone: {} },
    heartRate: {},
    oxygenSaturation: {},
    hrvSdnn: {},
    restingHeartRate: {},
    weight: {},
    bloodPressure: { n: 0, systolicMean: 0, diastolicMean: 0 },
    asleep: { watch: {}, app: {} },
    naps: {},
    stages: {},
    workouts: [],
  }
}
