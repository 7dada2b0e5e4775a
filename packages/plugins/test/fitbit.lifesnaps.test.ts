import { readFileSync } from 'node:fs'
import { accept } from '@auren/core'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../test/shared.js'
import { csv, of, plugin, read, receivedAt, zipFrom } from './fitbit-files.js'

const lifesnaps = shared('eval', 'lifesnaps', 'daily_fitbit_sema_df_unprocessed.csv')

describe('real days of 71 people', () => {
  it.skipIf(!lifesnaps)(
    'come through as they were, the zeros of days without the tracker left out',
    { timeout: 60_000 },
    async () => {
      const rows = parse(readFileSync(lifesnaps ?? ''), { columns: true }) as Record<string, string>[]
      const number = (row: Record<string, string>, name: string) => (row[name] ? Number(row[name]) : null)
      const us = (date: string) => `${date.slice(5, 7)}/${date.slice(8, 10)}/${date.slice(2, 4)}`
      const people = new Map<string, Record<string, string>[]>()
      for (const row of rows) people.set(row.id ?? '', [...(people.get(row.id ?? '') ?? []), row])
      expect(people.size).toBe(71)
      let days = 0
      for (const own of people.values()) {
        const having = (name: string) => own.filter((row) => number(row, name) !== null)
        const daily = (name: string, value: (row: Record<string, string>) => unknown) =>
          having(name).map((row) => ({ dateTime: `${us(row.date ?? '')} 00:00:00`, value: value(row) }))
        const source = zipFrom(
          {
            'resting_heart_rate-2021-05-01.json': daily('resting_hr', (row) => ({
              date: us(row.date ?? ''),
              value: number(row, 'resting_hr'),
            })),
            'demographic_vo2_max-2021-05-01.json': daily('filteredDemographicVO2Max', (row) => ({
              filteredDemographicVO2Max: number(row, 'filteredDemographicVO2Max'),
            })),
            'steps-2021-05-01.json': having('steps').map((row) => ({
              dateTime: `${us(row.date ?? '')} 12:00:00`,
              value: String(Math.round(number(row, 'steps') ?? 0)),
            })),
            'lightly_active_minutes-2021-05-01.json': daily(
              'lightly_active_minutes',
              (row) => row.lightly_active_minutes,
            ),
            'sedentary_minutes-2021-05-01.json': daily('sedentary_minutes', (row) => row.sedentary_minutes),
            'Stress Score.csv': csv(
              'DATE,STRESS_SCORE,STATUS,CALCULATION_FAILED',
              ...having('stress_score').map((row) => [`${row.date}T00:00:00`, row.stress_score, 'READY', 'false']),
            ),
            'Daily Heart Rate Variability Summary - 2021-05-(01).csv': csv(
              'timestamp,rmssd,nremhr,entropy',
              ...having('rmssd').map((row) => [`${row.date}T00:00:00`, row.rmssd, row.nremhr, 1]),
            ),
            'Daily SpO2 - 2021-05-01.csv': csv(
              'timestamp,average_value,lower_bound,upper_bound',
              ...having('spo2').map((row) => [`${row.date}T00:00:00Z`, row.spo2, '', '']),
            ),
          },
          'MyFitbitData/x/',
        )
        const { observations } = await read(source, () => 'Europe/Athens')
        const { accepted, aside } = accept(observations, {
          provider: 'fitbit',
          account: 'x',
          receivedAt,
          registry: plugin.metrics ?? {},
        })
        expect(aside).toEqual([])
        for (const [metric, name, most] of [
          ['resting_heart_rate', 'resting_hr', 300],
          ['vo2_max', 'filteredDemographicVO2Max', 100],
          ['fitbit.light_minutes', 'lightly_active_minutes', 1440],
          ['sedentary_minutes', 'sedentary_minutes', 1439.5],
          ['fitbit.stress_score', 'stress_score', 100],
          ['fitbit.non_rem_heart_rate', 'nremhr', 300],
          ['oxygen_saturation', 'spo2', 100],
        ] as const) {
          const wanted = having(name)
            .map((row) => [row.date, number(row, name)] as const)
            .filter(([, value]) => value !== null && value <= most && (value > 0 || name === 'sedentary_minutes'))
          const found = of(accepted, metric).map(({ date, value }) => [date, value] as const)
          expect(Object.fromEntries(found), name).toEqual(Object.fromEntries(wanted))
          days += found.length
        }
        const walked = having('steps').filter((row) => (number(row, 'steps') ?? 0) > 0)
        expect(of(accepted, 'steps').map(({ value }) => value)).toEqual(
          walked.map((row) => Math.round(Number(row.steps))),
        )
      }
      expect(days).toBeGreaterThan(20_000)
    },
  )
})
