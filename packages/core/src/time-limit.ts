/**
 * A signal that is aborted after `ms` milliseconds, whoever still holds it. `AbortSignal.timeout` is not: joined by
 * `AbortSignal.any` it is held by nobody, and where it is collected (seen on Node 20), the joined one never fires.
 * Nothing waits for it: a process may end before.
 */
export function timeLimit(ms: number): AbortSignal {
  const over = new AbortController()
  setTimeout(() => over.abort(new DOMException(`It took longer than ${ms} ms.`, 'TimeoutError')), ms).unref()
  return over.signal
}
