import { Flag, type ObservationInput, type Source } from '@auren/core'
import { type Doc, isDeleted, numberIn, textIn } from './payload.js'
import { placeEntry } from './times.js'

/** Says why something is left aside. */
export type Aside = (reason: string, detail: string) => void

const sensor: Source = { name: 'Nightscout', type: 'cgm' }
/** What a person measured from a drop of blood, in whichever collection it stands. */
export const meter: Source = { name: 'Nightscout (fingerstick)', type: 'unknown' }

/**
 * What sensors that upload here measure, both ends included: 40 to 400 mg/dL, Libre to 500. At and below 39 stand codes
 * (too low, and failures of the sensor below 13), and 401 says too high.
 */
const range = { least: 40, most: 500 } as const
const TOO_HIGH = 401
const MMOL = 18.016

/** The kind of an entry: uploaders that do not say it name what they have. */
export function typeOf(doc: Doc): string {
  const type = textIn(doc, 'type', 60)?.toLowerCase()
  return type ?? (doc.sgv !== undefined ? 'sgv' : doc.mbg !== undefined ? 'mbg' : '')
}

/** Entries that two uploaders wrote are one to the site: of one kind, at one time. Its name for them is not the same. */
export function nameOfEntry(doc: Doc): string | null {
  const when = placeEntry(doc)
  return when && `entry/${typeOf(doc)}/${when.start}`
}

/** A reading of the sensor or of a meter. */
export function* entry(doc: Doc, version: { version?: number }, aside: Aside): Iterable<ObservationInput> {
  const type = typeOf(doc)
  const when = placeEntry(doc)
  const recordId = nameOfEntry(doc)
  if (type !== 'sgv' && type !== 'mbg')
    return aside('no_measurement', `an entry of the kind "${type.slice(0, 40)}" is no reading.`)
  if (!when || !recordId) return aside('time_unreadable', 'an entry has no time that can be read.')
  if (isDeleted(doc)) return yield { shape: 'deletion', recordId, ...version }
  if (typeof doc[type] === 'string' && /^\s*(low|high|lo|hi|[<>].*)\s*$/i.test(doc[type]))
    return aside('out_of_range', 'the sensor says only that it is beyond what it measures.')
  const value = numberIn(doc, type)
  if (value === null) return aside('no_value', 'an entry has no value.')
  if (Number.isNaN(value)) return aside('value_unreadable', 'the value of an entry is no number.')
  // Without a word on it, entries are in mg/dL, whatever the site shows.
  const unit = unitOf(textIn(doc, 'units', 40) ?? 'mg/dl')
  if (!unit) return aside('unit_unknown', 'an entry names a unit that glucose is not measured in.')
  const made = { shape: 'sample', metric: 'glucose', value, unit, ...when, recordId, ...version } as const
  if (type === 'mbg') return yield { ...made, source: meter, flags: Flag.manual }
  const inMgdl = unit === 'mg/dL' ? value : Math.round(value * MMOL)
  if (unit === 'mg/dL' && value >= 0 && value < 13)
    return aside('sensor_failure', 'the value is a code for a failure of the sensor.')
  if (inMgdl < range.least || inMgdl > range.most || inMgdl === TOO_HIGH)
    return aside('out_of_range', 'the value stands for one beyond what the sensor measures.')
  yield { ...made, source: sensor }
}

/** `mg/dl`, `mg`, `mmol`, `mmol/l` → the unit; null where it is none. */
export function unitOf(text: string): 'mg/dL' | 'mmol/L' | null {
  if (/^mg(\/dl)?$/i.test(text)) return 'mg/dL'
  return /^mmol(\/l)?$/i.test(text) ? 'mmol/L' : null
}
