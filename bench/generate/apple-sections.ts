// The elements of an export, kind by kind: each section writes one day of its kind and tallies what it planted.
import {
  bedtime,
  berlin,
  dice,
  exercise,
  nap,
  night,
  placeOf,
  type SleepPart,
  wakeUp,
  walks,
  wornAt,
} from './apple-person.js'
import { dateAt, type Sweep, type Truth, tally } from './apple-truth.js'

const watch = 'Robin’s Apple\u00a0Watch'
const phone = 'Robin’s iPhone'
const quantity = 'HKQuantityTypeIdentifier'
const sleepType = 'HKCategoryTypeIdentifierSleepAnalysis'
const poundsPerKilogram = 1 / 0.45359237

/** One pass over the days writes one kind of element, as the phone groups its export. */
export type Section = (day: number, page: Page) => void

/** What is being written, and the truth about it so far. */
export interface Page {
  seed: number
  revision: 1 | 2
  /** Days from this one on are in metric units. */
  metricFrom: number
  truth: Truth
  steps: Sweep
  distance: Sweep
  text: string
}

const two = (n: number): string => (n < 10 ? `0${n}` : String(n))
let dateDay = Number.NaN
let dateText = ''
/** As the exporting phone, which lives in Berlin, writes an instant: seconds since 1970. */
export function stamp(second: number): string {
  const offset = berlin(Math.floor(second / 60))
  const local = second + offset * 60
  const day = Math.floor(local / 86_400)
  if (day !== dateDay) {
    dateDay = day
    dateText = new Date(day * 86_400_000).toISOString().slice(0, 10)
  }
  const clock = local - day * 86_400
  const time = `${two(Math.floor(clock / 3600))}:${two(Math.floor(clock / 60) % 60)}:${two(clock % 60)}`
  return `${dateText} ${time} +0${offset / 60}00`
}

interface Fields {
  type: string
  source?: string
  unit?: string
  value: string | number
  from: number
  to?: number
  created?: number
  children?: string
  times?: number
}

/** A Record; times in seconds. Watch and phone name their device, with an address that differs from run to run. */
function record(page: Page, fields: Fields): void {
  const { type, source = watch, unit, value, from, to = from, created = to + 75, children = '', times = 1 } = fields
  const ours = source === watch || source === phone
  const model = source === watch ? 'Watch' : 'iPhone'
  const version = ours ? ` sourceVersion="${8 + (Math.floor(from / 31_557_600) % 10)}.2"` : ''
  const device = ours
    ? ` device="&lt;&lt;HKDevice: 0x${(0x280000000 + (from % 9973) * 64).toString(16)}&gt;, name:${source === watch ? 'Apple Watch' : 'iPhone'}, manufacturer:Apple Inc., model:${model}, hardware:${model}6,2&gt;"`
    : ''
  const start = stamp(from)
  const end = to === from ? start : stamp(to)
  const measured = unit === undefined ? '' : ` unit="${unit}"`
  const line = ` <Record type="${type}" sourceName="${source}"${version}${device}${measured} creationDate="${stamp(created)}" startDate="${start}" endDate="${end}" value="${value}"${children === '' ? '/>' : `>\n${children} </Record>`}\n`
  const { records, repeated } = page.truth
  records[type] = (records[type] ?? 0) + times
  if (times > 1) repeated[type] = (repeated[type] ?? 0) + times - 1
  page.text += times > 1 ? line.repeat(times) : line
}

const entry = (key: string, value: string): string => `  <MetadataEntry key="${key}" value="${value}"/>\n`

const movement: Section = (day, page) => {
  page.steps.advance((day - 1) * 1440)
  for (const walk of walks(page.seed, day)) {
    const { watch: seen, phone: carried } = walk
    if (carried) {
      record(page, {
        type: `${quantity}StepCount`,
        source: phone,
        unit: 'count',
        value: carried.steps,
        from: carried.from * 60,
        to: carried.to * 60,
      })
      page.steps.add('phone', carried.from, carried.to, carried.steps)
    }
    for (const { from, to, steps } of seen) {
      record(page, { type: `${quantity}StepCount`, unit: 'count', value: steps, from: from * 60, to: to * 60 })
      page.steps.add('watch', from, to, steps)
    }
  }
}

