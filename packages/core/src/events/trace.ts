/** W3C Trace Context, level 1: version 00, and neither id all zeros. */
const TRACEPARENT = /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/

/** The W3C trace context of a request, where it has a valid one. */
export function traceparentOf(value: string | undefined): string | undefined {
  return value !== undefined && TRACEPARENT.test(value) ? value : undefined
}
