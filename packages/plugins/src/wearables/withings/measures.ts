import { Flag, type NormalizeContext, type ObservationInput } from '@auren/core'
import { deviceOf } from './devices.js'
import { leftOut, measureTypes } from './metrics.js'
import { Measure, type MeasureGroup } from './payload.js'
import { zoned } from './zones.js'

/** `attrib`: whose a measure is is not clear (several persons of one weight). Held out until somebody confirms it. */
const AMBIGUOUS = 1
const manualAttribs: ReadonlySet<number> = new Set([2, 4])
const REAL = 1
const GOAL = 2
/** Of `position`: the whole body. Of what it is made of, all others are parts (an arm, the torso). */
const WHOLE_BODY = 7
const composition: ReadonlySet<number> = new Set([5, 8, 76, 77, 88])

/** True where the person typed it in. */
export function isManual(attrib: number | null | undefined): boolean {
  return manualAttribs.has(attrib ?? 0)
}

/** True where Withings cannot tell whose it is. */
export function isAmbiguous(attrib: number | null | undefined): boolean {
  return attrib === AMBIGUOUS
}

/** `value × 10^unit`, without the noise of a multiplication: 77180 and -3 are 77.18. */
export function scaled(value: number, unit: number): number {
  return Number(`${value}e${unit}`)
}

/** What was measured together: one weighing, one reading of the blood pressure. */
export function* measureGroup(
  group: MeasureGroup,
  ctx: NormalizeContext,
  timezone: string | null,
): Iterable<ObservationInput> {
  const recordId = `measures/${group.grpid}`
  const version = group.modified ?? undefined
  // A goal is a wish, not a measurement.
  if (group.category === GOAL) return
  if (group.category != null && group.category !== REAL)
    return ctx.reject(group, 'unknown_code', 'measures: the category is not known')
  if (isAmbiguous(group.attrib)) {
    yield { shape: 'deletion', recordId, ...(version === undefined ? {} : { version }) }
    return ctx.reject(group, 'ambiguous_person', 'measures: Withings cannot tell whose this is (attrib 1)')
  }
  const start = group.date * 1000
  const manual = isManual(group.attrib)
  const base = {
    shape: 'sample',
    start,
    source: deviceOf(group.model, group.modelid, manual),
    ...zoned(start, group.timezone, timezone),
    recordId,
    ...(version === undefined ? {} : { version }),
    ...(group.created == null ? {} : { createdAt: group.created * 1000 }),
    ...(manual ? { flags: Flag.manual } : {}),
  } as const
  for (const item of group.measures) {
    const measure = Measure.safeParse(item)
    if (!measure.success) {
      ctx.reject(item, 'schema', 'measures: a measure is not value, type and unit')
      continue
    }
    const { type, value, unit, position } = measure.data
    if (leftOut.has(type) || (composition.has(type) && position != null && position !== WHOLE_BODY)) continue
    const known = measureTypes[type]
    if (known) yield { ...base, metric: known[0], value: scaled(value, unit), unit: known[1] }
    else ctx.reject(item, 'unknown_code', `measures: type ${type} is not known`)
  }
}
