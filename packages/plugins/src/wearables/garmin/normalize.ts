import type { NormalizeContext, ObservationInput } from '@auren/core'
import type { z } from 'zod'
import { setAside } from '../../vendor/items.js'
import { lookup } from '../../vendor/lookup.js'
import { day, epoch, userMetrics } from './days.js'
import type { Revision } from './make.js'
import {
  Activity,
  ActivityDetails,
  BloodPressure,
  BodyComposition,
  Daily,
  Epoch,
  HealthSnapshot,
  Hrv,
  MoveIq,
  type Payload,
  PulseOx,
  Respiration,
  SkinTemperature,
  Sleep,
  Stress,
  UserMetrics,
} from './payload.js'
import { night } from './sleep.js'
import {
  bloodPressure,
  bodyComposition,
  healthSnapshot,
  hrv,
  pulseOx,
  respiration,
  skinTemperature,
  stress,
} from './vitals.js'
import { activity, activityDetails, moveIq } from './workouts.js'

/** Reads one summary of a type. */
type Reader = (item: unknown, ctx: NormalizeContext) => Revision[]

/** Reads summaries of a schema. Without an id a summary is named by its start, which Garmin makes the id of. */
function reader<S extends z.ZodType>(
  type: string,
  schema: S,
  read: (summary: z.infer<S>, id: string, ctx: NormalizeContext) => Revision[],
): Reader {
  return (item, ctx) => {
    const parsed = schema.safeParse(item)
    if (!parsed.success) {
      setAside(item, type, parsed.error, ctx)
      return []
    }
    const { summaryId, startTimeInSeconds, measurementTimeInSeconds } = parsed.data as Record<string, unknown>
    return read(parsed.data, String(summaryId ?? startTimeInSeconds ?? measurementTimeInSeconds ?? ''), ctx)
  }
}

/** Types of summaries, by their name in lower case; some have another one in the address that they are fetched from. */
const readers = lookup<Reader>({
  dailies: reader('dailies', Daily, day),
  sleeps: reader('sleeps', Sleep, night),
  bodycomps: reader('bodyComps', BodyComposition, bodyComposition),
  stressdetails: reader('stressDetails', Stress, stress),
  usermetrics: reader('userMetrics', UserMetrics, (summary, _id, ctx) => userMetrics(summary, ctx)),
  pulseox: reader('pulseox', PulseOx, pulseOx),
  alldayrespiration: reader('allDayRespiration', Respiration, respiration),
  respiration: reader('allDayRespiration', Respiration, respiration),
  healthsnapshot: reader('healthSnapshot', HealthSnapshot, healthSnapshot),
  hrv: reader('hrv', Hrv, hrv),
  bloodpressures: reader('bloodPressures', BloodPressure, bloodPressure),
  skintemp: reader('skinTemp', SkinTemperature, skinTemperature),
  activities: reader('activities', Activity, activity),
  manuallyupdatedactivities: reader('manuallyUpdatedActivities', Activity, (summary, id, ctx) =>
    activity(summary, id, ctx, { corrected: true }),
  ),
  activitydetails: reader('activityDetails', ActivityDetails, activityDetails),
  moveiqactivities: reader('moveIQActivities', MoveIq, moveIq),
  moveiq: reader('moveIQActivities', MoveIq, moveIq),
})

/**
 * Summaries of one person → observations. Of a record that is told of more than once, in one delivery or in many, the
 * newest revision holds: the longer, else the later. What does not fit its schema is set aside by itself.
 */
export function* normalize(payload: Payload, ctx: NormalizeContext): Iterable<ObservationInput> {
  const newest = new Map<string, Revision>()
  for (const [type, items] of Object.entries(payload.summaries)) {
    const name = type.toLowerCase()
    const read = readers[name]
    const found = name === 'epochs' ? epochs(items, ctx) : read ? items.flatMap((item) => read(item, ctx)) : null
    if (!found)
      for (const item of items) ctx.reject(item, 'not_read', `${type.slice(0, 60)}: summaries that are not read`)
    for (const revision of found ?? []) {
      const held = newest.get(revision.recordId)
      if (!held || revision.version >= held.version) newest.set(revision.recordId, revision)
    }
  }
  for (const revision of newest.values()) yield* revision.observations()
}

/** Rows of epochs, each with those of the same start. */
function epochs(items: readonly unknown[], ctx: NormalizeContext): Revision[] {
  const rows = new Map<number, z.infer<typeof Epoch>[]>()
  for (const item of items) {
    const parsed = Epoch.safeParse(item)
    if (!parsed.success) {
      setAside(item, 'epochs', parsed.error, ctx)
      continue
    }
    const { startTimeInSeconds: start } = parsed.data
    rows.set(start, [...(rows.get(start) ?? []), parsed.data])
  }
  return [...rows.values()].flatMap((of) => epoch(of, ctx))
}
