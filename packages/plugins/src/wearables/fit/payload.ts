import { z } from 'zod'

const Value = z.union([z.number(), z.string().max(1000), z.array(z.number().nullable()).max(255)])

/** A message of a FIT file: its fields by their number, as they are written there (unscaled, times in FIT seconds). */
export const Message = z.object({
  number: z.int().min(0).max(65_535),
  fields: z.record(z.string().regex(/^\d{1,3}$/), Value),
  developer: z
    .array(
      z.object({
        name: z.string().max(100),
        units: z.string().max(40).optional(),
        native: z.tuple([z.int(), z.int()]).optional(),
        value: Value,
      }),
    )
    .max(255)
    .optional(),
})

/** Messages of one FIT file as JSON, for apps that decode it themselves. Each is held to its schema when it is read. */
export const Payload = z.object({
  messages: z.array(z.unknown()).max(500_000),
  /** How the device is called. */
  device: z.string().max(200).optional(),
})
export type Payload = z.infer<typeof Payload>