const distances: Section = (day, page) => {
  page.distance.advance((day - 1) * 1440)
  const metric = page.revision === 2 || day >= page.metricFrom
  const put = (source: string, from: number, to: number, steps: number) => {
    const value = metric ? (steps * 0.75) / 1000 : (steps * 0.75) / 1609.344
    record(page, {
      type: `${quantity}DistanceWalkingRunning`,
      source,
      unit: metric ? 'km' : 'mi',
      value,
      from: from * 60,
      to: to * 60,
    })
    page.distance.add(source === watch ? 'watch' : 'phone', from, to, steps * 0.75)
  }
  for (const { watch: seen, phone: carried } of walks(page.seed, day)) {
    if (carried) put(phone, carried.from, carried.to, carried.steps)
    for (const { from, to, steps } of seen) put(watch, from, to, steps)
  }
}

/** Every four to seven minutes; some twice with another value (both count), some repeated whole (count once). */
const heartRate: Section = (day, page) => {
  const roll = dice(page.seed, 20, day)
  const last = wakeUp(page.seed, day + 1)
  const bed = bedtime(page.seed, day)
  for (let at = wakeUp(page.seed, day); at < last; at += roll.int(4, 7)) {
    if (!wornAt(page.seed, day, at)) continue
    const from = at * 60 + roll.int(0, 59)
    const value = at < bed ? roll.int(58, 130) : roll.int(44, 66)
    const date = dateAt(at, berlin(at))
    const put = (bpm: number, times: number) => {
      const children = entry('HKMetadataKeyHeartRateMotionContext', String(roll.int(0, 2)))
      record(page, {
        type: `${quantity}HeartRate`,
        unit: 'count/min',
        value: bpm,
        from,
        created: from + 4,
        times,
        children,
      })
      tally(page.truth.heartRate, date, bpm)
    }
    put(value, roll.chance(0.002) ? 2 : 1)
    if (roll.chance(0.0015)) put(value + 3, 1)
  }
}

const energy: Section = (day, page) => {
  const roll = dice(page.seed, 21, day)
  for (let at = wakeUp(page.seed, day); at < bedtime(page.seed, day); at += roll.int(3, 9)) {
    if (!wornAt(page.seed, day, at)) continue
    const to = at * 60 + roll.int(30, 120)
    record(page, {
      type: `${quantity}ActiveEnergyBurned`,
      unit: 'kcal',
      value: roll.number(0.1, 9, 3),
      from: at * 60,
      to,
    })
  }
}
const basal: Section = (day, page) => {
  const roll = dice(page.seed, 22, day)
  for (let hour = 0; hour < 24; hour++) {
    const from = (day * 1440 + hour * 60) * 60
    record(page, {
      type: `${quantity}BasalEnergyBurned`,
      unit: 'kcal',
      value: roll.number(55, 78, 3),
      from,
      to: from + 3600,
    })
  }
}

/** During the night: oxygen (a fraction with the unit %) and breaths. */
const oxygen: Section = (day, page) => {
  const roll = dice(page.seed, 23, day)
  for (const part of night(page.seed, day).watch) {
    const percent = roll.int(92, 100)
    record(page, { type: `${quantity}OxygenSaturation`, unit: '%', value: percent / 100, from: part.from * 60 + 11 })
    tally(page.truth.oxygenSaturation, dateAt(part.from, berlin(part.from)), percent)
  }
}
const breaths: Section = (day, page) => {
  const roll = dice(page.seed, 24, day)
  for (const part of night(page.seed, day).watch)
    record(page, {
      type: `${quantity}RespiratoryRate`,
      unit: 'count/min',
      value: roll.number(11, 18, 1),
      from: part.from * 60,
      to: part.to * 60,
    })
}

const variability: Section = (day, page) => {
  const roll = dice(page.seed, 25, day)
  for (let i = 0; i < 5; i++) {
    const at = wakeUp(page.seed, day) + i * 170
    if (!wornAt(page.seed, day, at)) continue
    let beats = '  <HeartRateVariabilityMetadataList>\n'
    for (let beat = 0; beat < 20; beat++)
      beats += `   <InstantaneousBeatsPerMinute bpm="${roll.int(55, 80)}" time="7:44:${two(beat)},95 AM"/>\n`
    const value = roll.number(18, 110, 4)
    const children = `${beats}  </HeartRateVariabilityMetadataList>\n`
    record(page, {
      type: `${quantity}HeartRateVariabilitySDNN`,
      unit: 'ms',
      value,
      from: at * 60,
      to: at * 60 + 60,
      children,
    })
    tally(page.truth.hrvSdnn, dateAt(at, berlin(at)), value)
  }
}

