import { Flag, type ObservationInput, type ZoneBasis } from '@auren/core'
import { instantOf, offsetOf, zoneOffset } from './dates.js'
import { type Counts, createReport, type Reject } from './report.js'
import { createNights, type OpenNights } from './sleep.js'
import { sourceOf } from './sources.js'
import { stageCode } from './timeline.js'
import { flowCode, ignored, type QuantityType, quantities, special } from './types.js'
import { percentOf, unitOf } from './units.js'
import { type Attributes, addToWorkout, type OpenWorkout, openWorkout, workoutOf } from './workout.js'
import { textOf } from './xml/text.js'

/** What an import has to remember between two elements: JSON-able, part of the cursor. */
export interface ElementState {
  /** Elements read so far. */
  elements: number
  /** When the export was made, as the file says. */
  exportDate: string | null
  counts: Counts
  nights: OpenNights
  /** Elements were set aside as damaged: what was in them is not known. */
  damaged?: boolean
}

/** Turns the elements of an export into observations, one after the other. */
export interface ElementReader {
  /** A start tag. `depth` 0: a child of the root. Attribute values hold one character per byte. */
  open(name: string, attributes: Attributes, depth: number): void
  /** The child of the root that was opened last is complete and sound. */
  complete(): void
  /** It is damaged: set aside with where it begins. */
  abandon(reason: string, detail: string, offset: number): void
  /** The end of the export: closes open nights and reports the counts. */
  finish(): void
  state(): ElementState
}

const sweepEvery = 1024

