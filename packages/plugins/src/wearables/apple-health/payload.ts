import { z } from 'zod'

const Attributes = z.record(z.string().max(100), z.string().max(65_536))

/** An element of export.xml below a child of the root. Nothing of interest is nested deeper. */
const Child = z.object({ name: z.string().max(100), attributes: Attributes.default({}) })

/** A child of the root of export.xml: `Record`, `Workout`, `ActivitySummary` …, its attributes as Apple writes them. */
export const Element = z.object({
  name: z.string().min(1).max(100),
  attributes: Attributes,
  children: z.array(Child).max(20_000).default([]),
})
export type Element = z.infer<typeof Element>

/**
 * Elements of an export as JSON, for apps that read HealthKit themselves and send what export.xml would hold. Each is held
 * to its schema when it is read, so that a broken one does not take the others with it.
 */
export const Payload = z.object({ elements: z.array(z.unknown()).max(50_000) })
export type Payload = z.infer<typeof Payload>