const resting: Section = (day, page) => {
  const at = wakeUp(page.seed, day) + 60
  if (!wornAt(page.seed, day, at)) return
  const value = dice(page.seed, 26, day).int(48, 66)
  record(page, { type: `${quantity}RestingHeartRate`, unit: 'count/min', value, from: at * 60, to: at * 60 + 36_000 })
  page.truth.restingHeartRate[dateAt(at, berlin(at))] = value
}

/** Typed in by the person each morning, with the zone in which it was. */
const weight: Section = (day, page) => {
  const roll = dice(page.seed, 27, day)
  const corrected = roll.chance(0.1)
  const deleted = roll.chance(0.04)
  let kilograms = roll.number(71, 75, 1)
  const at = wakeUp(page.seed, day) + 15
  let created = at * 60 + 20
  if (page.revision === 2) {
    if (deleted) return
    if (corrected) {
      kilograms = Math.round(kilograms * 10 + 4) / 10
      created += 864_000
    }
  }
  const metric = page.revision === 2 || day >= page.metricFrom
  const { zone, offset } = placeOf(day)
  const children = entry('HKWasUserEntered', '1') + entry('HKTimeZone', zone)
  record(page, {
    type: `${quantity}BodyMass`,
    source: 'Health',
    unit: metric ? 'kg' : 'lb',
    created,
    children,
    value: metric ? kilograms : kilograms * poundsPerKilogram,
    from: at * 60,
  })
  page.truth.weight[dateAt(at, offset(at))] = kilograms
}

const noise: Section = (day, page) => {
  const roll = dice(page.seed, 28, day)
  const at = wakeUp(page.seed, day) * 60
  for (let i = 0; i < 8; i++)
    record(page, {
      type: `${quantity}EnvironmentalAudioExposure`,
      unit: 'dBASPL',
      value: roll.number(35, 90, 3),
      from: at + i * 3600,
      to: at + i * 3600 + 1800,
    })
  for (let i = 0; i < 12; i++)
    record(page, {
      type: 'HKCategoryTypeIdentifierAppleStandHour',
      value: 'HKCategoryValueAppleStandHourStood',
      from: at + i * 3600,
      to: at + i * 3600 + 3600,
    })
  record(page, {
    type: `${quantity}AppleWalkingSteadiness`,
    unit: '%',
    value: roll.number(0.8, 1, 2),
    from: at,
    to: at + 86_000,
  })
}

const pressure = (day: number, page: Page): { at: number; systolic: number; diastolic: number } | null => {
  const roll = dice(page.seed, 29, day)
  return roll.chance(0.2)
    ? { at: (wakeUp(page.seed, day) + 30) * 60, systolic: roll.int(105, 139), diastolic: roll.int(65, 89) }
    : null
}
const pressureRecords: Section = (day, page) => {
  const found = pressure(day, page)
  if (!found) return
  const { at, systolic, diastolic } = found
  record(page, {
    type: `${quantity}BloodPressureSystolic`,
    source: 'OMRON connect',
    unit: 'mmHg',
    value: systolic,
    from: at,
  })
  record(page, {
    type: `${quantity}BloodPressureDiastolic`,
    source: 'OMRON connect',
    unit: 'mmHg',
    value: diastolic,
    from: at,
  })
  const all = page.truth.bloodPressure
  all.n++
  all.systolicMean += (systolic - all.systolicMean) / all.n
  all.diastolicMean += (diastolic - all.diastolicMean) / all.n
}
/** The same two records again, inside of their correlation. */
const pressureCorrelations: Section = (day, page) => {
  const found = pressure(day, page)
  if (!found) return
  const dates = `creationDate="${stamp(found.at + 75)}" startDate="${stamp(found.at)}" endDate="${stamp(found.at)}"`
  const child = (type: string, value: number) =>
    `  <Record type="${quantity}BloodPressure${type}" sourceName="OMRON connect" unit="mmHg" ${dates} value="${value}"/>\n`
  page.text += ` <Correlation type="HKCorrelationTypeIdentifierBloodPressure" sourceName="OMRON connect" ${dates}>\n${child('Systolic', found.systolic)}${child('Diastolic', found.diastolic)} </Correlation>\n`
}

