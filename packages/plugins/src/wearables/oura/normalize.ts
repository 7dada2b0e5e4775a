import { AurenError, addDays, type NormalizeContext, type ObservationInput } from '@auren/core'
import type { z } from 'zod'
import { instantOf as civilInstantOf } from '../../files/index.js'
import { setAside } from '../../vendor/items.js'
import { daily, instantOf, type Make, recordId, ring, saidZoneOf, seriesSamples } from './parts.js'
import {
  type CardiovascularAge,
  type Collection,
  collectionOf,
  collections,
  type DailyActivity,
  type DailyReadiness,
  type DailyResilience,
  type DailySleep,
  type DailySpo2,
  type DailyStress,
  type HeartRate,
  type Payload,
  type RestModePeriod,
  type Vo2Max,
} from './payload.js'
import { moment, sleep, workout } from './sessions.js'
import { enhancedTag, legacyTag } from './tags.js'

type Doc<S extends z.ZodType> = z.infer<S>

/**
 * Oura documents → observations. A document is one record: its newest revision replaces it whole, and one that Oura
 * no longer has is withdrawn. A document that does not fit its schema is set aside by itself.
 */
export function* normalize(payload: Payload, ctx: NormalizeContext): Iterable<ObservationInput> {
  const collection = collectionOf(payload.collection)
  if (!collection) {
    throw new AurenError('AUREN_PAYLOAD_INVALID', `Oura has no collection "${payload.collection}" that is read here.`, {
      plugin: 'oura',
    })
  }
  for (const id of payload.missing ?? []) yield { shape: 'deletion', recordId: recordId(collection, id) }
  for (const document of payload.documents) {
    const parsed = collections[collection].safeParse(document)
    if (!parsed.success) {
      setAside(document, collection, parsed.error, ctx)
      continue
    }
    yield* (makers[collection] as Make<unknown>)(parsed.data, ctx)
  }
}

function* readiness(doc: Doc<typeof DailyReadiness>): Iterable<ObservationInput> {
  const of = daily('daily_readiness', doc.id, doc.day)
  yield* of('oura.readiness_score', doc.score, '{score}')
  yield* of('skin_temperature_deviation', doc.temperature_deviation, 'Cel')
  yield* of('oura.temperature_trend_deviation', doc.temperature_trend_deviation, 'Cel')
  yield* contributors(of, 'readiness', doc.contributors)
}

function* dailySleep(doc: Doc<typeof DailySleep>): Iterable<ObservationInput> {
  const of = daily('daily_sleep', doc.id, doc.day)
  yield* of('oura.sleep_score', doc.score, '{score}')
  yield* contributors(of, 'sleep', doc.contributors)
}

function* activity(doc: Doc<typeof DailyActivity>, ctx: NormalizeContext): Iterable<ObservationInput> {
  const of = daily('daily_activity', doc.id, doc.day)
  yield* of('oura.activity_score', doc.score, '{score}')
  yield* of('steps', doc.steps, '{steps}')
  yield* of('energy_active', doc.active_calories, 'kcal')
  yield* of('energy_total', doc.total_calories, 'kcal')
  yield* of('oura.equivalent_walking_distance', doc.equivalent_walking_distance, 'm')
  yield* of('vigorous_minutes', doc.high_activity_time, 's')
  yield* of('moderate_minutes', doc.medium_activity_time, 's')
  yield* of('sedentary_minutes', doc.sedentary_time, 's')
  yield* contributors(of, 'activity', doc.contributors)
  yield* seriesSamples(doc.met, 'met', '{MET}', recordId('daily_activity', doc.id), true, ctx)
}

function* spo2(doc: Doc<typeof DailySpo2>): Iterable<ObservationInput> {
  const of = daily('daily_spo2', doc.id, doc.day)
  yield* of('oxygen_saturation', doc.spo2_percentage?.average, '%')
  yield* of('oura.breathing_disturbance_index', doc.breathing_disturbance_index, '{score}')
}

