import type { NormalizeContext, ObservationInput } from '@auren/core'
import { createElementReader } from './elements.js'
import { Element, type Payload } from './payload.js'
import type { Attributes } from './workout.js'

/**
 * Observations of the elements of one payload, by the rules of the file import. The payload is complete in itself: its
 * nights are closed at its end.
 */
export function* normalize(payload: Payload, ctx: NormalizeContext): Iterable<ObservationInput> {
  let made: ObservationInput[] = []
  const reader = createElementReader(
    (observation) => made.push(observation),
    (item, reason, detail) => ctx.reject(item, reason, detail),
  )
  for (const element of payload.elements) {
    const parsed = Element.safeParse(element)
    if (!parsed.success) {
      ctx.reject(element, 'element_unreadable', 'An element of the payload has another form than those of export.xml.')
      continue
    }
    const { name, attributes, children } = parsed.data
    reader.open(name, bytes(attributes), 0)
    for (const child of children) reader.open(child.name, bytes(child.attributes), 1)
    reader.complete()
    yield* made
    made = []
  }
  reader.finish()
  yield* made
}

/** Text as the XML parser hands it over: one character per byte of its UTF-8. */
function bytes(attributes: Record<string, string>): Attributes {
  const raw: Record<string, string> = {}
  for (const [name, value] of Object.entries(attributes)) raw[name] = Buffer.from(value, 'utf8').toString('latin1')
  return raw
}
