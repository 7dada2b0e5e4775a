import type { Auren, ObservationInput } from '@auren/core'
import { SingleBar } from 'cli-progress'
import { Temporal } from 'temporal-polyfill'
import type { Output } from '../cli/output.js'
import type { Config } from '../config.js'
import { demoDays } from './body.js'
import { DAYS, HOME, plan, zoneOf } from './plan.js'

/** The same demo person everywhere. */
const SEED = 20_260_101
/** Days of one delivery. */
const DAYS_PER_DELIVERY = 21

/**
 * Makes the demo person, once: three years through the very door that an app of one's own uses, ending yesterday.
 */
export async function createDemo(
  auren: Auren,
  config: Config,
  output: Output,
  now: number = Date.now(),
): Promise<void> {
  const user = config.user
  const memory = auren.memory.for(user)
  const profile = await memory.profile()
  // The newest day is yesterday: today is not over.
  const last = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(HOME).toPlainDate().subtract({ days: 1 })
  if (!profile.zones) await memory.setProfile({ ...profile, zones: zonesOf(last), units: profile.units ?? 'metric' })

  const known = new Set((await auren.metrics(user)).map((metric) => metric.metric))
  if (known.has('resting_heart_rate') && known.has('steps')) {
    output.print('The demo person is here already.')
    return
  }
  output.note('Making a demo person: three years, three devices …')
  const bar = output.interactive
    ? new SingleBar({ format: '{bar} {percentage}% | {date}', stream: process.stderr, hideCursor: true })
    : null
  bar?.start(DAYS, 0, { date: '' })
  let held: ObservationInput[] = []
  let done = 0
  for (const { date, observations } of demoDays(SEED, last)) {
    held.push(...observations)
    done++
    if (done % DAYS_PER_DELIVERY === 0 || done === DAYS) {
      await auren.ingest.observations({
        userId: user,
        provider: 'demo',
        key: `demo-${SEED}-${date}`,
        observations: held,
      })
      held = []
      bar?.update(done, { date })
    }
  }
  await auren.ingest.settled()
  await memory.remember({ kind: 'goal', text: 'Sleep at least 7 hours a night', about: ['sleep_duration'] })
  await memory.consolidate()
  bar?.stop()
  output.print('The demo person is ready. What is planted in their data: docs/demo.md')
}

/** Zone history of the plan: home, and each journey. */
function zonesOf(last: Temporal.PlainDate): { from: number; zone: string }[] {
  const first = last.subtract({ days: DAYS - 1 })
  const at = (day: number, zone: string): { from: number; zone: string } => ({
    from: first.add({ days: day }).toZonedDateTime(zone).epochMilliseconds,
    zone,
  })
  return [
    { from: 0, zone: HOME },
    ...plan.travel.flatMap((trip) => [at(trip.from, zoneOf(trip.from)), at(trip.to + 1, HOME)]),
  ]
}
