import { z } from 'zod'

/** Records of the API v3 as far as they are read. Of the older v2, where fields have other names, both are met. */
const id = z.string().min(1).max(200)
const stamp = z.string().min(1).max(60)
const word = z.string().max(80).nullish()

/** What every record has. */
export const Base = z.object({
  recordId: id.nullish(),
  /** v2 */
  eventId: id.nullish(),
  systemTime: stamp,
  displayTime: stamp.nullish(),
  transmitterGeneration: word,
})
/** A record with its times. */
export type Base = z.infer<typeof Base>

/** A reading of the sensor, or of a meter that it was calibrated with. */
export const Reading = Base.extend({
  transmitterId: z.string().max(200).nullish(),
  value: z.number().nullish(),
  unit: word,
  status: word,
})

/** What the person entered. */
export const Event = Base.extend({
  eventStatus: word,
  eventType: z.string().min(1).max(80),
  eventSubType: word,
  /** A string in the schema, a number in the example of it. */
  value: z.union([z.string().max(20_000), z.number()]).nullish(),
  unit: word,
})

/** A reading of the Share service, which followers' apps see: three clocks, no id. */
export const Share = z.object({ DT: stamp, ST: stamp, WT: stamp.nullish(), Value: z.number() })

/** Collections that have something measured or entered in them. */
export const collections = ['egvs', 'events', 'calibrations'] as const

/** Records of one collection as they were fetched. `share`, and collections that hold no measurement, come from documents only. */
export const Payload = z.object({
  collection: z.string().min(1).max(60),
  records: z.array(z.unknown()).max(500_000),
})
/** Records of one collection as they were fetched. */
export type Payload = z.infer<typeof Payload>
