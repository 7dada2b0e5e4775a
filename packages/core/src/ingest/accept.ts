import type { Observation, ObservationInput } from '../observation/schema.js'
import { type AcceptContext, check, isRefusal, type Refusal, withoutMeasures } from './check.js'
import { numberSiblings, type OrdinalPages } from './ordinals.js'

export type { AcceptContext } from './check.js'

/** Something that is set aside, with the reason. */
export interface SetAside extends Refusal {
  item: unknown
}

/** What the checks let through, and what they set aside. */
export interface Accepted {
  accepted: Observation[]
  aside: SetAside[]
}

/**
 * Checks what a normalizer yielded and converts it to the catalogue's units. Outside the hard range, unknown,
 * unconvertible, impossible: set aside, never dropped; a session with an impossible measure is set aside as it came, and
 * stands without that measure. Implausible: kept and flagged. Equal duplicates are one, and
 * unequal values of one identity get ordinals ({@link numberSiblings}).
 * @param pages of an import, to count siblings over its steps
 */
export function accept(observations: Iterable<ObservationInput>, ctx: AcceptContext, pages?: OrdinalPages): Accepted {
  const { passed, aside } = checkAll(observations, ctx)
  return { accepted: numberSiblings(passed, pages), aside }
}

/** The first half of {@link accept}: every observation by itself. */
export function checkAll(
  observations: Iterable<ObservationInput>,
  ctx: AcceptContext,
): { passed: Observation[]; aside: SetAside[] } {
  const passed: Observation[] = []
  const aside: SetAside[] = []
  for (const input of observations) {
    const checked = check(input, ctx)
    if (!isRefusal(checked)) {
      passed.push(checked)
      continue
    }
    aside.push({ item: input, ...checked })
    // One number that cannot be must not take a night or a workout along.
    const rest = checked.measures ? check(withoutMeasures(input, checked.measures), ctx) : checked
    if (!isRefusal(rest)) passed.push(rest)
  }
  return { passed, aside }
}
