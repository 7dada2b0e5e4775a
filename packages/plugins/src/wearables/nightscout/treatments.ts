import { Flag, type ObservationInput, type Source } from '@auren/core'
import { type Aside, meter, unitOf } from './entries.js'
import { type Doc, idIn, isDeleted, numberIn, textIn } from './payload.js'
import { placeTreatment } from './times.js'

const MINUTE = 60_000
const diary: Source = { name: 'Nightscout', type: 'manual' }
const pump: Source = { name: 'Nightscout (pump)', type: 'unknown' }

/** What was done to a device, or planned: nothing that was measured, taken or eaten. */
const devices =
  /basal|profile|target|override|site change|sensor|pump|transmitter|insulin change|cartridge|battery|offline|suspend|resume|prime|rewind|alarm|d\.a\.d|effective/i
/** Words of a person about themselves; on all else they are of a program, or of a device. */
const spoken = /^(note|announcement|question)$/i

/** The site's name of a treatment, which stays when its time is changed; by when and what it is, where it has none. */
export function nameOfTreatment(doc: Doc): string | null {
  const id = idIn(doc)
  if (id !== null) return `treatment/${id}`
  const when = placeTreatment(doc)
  return when && `treatment/${when.start}/${(textIn(doc, 'eventType', 60) ?? '').toLowerCase()}`
}

/** What two uploaders wrote of one treatment is the same in all that is read of it. */
export function twinOf(doc: Doc): string {
  const fields = ['eventType', 'insulin', 'carbs', 'glucose', 'glucoseType', 'duration', 'notes']
  return JSON.stringify([placeTreatment(doc)?.start ?? null, ...fields.map((field) => doc[field] ?? null)])
}

/** What was taken, eaten, measured, done or said. */
export function* treatment(
  doc: Doc,
  version: { version?: number },
  siteUnits: string | null,
  aside: Aside,
): Iterable<ObservationInput> {
  const recordId = nameOfTreatment(doc)
  if (recordId && isDeleted(doc)) return yield { shape: 'deletion', recordId, ...version }
  const when = placeTreatment(doc)
  if (!when || !recordId) return aside('time_unreadable', 'a treatment has no time that can be read.')
  const type = textIn(doc, 'eventType', 100) ?? ''
  const device = devices.test(type)
  /** Whether anything of it was read, or set aside. */
  let any = false
  const amount = (field: string): number | null => {
    const value = numberIn(doc, field)
    // Zero is what stands where a program has nothing to say.
    if (value === null || value === 0) return null
    any = true
    if (!Number.isNaN(value)) return value
    aside('value_unreadable', `"${field}" of a treatment is no number.`)
    return null
  }
  const record = { ...when, recordId, ...version }
  const entered = { ...record, source: diary, flags: Flag.manual }

  const extended = extendedOf(doc, type)
  if (extended > 0) any = true
  const atOnce = amount('insulin')
  const insulin = atOnce === null && extended === 0 ? null : Number(((atOnce ?? 0) + extended).toPrecision(12))
  if (insulin !== null) {
    const given = isAutomatic(doc) ? { ...record, source: pump } : entered
    if (device) aside('dose_of_device', 'insulin of a change at the pump may have filled a tube, and nobody.')
    else yield { shape: 'sample', metric: 'insulin', value: insulin, unit: '[IU]', ...given }
  }
  const carbs = amount('carbs')
  if (carbs !== null) yield { shape: 'sample', metric: 'carbohydrate_intake', value: carbs, unit: 'g', ...entered }
  if (isMeasured(doc, type)) {
    const value = amount('glucose')
    const unit = unitOf(textIn(doc, 'units', 40) ?? siteUnits ?? '')
    if (value !== null && !unit) aside('unit_unknown', 'a treatment names no unit of its glucose.')
    else if (value !== null && unit)
      yield { shape: 'sample', metric: 'glucose', value, unit, ...entered, source: meter }
  }
  const notes = textIn(doc, 'notes')
  if (/^exercise$/i.test(type)) {
    const minutes = amount('duration')
    const text = notes === null ? {} : { text: notes }
    any = true
    if (minutes === null || minutes <= 0 || minutes > 24 * 60)
      yield { shape: 'tag', tag: 'exercise', ...text, ...entered }
    else
      yield {
        shape: 'session',
        kind: 'workout',
        end: when.start + Math.round(minutes * MINUTE),
        activity: 'other',
        vendorActivity: 'Exercise',
        measures: {},
        ...text,
        ...entered,
      }
  } else if (notes !== null && !device && (spoken.test(type) || !isAutomatic(doc))) {
    any = true
    yield { shape: 'tag', tag: 'note', text: notes, ...entered }
  }
  if (!any && !device) aside('no_value', `a treatment "${type.slice(0, 40)}" has nothing in it that is read.`)
}

/** Units of a combo bolus that are given over its duration (`relative`: by the hour); `insulin` is what was given at once. */
function extendedOf(doc: Doc, type: string): number {
  if (!/^combo bolus$/i.test(type)) return 0
  const units = ((numberIn(doc, 'relative') ?? 0) * (numberIn(doc, 'duration') ?? 0)) / 60
  return Number.isFinite(units) ? Math.max(units, 0) : 0
}

/** Written by a loop or a pump without the person. */
function isAutomatic(doc: Doc): boolean {
  if (doc.isSMB === true || doc.automatic === true || textIn(doc, 'type', 20) === 'SMB') return true
  return /^(openaps|loop|medtronic):\/\//i.test(textIn(doc, 'enteredBy', 200) ?? '')
}

/** From a drop of blood. What a bolus says of the sensor is in the entries already. */
function isMeasured(doc: Doc, type: string): boolean {
  const how = textIn(doc, 'glucoseType', 40)
  return how === null ? /^bg check$/i.test(type) : /^(finger|manual)$/i.test(how)
}
