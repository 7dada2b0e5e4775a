import type { NormalizeContext, ObservationInput, Source } from '@auren/core'
import type { z } from 'zod'
import { present } from '../../vendor/items.js'
import { lookup } from '../../vendor/lookup.js'
import { activityOf } from './activities.js'
import { Extension, Point, type Workout } from './payload.js'

const streams = lookup<readonly [metric: string, unit: string]>({
  HeartrateStreamExtension: ['heart_rate', '/min'],
  SpeedStreamExtension: ['speed', 'm/s'],
})

/** A workout, and in a record of its own what was measured along it: a list of workouts comes without that. */
export function* workout(given: z.infer<typeof Workout>, ctx: NormalizeContext): Iterable<ObservationInput> {
  const start = Math.round(given.startTime)
  const end = Math.round(given.stopTime ?? start + given.totalTime * 1000)
  if (end < start) {
    ctx.reject({ workoutKey: given.workoutKey }, 'order', 'workouts: its end is before its start')
    return
  }
  const extensions = (given.extensions ?? []).flatMap((one) => Extension.safeParse(one).data ?? [])
  const offset = given.timeOffsetInMinutes ?? null
  const zone =
    offset !== null && Number.isInteger(offset) && Math.abs(offset) <= 1080
      ? ({ offset, zoneBasis: 'carried' } as const)
      : ({ offset: null, zoneBasis: 'absent' } as const)
  const source = sourceOf(given.gear ?? extensions.find(({ gear }) => gear)?.gear)
  const { activity, word } = activityOf(given.activityId)
  const text = [given.workoutName, given.description].filter(Boolean).join('\n').slice(0, 10_000)
  const { hrdata: rates } = given
  yield {
    shape: 'session',
    kind: 'workout',
    start,
    end,
    activity,
    vendorActivity: word,
    measures: present({
      // Zero where the sport has none of it.
      distance: given.totalDistance || null,
      steps: given.stepCount || null,
      energy_active: given.energyConsumption || null,
      heart_rate: (rates?.avg ?? rates?.workoutAvgHR) || null,
      // `max` beside it is the person's own limit.
      heart_rate_max: (rates?.hrmax ?? rates?.workoutMaxHR) || null,
      speed: given.avgSpeed || null,
      speed_max: given.maxSpeed || null,
      power: given.avgPower || null,
      power_max: given.maxPower || null,
      elevation_gained: given.totalAscent,
    }),
    ...(text === '' ? {} : { text }),
    source,
    ...zone,
    recordId: `workout/${given.workoutKey}`,
  }
  const base = { shape: 'sample', source, ...zone, recordId: `workout-streams/${given.workoutKey}` } as const
  for (const { type, points } of extensions) {
    const stream = streams[type]
    if (!stream) continue
    for (const point of points ?? []) {
      const read = Point.safeParse(point)
      if (!read.success) ctx.reject(point, 'schema', `workouts: a point of ${stream[0]}`)
      else if (read.data.value != null && (stream[0] !== 'heart_rate' || read.data.value > 0))
        yield { ...base, metric: stream[0], start: read.data.timestamp, value: read.data.value, unit: stream[1] }
    }
  }
}

function sourceOf(
  gear: { displayName?: string | null | undefined; name?: string | null | undefined } | null | undefined,
): Source {
  const name = (gear?.displayName ?? gear?.name ?? '').trim().slice(0, 200)
  return { name: name || 'Suunto', type: 'watch' }
}
