import type { NormalizeContext, ObservationInput } from '@auren/core'
import type { z } from 'zod'

/** Longest account of what does not fit, in letters. */
const LONGEST = 500

/** Where something is set aside. */
type Aside = Pick<NormalizeContext, 'reject'>

/** Sets an item aside that does not fit its schema, with what of it does not. @param kind what it should have been */
export function setAside(item: unknown, kind: string, error: z.ZodError, ctx: Aside): void {
  const where = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  ctx.reject(item, 'schema', `${kind}: ${where.slice(0, LONGEST)}`)
}

/** Reads items of a schema; one that does not fit is set aside, and does not take the others along. */
export function reading<S extends z.ZodType, C extends Aside>(
  schema: S,
  kind: string,
  read: (item: z.infer<S>, ctx: C) => Iterable<ObservationInput>,
): (item: unknown, ctx: C) => Iterable<ObservationInput> {
  return function* (item, ctx) {
    const parsed = schema.safeParse(item)
    if (parsed.success) yield* read(parsed.data, ctx)
    else setAside(item, kind, parsed.error, ctx)
  }
}

/** What is there of some measures. */
export function present(measures: Readonly<Record<string, number | null | undefined>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(measures).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  )
}

/**
 * Efficiency of sleep in per cent. Who hands on the nights of many vendors gives it in per cent or as a fraction: nobody
 * sleeps one hundredth of a night. Zero was not measured.
 */
export function efficiencyOf(given: number | null | undefined): number | null {
  if (given == null || given === 0) return null
  return given <= 1 ? Number((given * 100).toPrecision(12)) : given
}
