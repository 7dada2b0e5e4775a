import { z } from 'zod'

const oldestBirth = '1900-01-01'

/**
 * What a person may say of themselves; each item optional, and nothing else taken. Zones are IANA names with the instant
 * (ms) from which each held, ascending; heart rates in beats per minute.
 *
 * @param today the latest birth date, `YYYY-MM-DD`
 */
export const profileBody = (today: () => string) =>
  z
    .strictObject({
      zones: z
        .array(z.strictObject({ from: z.int(), zone: z.string().max(80).refine(isZone, 'not an IANA time zone') }))
        .max(500)
        .refine(
          (zones) => zones.every(({ from }, i) => i === 0 || from > (zones[i - 1] as { from: number }).from),
          'must ascend, each with its own beginning',
        )
        .optional(),
      birthDate: z.iso
        .date()
        .refine((date) => date >= oldestBirth && date <= today(), `not between ${oldestBirth} and today`)
        .optional(),
      sex: z.enum(['female', 'male', 'other']).optional(),
      locale: z.string().max(35).refine(isLocale, 'not a BCP 47 language tag').optional(),
      units: z.enum(['metric', 'imperial']).optional(),
      restingHeartRate: z.number().min(20).max(150).optional(),
      maximalHeartRate: z.number().min(80).max(260).optional(),
      ranks: z.record(z.string().max(80), z.array(z.string().max(300)).max(50)).optional(),
    })
    .refine(
      ({ restingHeartRate, maximalHeartRate }) =>
        restingHeartRate === undefined || maximalHeartRate === undefined || restingHeartRate < maximalHeartRate,
      { path: ['restingHeartRate'], message: 'must be below maximalHeartRate' },
    )

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}