const sleep: Section = (day, page) => {
  const { truth, seed } = page
  const place = placeOf(day)
  const put = (source: string, { from, to, value }: SleepPart) =>
    record(page, {
      type: sleepType,
      source,
      value: `HKCategoryValueSleepAnalysis${value}`,
      from: from * 60,
      to: to * 60,
      created: (wakeUp(seed, day) + 20) * 60,
      children: entry('HKTimeZone', place.zone),
    })
  const { watch: seen, app } = night(seed, day)
  for (const part of app) put('SleepWell', part)
  for (const part of seen) put(watch, part)
  const asleep = app[1]
  if (asleep) {
    const awake = app.slice(2).reduce((sum, part) => sum + part.to - part.from, 0)
    const woke = Math.max(...app.map((part) => part.to))
    truth.asleep.app[dateAt(woke, place.offset(woke))] = (asleep.to - asleep.from - awake) * 60
  }
  const minutes = (value: SleepPart['value']) =>
    seen.reduce((sum, part) => sum + (part.value === value ? part.to - part.from : 0), 0)
  const woke = seen.at(-1)?.to
  if (woke !== undefined) {
    const [core, deep, rem, awake] = [
      minutes('AsleepCore'),
      minutes('AsleepDeep'),
      minutes('AsleepREM'),
      minutes('Awake'),
    ]
    const date = dateAt(woke, place.offset(woke))
    truth.asleep.watch[date] = (core + deep + rem) * 60
    truth.stages[date] = { deep: deep * 60, rem: rem * 60, core: core * 60, awake: awake * 60 }
  }
  for (const part of nap(seed, day)) {
    put(watch, part)
    truth.naps[dateAt(part.to, place.offset(part.to))] = (part.to - part.from) * 60
  }
}

/** Totals as attributes until iOS 16, as WorkoutStatistics since: here in the middle of the span. */
const workouts: Section = (day, page) => {
  const done = exercise(page.seed, day)
  if (!done) return
  const { from, to, type, metres, kilocalories, heartRate: bpm } = done
  const place = placeOf(day)
  const metric = page.revision === 2 || day >= page.metricFrom
  const unit = metric ? 'km' : 'mi'
  const length = metric ? metres / 1000 : metres / 1609.344
  const modern = day >= page.metricFrom
  const old = modern
    ? ''
    : ` totalDistance="${length}" totalDistanceUnit="${unit}" totalEnergyBurned="${kilocalories}" totalEnergyBurnedUnit="kcal"`
  const dates = `startDate="${stamp(from * 60)}" endDate="${stamp(to * 60)}"`
  const statistics = (name: string, rest: string) =>
    `  <WorkoutStatistics type="${quantity}${name}" ${dates} ${rest}/>\n`
  const kind = type === 'Cycling' ? 'DistanceCycling' : 'DistanceWalkingRunning'
  const children = [
    entry('HKTimeZone', place.zone),
    entry('HKWeatherHumidity', '6400 %'),
    entry('Note', 'after\x0bwork'),
    `  <WorkoutEvent type="HKWorkoutEventTypePause" date="${stamp(from * 60 + 300)}"/>\n`,
    `  <WorkoutEvent type="HKWorkoutEventTypeResume" date="${stamp(from * 60 + 330)}"/>\n`,
    modern ? statistics('ActiveEnergyBurned', `sum="${kilocalories}" unit="kcal"`) : '',
    modern
      ? statistics('HeartRate', `average="${bpm}" minimum="${bpm - 30}" maximum="${bpm + 25}" unit="count/min"`)
      : '',
    modern && metres > 0 ? statistics(kind, `sum="${length}" unit="${unit}"`) : '',
  ].join('')
  page.text += ` <Workout workoutActivityType="HKWorkoutActivityType${type}" duration="${to - from}" durationUnit="min"${old} sourceName="${watch}" sourceVersion="9.1" creationDate="${stamp(to * 60 + 9)}" ${dates}>\n${children} </Workout>\n`
  const date = dateAt(from, place.offset(from))
  page.truth.workouts.push({ date, type, seconds: (to - from) * 60, metres: metres > 0 ? metres : null, kilocalories })
}

const rings: Section = (day, page) => {
  const date = new Date(day * 86_400_000).toISOString().slice(0, 10)
  page.text += ` <ActivitySummary dateComponents="${date}" activeEnergyBurned="512" activeEnergyBurnedGoal="600" activeEnergyBurnedUnit="kcal" appleExerciseTime="31" appleExerciseTimeGoal="30" appleStandHours="11" appleStandHoursGoal="12"/>\n`
}

/** Every kind of element, in the order of the file. */
export const sections: readonly Section[] = [
  weight,
  heartRate,
  oxygen,
  breaths,
  pressureRecords,
  movement,
  distances,
  basal,
  energy,
  resting,
  variability,
  noise,
  sleep,
  pressureCorrelations,
  workouts,
  rings,
]