/** @param emit takes the observations in the order of the file (sleep when its night is complete) */
export function createElementReader(
  emit: (observation: ObservationInput) => void,
  reject: Reject,
  before?: ElementState,
): ElementReader {
  const report = createReport(reject, before?.counts)
  const nights = createNights(emit, before?.nights)
  let elements = before?.elements ?? 0
  let exportDate = before?.exportDate ?? null
  let damaged = before?.damaged ?? false

  let top = ''
  let attributes: Attributes = {}
  let zone: string | null = null
  let manual = false
  let beats = false
  let workout: OpenWorkout | null = null

  // Where the record's start is, in time: set by `place`, read by those who build observations.
  let start = 0
  let end = 0
  let createdAt = 0
  let offset: number | null = null
  let zoneBasis: ZoneBasis = 'absent'

  /** HKTimeZone says where it was measured; else the date has the offset of the phone that exported it. */
  const placeAt = (at: number, text: string): void => {
    const carried = zone === null ? null : zoneOffset(zone, at)
    const written = offsetOf(text)
    offset = carried ?? (Number.isNaN(written) ? null : written)
    zoneBasis = carried !== null ? 'carried' : offset === null ? 'absent' : 'inferred'
  }

  const place = (): boolean => {
    const startText = attributes.startDate ?? ''
    const endText = attributes.endDate ?? startText
    start = instantOf(startText)
    end = endText === startText ? start : instantOf(endText)
    if (Number.isNaN(start) || Number.isNaN(end)) {
      report.single('date_invalid', kindOf(), plain(), 'startDate or endDate is missing or is no date.')
      return false
    }
    if (end < start) {
      report.single('interval_negative', kindOf(), plain(), 'endDate is before startDate.')
      return false
    }
    const created = attributes.creationDate === undefined ? Number.NaN : instantOf(attributes.creationDate)
    createdAt = Number.isNaN(created) ? 0 : created
    placeAt(start, startText)
    return true
  }

  const kindOf = (): string => textOf(attributes.type ?? attributes.workoutActivityType ?? top).slice(0, 100)
  const plain = (): unknown => ({
    element: top,
    attributes: Object.fromEntries(
      Object.entries(attributes).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, textOf(value).slice(0, 300)]],
      ),
    ),
  })

  const sample = (metric: string, value: number, unit: string): void => {
    const observation: Extract<ObservationInput, { shape: 'sample' }> = {
      shape: 'sample',
      metric,
      start,
      value,
      unit,
      source: sourceOf(attributes.sourceName, attributes.device),
      offset,
      zoneBasis,
    }
    if (end > start) observation.end = end
    if (createdAt > 0) observation.createdAt = createdAt
    if (manual) observation.flags = Flag.manual
    emit(observation)
  }

  const readNumber = (): number => {
    const text = attributes.value
    const value = text === undefined || text === '' ? Number.NaN : Number(text)
    if (!Number.isFinite(value))
      report.single('value_invalid', kindOf(), plain(), 'value is missing or is not a number.')
    return value
  }

  const quantity = (how: QuantityType): void => {
    if (!place()) return
    const value = readNumber()
    if (!Number.isFinite(value)) return
    const unit = unitOf(attributes.unit ?? '')
    if (how.count !== undefined && (unit === 'count' || unit === '')) sample(how.metric, value, how.count)
    else if (how.fraction !== undefined && unit === '%') sample(how.metric, percentOf(value, how.fraction), unit)
    else sample(how.metric, value, unit)
  }

  const sleepSegment = (): void => {
    const code = stageCode(attributes.value ?? '')
    if (code === null) {
      report.single('stage_unknown', special.sleep, plain(), 'The value is no stage of sleep that AUREN knows.')
      return
    }
    if (!place()) return
    if (end === start) {
      report.count('interval_empty', special.sleep)
      return
    }
    if (end - start > 86_400_000) {
      report.single('interval_too_long', special.sleep, plain(), 'One stage of sleep of more than a day.')
      return
    }
    placeAt(end, attributes.endDate ?? '')
    const { name, type } = sourceOf(attributes.sourceName, attributes.device)
    const carried = zoneBasis === 'carried' ? 1 : 0
    nights.add(name, type, [start, end, code, createdAt, offset, carried, manual ? 1 : 0], elements)
  }

  const record = (): void => {
    const type = attributes.type ?? ''
    const how = quantities.get(type)
    if (how !== undefined) quantity(how)
    else if (type === special.sleep) sleepSegment()
    else if (type === special.mindful) {
      if (!place()) return
      sample('mindful_minutes', (end - start) / 60_000, 'min')
    } else if (type === special.menstrualFlow) {
      const code = flowCode(attributes.value ?? '')
      if (code === null) report.single('value_invalid', type, plain(), 'The value is no flow that AUREN knows.')
      else if (place()) sample('menstrual_flow', code, 'code')
    } else if (type === special.alcohol) drinks()
    else if (ignored.has(type)) report.count('ignored', type)
    else report.count('unknown_type', textOf(type) || 'Record without a type')
    if (beats) report.count('ignored', 'HeartRateVariabilityMetadataList')
  }

  const drinks = (): void => {
    if (!place()) return
    const value = readNumber()
    if (!Number.isFinite(value)) return
    emit({
      shape: 'tag',
      tag: 'alcohol',
      start,
      ...(end > start ? { end } : {}),
      value,
      unit: '{drinks}',
      source: sourceOf(attributes.sourceName, attributes.device),
      offset,
      zoneBasis,
      ...(createdAt > 0 ? { createdAt } : {}),
      ...(manual ? { flags: Flag.manual } : {}),
    })
  }

  const finishWorkout = (of: OpenWorkout): void => {
    if (!place()) return
    const source = sourceOf(attributes.sourceName, attributes.device)
    emit(workoutOf(of, { source, offset, zoneBasis }, { start, end, createdAt }, manual))
  }

  const openTop = (name: string, given: Attributes): void => {
    top = name
    attributes = given
    zone = null
    manual = false
    beats = false
    workout = name === 'Workout' ? openWorkout(given) : null
  }

  const metadata = (given: Attributes): void => {
    if (given.key === 'HKTimeZone') zone = given.value ?? null
    else if (given.key === 'HKWasUserEntered') manual = given.value === '1' || given.value === 'true'
  }

  return {
    open(name, given, depth) {
      if (depth === 0) openTop(name, given)
      else if (depth > 1) return
      else if (workout !== null) {
        addToWorkout(workout, name, given)
        if (name === 'MetadataEntry') metadata(given)
        else if (name === 'WorkoutRoute') report.count('ignored', name)
      } else if (name === 'MetadataEntry') metadata(given)
      else if (name === 'HeartRateVariabilityMetadataList') beats = true
    },
    complete() {
      elements++
      if (top === 'Record') record()
      else if (workout !== null) finishWorkout(workout)
      else if (top === 'ExportDate') exportDate = textOf(attributes.value ?? '').slice(0, 40)
      // The records of a correlation (blood pressure, food) are there a second time, as children of the root.
      else if (top !== 'Correlation') report.count(ignored.has(top) ? 'ignored' : 'unknown_element', textOf(top))
      workout = null
      if (elements % sweepEvery === 0) nights.sweep(elements)
    },
    abandon(reason, detail, at) {
      elements++
      damaged = true
      report.single(reason, 'XML', { element: top.slice(0, 100), offset: at }, detail)
      top = ''
      attributes = {}
      workout = null
      if (elements % sweepEvery === 0) nights.sweep(elements)
    },
    finish() {
      nights.flush()
      report.finish(explain)
    },
    state: () => ({ elements, exportDate, counts: report.counts(), nights: nights.state(), damaged }),
  }
}

function explain(reason: string, name: string, n: number): string {
  if (reason === 'ignored') return `${n} × ${name}: ${ignored.get(name) ?? 'not read.'}`
  if (reason === 'unknown_type') return `${n} records of the type ${name}, which AUREN does not read.`
  if (reason === 'interval_empty') return `${n} stages of sleep that last no time at all.`
  return `${n} elements ${name}, which AUREN does not read.`
}
