import { fixed } from '@auren/core'
import { describe, expect, it } from 'vitest'
import { recovery } from '../src/neuros/recovery/index.js'
import { deviation, runAlone, understood } from './neuros/turn.js'

/** Values by metric for today, and for yesterday where given. */
async function verdict(
  today: Record<string, number>,
  yesterday: Record<string, number> = {},
): Promise<string | undefined> {
  const { update } = await runAlone(
    recovery(),
    { understanding: understood({ intent: 'recovery' }) },
    {
      metrics: Object.keys(today),
      answer: (query) => {
        const { metric, date } = query as { metric: string; date?: string }
        return deviation(metric, (date === '2026-11-22' ? yesterday : today)[metric] ?? 60, date ?? '2026-11-23')
      },
    },
  )
  return update.findings?.at(-1)?.sentences[0]
}

describe('recovery', () => {
  it('says strained for two different signs of one day', async () => {
    expect(await verdict({ resting_heart_rate: 70, hrv_rmssd: 50 })).toBe(fixed.strained)
  })
  it('says strained for one sign on two days', async () => {
    expect(await verdict({ resting_heart_rate: 70 }, { resting_heart_rate: 66 })).toBe(fixed.strained)
  })
  it('does not for one sign on one day', async () => {
    expect(await verdict({ resting_heart_rate: 70 })).toBe(fixed.outside)
    expect(await verdict({ resting_heart_rate: 70, hrv_rmssd: 60 }, { hrv_rmssd: 50 })).toBe(fixed.outside)
  })
  it('does not for two measures of one thing', async () => {
    expect(await verdict({ hrv_rmssd: 50, hrv_sdnn: 50 })).toBe(fixed.outside)
    expect(await verdict({ skin_temperature: 70, skin_temperature_deviation: 70 })).toBe(fixed.outside)
  })
  it('does not when readings leave the range the other way', async () => {
    expect(await verdict({ resting_heart_rate: 50, hrv_rmssd: 70 })).toBe(fixed.outside)
  })
  it('says so when all is usual, and nothing without data', async () => {
    expect(await verdict({ resting_heart_rate: 60, hrv_rmssd: 61 })).toBe(fixed.usual)
    expect(await verdict({})).toBeUndefined()
  })
  it('names no disease in anything it says', () => {
    expect(fixed.strained).not.toMatch(/covid|flu|disease|diagnos/i)
  })
})