function* stress(doc: Doc<typeof DailyStress>): Iterable<ObservationInput> {
  const of = daily('daily_stress', doc.id, doc.day)
  yield* of('oura.stress_high', doc.stress_high, 's')
  yield* of('oura.recovery_high', doc.recovery_high, 's')
}

const levels = ['limited', 'adequate', 'solid', 'strong', 'exceptional']

function* resilience(doc: Doc<typeof DailyResilience>, ctx: NormalizeContext): Iterable<ObservationInput> {
  const of = daily('daily_resilience', doc.id, doc.day)
  const level = levels.indexOf(doc.level ?? '')
  if (level >= 0) yield* of('oura.resilience_level', level + 1, '{score}')
  else if (doc.level) ctx.reject(doc, 'unknown_code', 'daily_resilience.level is a word that is not known')
  yield* contributors(of, 'resilience', doc.contributors)
}

function* vascularAge(doc: Doc<typeof CardiovascularAge>): Iterable<ObservationInput> {
  // These documents carry no id: there is one a day.
  yield* daily('daily_cardiovascular_age', doc.id ?? doc.day, doc.day)('oura.vascular_age', doc.vascular_age, 'a')
}

function* vo2max(doc: Doc<typeof Vo2Max>): Iterable<ObservationInput> {
  yield* daily('vO2_max', doc.id, doc.day)('vo2_max', doc.vo2_max, 'mL/kg/min')
}

/** Where only the days are known, it lasts from the first local midnight to the last. */
function* restMode(doc: Doc<typeof RestModePeriod>, ctx: NormalizeContext): Iterable<ObservationInput> {
  const midnight = (date: string) => {
    const { at, offset, basis } = civilInstantOf({ local: `${date}T00:00:00`, offset: null }, ctx.zoneAt)
    return { at, offset, zoneBasis: basis }
  }
  const begun = doc.start_time
    ? { at: instantOf(doc.start_time), ...saidZoneOf(doc.start_time) }
    : midnight(doc.start_day)
  const ended = doc.end_time ? instantOf(doc.end_time) : doc.end_day ? midnight(addDays(doc.end_day, 1)).at : null
  const { at: start, offset, zoneBasis } = begun
  yield {
    shape: 'tag',
    tag: 'rest_mode',
    start,
    ...(ended === null ? {} : { end: Math.max(ended, start) }),
    source: ring,
    offset,
    zoneBasis,
    recordId: recordId('rest_mode_period', doc.id),
  }
}

function* heartRate(doc: Doc<typeof HeartRate>): Iterable<ObservationInput> {
  // Timestamps are in UTC whatever the zone of the wearer: "+00:00" says nothing of where they were.
  yield {
    shape: 'sample',
    metric: 'heart_rate',
    start: instantOf(doc.timestamp),
    value: doc.bpm,
    unit: '/min',
    source: ring,
    offset: null,
    zoneBasis: 'absent',
  }
}

function* contributors(
  of: ReturnType<typeof daily>,
  group: string,
  values: Record<string, number | null> | null | undefined,
): Iterable<ObservationInput> {
  // A contributor that is new to us has no metric: accept would set it aside, which is how we learn of it.
  for (const [name, value] of Object.entries(values ?? {})) yield* of(`oura.${group}_${name}`, value, '{score}')
}

const makers: { [C in Collection]: Make<z.infer<(typeof collections)[C]>> } = {
  sleep,
  daily_sleep: dailySleep,
  daily_readiness: readiness,
  daily_activity: activity,
  daily_spo2: spo2,
  daily_stress: stress,
  daily_resilience: resilience,
  daily_cardiovascular_age: vascularAge,
  vO2_max: vo2max,
  workout,
  session: moment,
  enhanced_tag: enhancedTag,
  tag: legacyTag,
  rest_mode_period: restMode,
  heartrate: heartRate,
}
