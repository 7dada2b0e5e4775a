import { z } from 'zod'

const list = z.array(z.unknown()).max(50_000)

/** Version 1 of a batch: records as Health Connect's API has them, or changes since a token. */
export const Batch = z
  .looseObject({
    version: z.literal(1).optional(),
    /** Records that were read. */
    records: list.optional(),
    /** `UpsertionChange` and `DeletionChange`, in their order. */
    changes: list.optional(),
    /** The same in two lists, as `getChanges` of react-native-health-connect has them. */
    upsertionChanges: list.optional(),
    deletionChanges: list.optional(),
    /** Ids of records that are gone. */
    deletedRecordIds: list.optional(),
  })
  .refine(
    (batch) =>
      [batch.records, batch.changes, batch.upsertionChanges, batch.deletionChanges, batch.deletedRecordIds].some(
        Boolean,
      ),
    { message: 'neither records nor changes' },
  )
export type Batch = z.infer<typeof Batch>

/** What the app HC Webhook sends: a list for each kind, without ids and origins. */
export const Forwarded = z.looseObject({ timestamp: z.string().max(60), app_version: z.string().max(100) })
export type Forwarded = z.infer<typeof Forwarded>

/** A payload of a phone. */
export const Payload = z.union([Batch, Forwarded])
export type Payload = z.infer<typeof Payload>

/** ISO 8601, or milliseconds since 1970. */
const time = z.union([z.string().max(60), z.number()])
/** `+02:00`, seconds, or `{ id, totalSeconds }`; null where the phone did not know. */
const offset = z
  .union([
    z.string().max(20),
    z.number(),
    z.looseObject({ totalSeconds: z.number().optional(), id: z.string().max(20).optional() }),
  ])
  .nullish()
const text = z.string().max(10_000)

/** What every record has; what is measured in it is looked at by its type. */
export const Record = z.looseObject({
  type: text.optional(),
  recordType: text.optional(),
  time: time.nullish(),
  zoneOffset: offset,
  startTime: time.nullish(),
  startZoneOffset: offset,
  endTime: time.nullish(),
  endZoneOffset: offset,
  metadata: z
    .looseObject({
      id: z.string().max(300).nullish(),
      dataOrigin: z.union([text, z.looseObject({ packageName: text.nullish() })]).nullish(),
      lastModifiedTime: time.nullish(),
      clientRecordId: z.string().max(300).nullish(),
      clientRecordVersion: z.number().nullish(),
      recordingMethod: z.union([z.number(), text]).nullish(),
      device: z.looseObject({ type: z.union([z.number(), text]).nullish() }).nullish(),
    })
    .nullish(),
})
export type Record = z.infer<typeof Record>

/** A stretch within a session. */
export const Part = z.looseObject({ startTime: time, endTime: time, stage: z.union([z.number(), text]).nullish() })
