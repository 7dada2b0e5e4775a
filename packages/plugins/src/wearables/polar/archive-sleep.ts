import type { ObservationInput } from '@auren/core'
import { z } from 'zod'
import type { PartContext } from '../../files/index.js'
import { present } from '../../vendor/items.js'
import { lookup } from '../../vendor/lookup.js'
import { durationOf, offsetWritten } from './times.js'
import { source, totalsOf } from './totals.js'

const number = z.number().finite().nullish()
const Nights = z.array(z.unknown()).max(100_000)
const Night = z.object({
  night: z.iso.date(),
  evaluation: z
    .object({
      asleepDuration: z.string().max(60).nullish(),
      analysis: z.object({ efficiencyPercent: number }).nullish(),
      interruptions: z.object({ totalDuration: z.string().max(60).nullish() }).nullish(),
      phaseDurations: z
        .object({
          wake: z.string().max(60).nullish(),
          rem: z.string().max(60).nullish(),
          light: z.string().max(60).nullish(),
          deep: z.string().max(60).nullish(),
        })
        .nullish(),
    })
    .nullish(),
  sleepResult: z.object({
    hypnogram: z.object({
      sleepStart: z.iso.datetime({ offset: true }),
      sleepEnd: z.iso.datetime({ offset: true }),
      sleepStateChanges: z.array(z.unknown()).max(5000).nullish(),
    }),
  }),
})
const Change = z.object({ offsetFromStart: z.string().max(60), state: z.string().max(60) })
const states = lookup<'awake' | 'rem' | 'light' | 'deep' | 'no_data'>({
  WAKE: 'awake',
  REM: 'rem',
  NONREM1: 'light',
  NONREM2: 'light',
  NONREM3: 'deep',
  UNKNOWN: 'no_data',
})

/** Nights of a Polar Flow account, with their stages. */
export function* nights(value: unknown, ctx: PartContext): Iterable<ObservationInput> {
  for (const item of Nights.safeParse(value).data ?? []) {
    const parsed = Night.safeParse(item)
    if (!parsed.success) {
      ctx.reject(item, 'schema', 'A night that cannot be read.')
      continue
    }
    const { night, evaluation, sleepResult } = parsed.data
    const { sleepStart, sleepEnd, sleepStateChanges } = sleepResult.hypnogram
    const [start, end] = [Date.parse(sleepStart), Date.parse(sleepEnd)]
    if (end < start) {
      ctx.reject({ night }, 'order', 'A night that ends before it starts.')
      continue
    }
    const seconds = (text: string | null | undefined): number | null => {
      const length = durationOf(text ?? '')
      return length === null ? null : length / 1000
    }
    const changes = (sleepStateChanges ?? []).flatMap((one) => {
      const change = Change.safeParse(one).data
      const after = change ? durationOf(change.offsetFromStart) : null
      return change && after !== null
        ? [{ at: start + after, stage: states[change.state] ?? ('no_data' as const) }]
        : []
    })
    const phases = evaluation?.phaseDurations
    yield {
      shape: 'session',
      kind: 'sleep',
      start,
      end,
      stages: changes.flatMap(({ at, stage }, i) => {
        const to = Math.min(end, changes[i + 1]?.at ?? end)
        return to > at ? [{ stage, start: at, end: to }] : []
      }),
      measures: present({
        sleep_duration: seconds(evaluation?.asleepDuration),
        sleep_light: seconds(phases?.light),
        sleep_deep: seconds(phases?.deep),
        sleep_rem: seconds(phases?.rem),
        sleep_awake: seconds(evaluation?.interruptions?.totalDuration ?? phases?.wake),
        sleep_efficiency: evaluation?.analysis?.efficiencyPercent,
      }),
      source,
      offset: offsetWritten(sleepEnd),
      zoneBasis: 'carried',
      // As the API names it: the same night from both is one record.
      recordId: `sleep/${night}`,
    }
  }
}

const Recovery = z.object({
  night: z.iso.date(),
  meanNightlyRecoveryRmssd: number,
  ansStatus: number,
  recoveryIndicator: number,
})

/** What Nightly Recharge says of a night. */
export function* recoveries(value: unknown, ctx: PartContext): Iterable<ObservationInput> {
  for (const item of Nights.safeParse(value).data ?? []) {
    const parsed = Recovery.safeParse(item)
    if (!parsed.success) {
      ctx.reject(item, 'schema', 'A nightly recovery that cannot be read.')
      continue
    }
    const { night: date, meanNightlyRecoveryRmssd, ansStatus, recoveryIndicator } = parsed.data
    yield* totalsOf(date, `recharge/${date}`, [
      ['hrv_rmssd', meanNightlyRecoveryRmssd || null, 'ms'],
      ['polar.ans_charge', ansStatus, '{score}'],
      ['polar.nightly_recharge', recoveryIndicator || null, 'code'],
    ])
  }
}
