import type { NormalizeContext, ObservationInput, Source } from '@auren/core'
import type { z } from 'zod'
import { present } from '../../vendor/items.js'
import { activityOf } from './activities.js'
import { type Frame, given, type Item, itemOf, type Revision } from './make.js'
import { type Activity, type ActivityDetails, ActivityLap, ActivitySample, type MoveIq } from './payload.js'

type Summary = z.infer<typeof Activity>

/** What the person has corrected holds over what the watch has sent. */
const CORRECTED = 1_000_000_000
/** The details of an activity say more than its summary of the same length. */
const DETAILED = 0.5

/** An activity. Its record is that of the activity, whichever summary tells of it: it must not count twice. */
export function activity(
  summary: Summary,
  id: string,
  ctx: NormalizeContext,
  { corrected = false }: { corrected?: boolean } = {},
): Revision[] {
  const frame = frameOf(summary, summary.activityId ?? id, corrected ? CORRECTED : 0)
  return [{ ...frame, observations: () => workout(summary, [], itemOf(frame, ctx)) }]
}

/** An activity with what was measured along it. The samples are a record of their own, that a corrected title leaves alone. */
export function activityDetails(
  { summary, activityId, samples, laps }: z.infer<typeof ActivityDetails>,
  id: string,
  ctx: NormalizeContext,
): Revision[] {
  const of = activityId ?? summary.activityId ?? id.replace(/-detail$/, '')
  const session = frameOf(summary, of, DETAILED)
  const along: Frame = { ...session, recordId: `activityDetails/${of}` }
  return [
    { ...session, observations: () => workout(summary, laps ?? [], itemOf(session, ctx)) },
    { ...along, observations: () => samplesOf(samples ?? [], itemOf(along, ctx)) },
  ]
}

/** A movement that the watch found by itself. Where the person has recorded it too, that one stands for both. */
export function moveIq(summary: z.infer<typeof MoveIq>, id: string, ctx: NormalizeContext): Revision[] {
  const frame: Frame = {
    recordId: `moveIQActivities/${id}`,
    version: summary.durationInSeconds,
    startTimeInSeconds: summary.startTimeInSeconds,
    offsetInSeconds: summary.startTimeOffsetInSeconds ?? summary.offsetInSeconds,
    durationInSeconds: summary.durationInSeconds,
    source: { name: 'Garmin Move IQ', type: 'watch' },
  }
  const words = [summary.activityType, summary.activitySubType].filter(Boolean).join(': ')
  return [
    {
      ...frame,
      *observations() {
        const item = itemOf(frame, ctx)
        yield {
          shape: 'session',
          kind: 'workout',
          start: item.start,
          end: item.end,
          activity: activityOf(summary.activityType),
          ...(words === '' ? {} : { vendorActivity: words.slice(0, 200) }),
          measures: {},
          ...item.zone(item.start),
          ...item.record(),
        }
      },
    },
  ]
}

function frameOf(summary: Summary, id: string | number, rank: number): Frame {
  return {
    recordId: `activity/${id}`,
    version: summary.durationInSeconds + rank,
    startTimeInSeconds: summary.startTimeInSeconds,
    offsetInSeconds: summary.startTimeOffsetInSeconds,
    durationInSeconds: summary.durationInSeconds,
    source: sourceOf(summary),
    manual: summary.manual === true,
  }
}

function sourceOf({ deviceName, manual }: Summary): Source {
  const name = (deviceName ?? '').trim().slice(0, 200)
  if (manual) return { name: name || 'Garmin', type: 'manual' }
  // A computer on the handlebar is worn by nobody.
  return { name: name || 'Garmin', type: /\bedge\b/i.test(name) ? 'unknown' : 'watch' }
}

function* workout(summary: Summary, laps: readonly unknown[], item: Item): Iterable<ObservationInput> {
  const { start, end } = item
  const parts = lapsOf(laps, item)
  const word = (summary.activityType ?? '').slice(0, 200)
  yield {
    shape: 'session',
    kind: 'workout',
    start,
    end,
    activity: activityOf(word),
    ...(word === '' ? {} : { vendorActivity: word }),
    ...(parts.length > 0 ? { laps: parts } : {}),
    measures: present({
      distance: summary.distanceInMeters,
      energy_active: summary.activeKilocalories,
      steps: summary.steps,
      heart_rate: summary.averageHeartRateInBeatsPerMinute,
      heart_rate_max: summary.maxHeartRateInBeatsPerMinute,
      speed: summary.averageSpeedInMetersPerSecond,
      speed_max: summary.maxSpeedInMetersPerSecond,
      cadence: cadenceOf(summary),
      elevation_gained: summary.totalElevationGainInMeters,
    }),
    ...(summary.activityName ? { text: summary.activityName } : {}),
    ...item.zone(start),
    ...item.record(),
  }
}

/** Garmin's example calls strides "steps per minute": the steps of the activity tell which of the two a value is. */
function cadenceOf(summary: Summary): number | null {
  const { averageRunCadenceInStepsPerMinute: told, steps, durationInSeconds: seconds } = summary
  if (told == null || steps == null || seconds <= 0) return summary.averageBikeCadenceInRoundsPerMinute ?? null
  const counted = (steps / seconds) * 60
  return Math.abs(told * 2 - counted) < Math.abs(told - counted) ? told * 2 : told
}

/** Laps have a start only: each lasts until the next. */
function lapsOf(given: readonly unknown[], { start, end, ctx }: Item): { start: number; end: number }[] {
  const starts: number[] = []
  for (const lap of given) {
    const read = ActivityLap.safeParse(lap)
    const at = read.success ? Math.round(read.data.startTimeInSeconds * 1000) : Number.NaN
    if (at >= start && at <= end) starts.push(at)
    else ctx.reject(lap, 'schema', 'activityDetails: a lap that is not within its activity')
  }
  starts.sort((a, b) => a - b)
  return starts.map((at, i) => ({ start: at, end: starts[i + 1] ?? end }))
}

function* samplesOf(listed: readonly unknown[], item: Item): Iterable<ObservationInput> {
  for (const one of listed) {
    const read = ActivitySample.safeParse(one)
    if (!read.success) {
      item.ctx.reject(one, 'schema', 'activityDetails: a sample without its time, or with text for a number')
      continue
    }
    const at = Math.round(read.data.startTimeInSeconds * 1000)
    yield* given(item, at, 'heart_rate', read.data.heartRate || null, '/min')
    yield* given(item, at, 'speed', read.data.speedMetersPerSecond, 'm/s')
    yield* given(item, at, 'power', read.data.powerInWatts, 'W')
    yield* given(item, at, 'cadence', read.data.bikeCadenceInRPM, '/min')
  }
}
