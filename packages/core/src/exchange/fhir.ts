import { loincOf, metric as metricOf } from '../catalogue/index.js'
import { identityKey, uuidOf } from '../observation/identity.js'
import { isoAt } from '../observation/local-day.js'
import { Flag, type Observation, type ZoneBasis } from '../observation/schema.js'
import { metricTitle } from '../query/words.js'

/** What is stored of an observation, as an export hands it over: in the catalogue's unit. */
export type Exported = Observation & { provider: string; account?: string; receivedAt?: number }
type Held = Exclude<Exported, { shape: 'deletion' }>

/** A FHIR R4 resource. */
export interface Resource {
  resourceType: string
  [field: string]: unknown
}

const LOINC = 'http://loinc.org'
const UCUM = 'http://unitsofmeasure.org'
const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category'
/** Our own words, where there is no code that is sure. */
const own = (kind: string): string => `urn:auren:${kind}`
/** Duration of sleep, and of exercise (LOINC). */
const sessionCodes = { sleep: '93832-4', workout: '55411-3' } as const
/** Farthest offset that FHIR can write, in minutes. */
const FARTHEST = 14 * 60
/** Of the catalogue's metrics those that FHIR's category vital-signs names. */
const vital =
  /^(heart_rate|resting_heart_rate|respiratory_rate|oxygen_saturation|body_temperature|basal_body_temperature|blood_pressure_.*|weight|height|bmi)$/

/** Who a bundle is about, as far as they said it. */
export interface FhirPerson {
  birthDate?: string
  sex?: 'female' | 'male' | 'other'
}

/** The Patient that every Observation of a bundle refers to. */
export function patientOf(user: string, { birthDate, sex }: FhirPerson): Resource {
  return {
    resourceType: 'Patient',
    id: uuidOf(JSON.stringify(['patient', user])),
    ...(sex === undefined ? {} : { gender: sex }),
    ...(birthDate === undefined ? {} : { birthDate }),
  }
}

/**
 * An observation as a FHIR R4 Observation: LOINC where the catalogue's code is sure, beside our own word; UCUM units;
 * times with the offset that is known, else in UTC. The same observation of the same person gives the same id. Null for a
 * deletion: what it withdrew is not in an export.
 */
export function fhirOf(observation: Exported, patient: string): Resource | null {
  if (observation.shape === 'deletion') return null
  const { provider, account = '', recordId, receivedAt, source, flags = 0 } = observation
  return {
    resourceType: 'Observation',
    id: uuidOf(JSON.stringify([patient, identityKey(provider, account, observation)])),
    meta: { source: `urn:auren:provider:${encodeURIComponent(provider)}` },
    ...(recordId === undefined ? {} : { identifier: [{ system: own(`record:${provider}`), value: recordId }] }),
    status: 'final',
    ...bodyOf(observation),
    subject: { reference: `urn:uuid:${patient}` },
    ...(receivedAt === undefined ? {} : { issued: new Date(receivedAt).toISOString() }),
    device: { type: 'Device', display: words(source.name) },
    // Whoever reads it must not take for a device's what a person has typed.
    ...((flags & Flag.manual) !== 0 || source.type === 'manual' ? { method: { text: 'entered by the person' } } : {}),
  } satisfies Resource
}

function bodyOf(observation: Held): Record<string, unknown> {
  switch (observation.shape) {
    case 'sample':
      return {
        ...measured(observation.metric),
        ...timesOf(observation),
        ...valued(observation.value, observation.unit),
      }
    case 'daily_total':
      return {
        ...measured(observation.metric),
        effectiveDateTime: observation.date,
        ...valued(observation.value, observation.unit),
      }
    case 'tag':
      return {
        code: { coding: [{ system: own('tag'), code: observation.tag }], text: observation.tag.replaceAll('_', ' ') },
        ...timesOf(observation),
        ...(observation.value === undefined
          ? { valueBoolean: true }
          : valued(observation.value, observation.unit ?? '1')),
        ...noteOf(observation.text),
      }
    case 'session': {
      const { kind, start, end, measures, stages = [], activity, vendorActivity, nap, text } = observation
      const offset = offsetOf(observation)
      const parts = [
        ...Object.entries(measures).map(([id, value]) => ({
          code: measured(id).code,
          ...valued(value, metricOf(id)?.unit ?? '1'),
        })),
        ...(activity === undefined
          ? []
          : [
              {
                code: { coding: [{ system: own('workout'), code: 'activity' }] },
                valueCodeableConcept: {
                  coding: [{ system: own('activity'), code: activity }],
                  ...(vendorActivity === undefined || words(vendorActivity) === ''
                    ? {}
                    : { text: words(vendorActivity) }),
                },
              },
            ]),
        ...(nap === undefined
          ? []
          : [{ code: { coding: [{ system: own('sleep'), code: 'nap' }] }, valueBoolean: nap }]),
        ...stages.map((stage) => ({
          code: { coding: [{ system: own('sleep-stage'), code: stage.stage }] },
          valuePeriod: { start: isoAt(stage.start, offset), end: isoAt(stage.end, offset) },
        })),
      ]
      return {
        category: category('activity'),
        code: {
          coding: [
            { system: LOINC, code: sessionCodes[kind] },
            { system: own('session'), code: kind },
          ],
          text: kind,
        },
        ...timesOf(observation),
        // What is asleep of it is a component; this is how long it lasted.
        ...valued((end - start) / 1000, 's'),
        ...(parts.length > 0 ? { component: parts } : {}),
        ...noteOf(text),
      }
    }
  }
}

function measured(id: string) {
  const loinc = loincOf(id)
  return {
    category: category(vital.test(id) ? 'vital-signs' : 'activity'),
    code: {
      coding: [...(loinc === null ? [] : [{ system: LOINC, code: loinc }]), { system: own('metric'), code: id }],
      text: metricTitle(id),
    },
  }
}

function category(code: string) {
  return [{ coding: [{ system: CATEGORY, code }] }]
}

function valued(value: number, unit: string) {
  // The catalogue's codes of a scale are no quantities.
  if (unit === 'code') return Number.isInteger(value) ? { valueInteger: value } : { valueQuantity: { value } }
  return { valueQuantity: { value, unit, system: UCUM, code: unit } }
}

function timesOf(observation: Exclude<Held, { shape: 'daily_total' }>) {
  const { start, end } = observation
  const offset = offsetOf(observation)
  if (end === undefined || end === start) return { effectiveDateTime: isoAt(start, offset) }
  return { effectivePeriod: { start: isoAt(start, offset), end: isoAt(end, offset) } }
}

/** Minutes east of UTC; null where nothing says it, or FHIR has no such offset. */
function offsetOf({ offset, zoneBasis }: { offset: number | null; zoneBasis: ZoneBasis }): number | null {
  return zoneBasis === 'absent' || offset === null || Math.abs(offset) > FARTHEST ? null : offset
}

function noteOf(text: string | undefined) {
  const said = words(text ?? '')
  return said === '' ? {} : { note: [{ text: said }] }
}

/** Words without the letters that FHIR's strings may not hold. */
function words(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out
  return text.replace(/[\0-\x08\v\f\x0e-\x1f]/g, ' ').trim()
}
