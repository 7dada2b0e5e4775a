import { z } from 'zod'
import { CivilDateTime } from './times.js'

/** Points of one data type, as they were fetched. */
export const Payload = z.object({
  /** As the API's address has it: `heart-rate`. */
  dataType: z.string().min(1).max(100),
  points: z.array(z.unknown()).max(500_000).default([]),
  /** Sums of days: answers of `dailyRollUp`. */
  rollups: z.array(z.unknown()).max(10_000).optional(),
  /** Records that were there and are not any longer. */
  missing: z.array(z.string().min(1).max(300)).max(100_000).optional(),
  /** Set where the document only tells that there is something to be fetched. */
  notice: z.boolean().optional(),
})
export type Payload = z.infer<typeof Payload>

const Civil = z.object({ startTime: z.string().max(60), endTime: z.string().max(60) })
const Changed = z.object({
  physicalTimeInterval: Civil.nullish().catch(null),
  civilIso8601TimeInterval: Civil.nullish().catch(null),
  civilDateTimeInterval: z.object({ startDateTime: CivilDateTime, endDateTime: CivilDateTime }).nullish().catch(null),
})
export type Changed = z.infer<typeof Changed>

/** One notification. Live traffic has words that the documentation has not: only who and what is required. */
export const Notification = z.object({
  data: Changed.extend({
    healthUserId: z.string().min(1).max(200),
    dataType: z.string().min(1).max(100),
    operation: z.string().max(60).nullish(),
    intervals: z.array(Changed).max(10_000).nullish(),
  }),
})
export type Notification = z.infer<typeof Notification>

export const Identity = z.object({ healthUserId: z.string().min(1).max(200) })

/** A page of points, listed or reconciled, or of sums. */
export const Page = z.object({
  dataPoints: z.array(z.unknown()).nullish(),
  reconciledDataPoints: z.array(z.unknown()).nullish(),
  rollupDataPoints: z.array(z.unknown()).nullish(),
  nextPageToken: z.string().max(8000).nullish(),
})

export type Page = z.infer<typeof Page>

/** A number; whole ones of 64 bits come as text. */
export const number = z
  .union([z.number(), z.string().regex(/^-?\d{1,19}(\.\d{1,12})?$/)])
  .transform(Number)
  .pipe(z.number().finite())
export const maybe = number.nullish().catch(null)
