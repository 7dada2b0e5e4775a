import { z } from 'zod'

const text = z.string().max(1000)
const stamp = z.string().max(60)

/** Header of a data point: of Open mHealth (`id`, `acquisition_provenance`) or IEEE 1752.1 (`uuid`, `external_datasheets`). */
export const Header = z.looseObject({
  id: text.nullish(),
  uuid: text.nullish(),
  schema_id: z
    .looseObject({ namespace: text.nullish(), name: text, version: z.union([text, z.number()]).nullish() })
    .nullish(),
  creation_date_time: stamp.nullish(),
  source_creation_date_time: stamp.nullish(),
  modality: text.nullish(),
  acquisition_provenance: z
    .looseObject({
      source_name: text.nullish(),
      source_creation_date_time: stamp.nullish(),
      source_last_modification_date_time: stamp.nullish(),
      modality: text.nullish(),
    })
    .nullish(),
  external_datasheets: z.array(z.unknown()).max(50).nullish(),
})
export type Header = z.infer<typeof Header>

/** One of the documents that a header names: a device, a study. */
export const Datasheet = z.object({ datasheet_type: text.nullish(), datasheet_reference: text })

export type Datasheet = z.infer<typeof Datasheet>

/** A data point; a data series has many bodies under one header. */
export const Point = z.object({
  header: Header,
  body: z.union([z.looseObject({}), z.array(z.looseObject({})).max(100_000)]),
})
export type Point = z.infer<typeof Point>

const isPoint = (item: unknown): boolean =>
  typeof item === 'object' && item !== null && 'header' in item && 'body' in item

/** Data points as they are posted or lie in a file. Each is looked at by itself: a broken one spoils no other. */
export const Payload = z.union([
  z
    .array(z.unknown())
    .max(100_000)
    .refine((items) => items.some(isPoint), { message: 'none of it is a data point' }),
  z.looseObject({ header: z.looseObject({}), body: z.union([z.looseObject({}), z.array(z.unknown())]) }),
])
export type Payload = z.infer<typeof Payload>

const Duration = z.object({ value: z.number(), unit: z.string().max(20) })
/** When it was: an instant, or an interval in one of four forms. */
export const TimeFrame = z.object({
  date_time: stamp.optional(),
  time_interval: z
    .object({
      start_date_time: stamp.optional(),
      end_date_time: stamp.optional(),
      duration: Duration.optional(),
      date: z.iso.date().optional(),
      part_of_day: z.enum(['morning', 'afternoon', 'evening', 'night']).optional(),
    })
    .optional(),
})

/** A number with its unit. */
export const UnitValue = z.object({ value: z.number(), unit: z.string().max(40) })
