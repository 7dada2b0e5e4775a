import { z } from 'zod'

/** One answer of the Web API, as it came, and what has to be known besides. */
export const Payload = z.object({
  /** An answer: an object, or a list of days. */
  document: z.unknown(),
  /** The date that was asked for, where the answer does not say it. */
  date: z.iso.date().nullish(),
  /** IANA zone of the person's profile: where nothing else says where they were. */
  zone: z.string().max(100).nullish(),
  /** Records that were there and are not any longer. */
  missing: z.array(z.string().min(1).max(300)).max(10_000).optional(),
})
export type Payload = z.infer<typeof Payload>

/** One entry of a notification. */
export const Notice = z.object({
  collectionType: z.string().min(1).max(60),
  ownerId: z.string().min(1).max(100),
  date: z.iso.date().nullish().catch(null),
})

/** A number, or one as text. */
export const number = z
  .union([z.number(), z.string().regex(/^-?\d{1,15}(\.\d{1,20})?(e-?\d{1,2})?$/i)])
  .transform(Number)
  .pipe(z.number().finite())
export const maybe = number.nullish().catch(null)
export const words = z.string().max(10_000).nullish().catch(null)
export const id = z.union([z.int(), z.string().min(1).max(100)])
export const text = z.string().min(1).max(60)
