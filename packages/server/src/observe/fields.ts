import { isAurenError } from '@auren/core'

/** What a field may hold. Anything else is dropped, not masked: a mask still tells that there was something. */
type Kind = 'count' | 'flag' | 'name' | 'names' | 'text' | 'error'

/**
 * The fields that a log line may have. None of them is for what a person measured or said; who a person is stands in
 * `person` alone, as a keyed hash.
 */
const allowed: Readonly<Record<string, Kind>> = {
  // The step of the work, and who asked.
  trace_id: 'name',
  span_id: 'name',
  parent_id: 'name',
  traces: 'names',
  person: 'name',
  // Requests.
  service: 'name',
  method: 'name',
  route: 'text',
  status: 'count',
  ms: 'count',
  // What went wrong.
  code: 'name',
  error: 'name',
  cause: 'name',
  err: 'error',
  reason: 'text',
  plugin: 'name',
  node: 'name',
  failures: 'count',
  times: 'count',
  attempts: 'count',
  again: 'flag',
  pauseMs: 'count',
  // Work behind.
  kind: 'name',
  state: 'name',
  part: 'name',
  log: 'name',
  topic: 'name',
  topics: 'names',
  group: 'name',
  partition: 'count',
  partitions: 'count',
  next: 'count',
  found: 'count',
  earliest: 'count',
  end: 'count',
  moved: 'count',
  reset: 'flag',
  envelopes: 'count',
  observations: 'count',
  accepted: 'count',
  quarantined: 'count',
  duplicates: 'count',
  // The installation.
  engine: 'text',
  folder: 'text',
  steps: 'count',
  roles: 'names',
  version: 'name',
}

const MOST_TEXT = 200
const MOST_NAMES = 20
const MOST_FRAMES = 12
const name = /^[\w.:@/+-]{1,128}$/

/** The allowed fields of `fields`, each only where it holds what it is for. */
export function allowedFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(fields)) {
    const kind = Object.hasOwn(allowed, field) ? allowed[field] : undefined
    const held = kind === undefined ? undefined : keep(kind, value)
    if (held !== undefined) kept[field] = held
  }
  return kept
}

function keep(kind: Kind, value: unknown): unknown {
  switch (kind) {
    case 'count':
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined
    case 'flag':
      return typeof value === 'boolean' ? value : undefined
    case 'name':
      return typeof value === 'string' && name.test(value) ? value : undefined
    case 'names':
      return Array.isArray(value)
        ? value.filter((one) => typeof one === 'string' && name.test(one)).slice(0, MOST_NAMES)
        : undefined
    case 'text':
      return typeof value === 'string' ? value.slice(0, MOST_TEXT) : undefined
    case 'error':
      return value instanceof Error ? describeError(value) : undefined
  }
}

/**
 * What a log may say of an error. Its message only where it is AUREN's own, which never hold a value: a library's may
 * quote a row, a header or a person's words.
 */
function describeError(error: Error): Record<string, unknown> {
  const { cause } = error
  const ours = isAurenError(error) && error.code !== 'AUREN_INTERNAL'
  return {
    name: error.name,
    ...codeOf(error),
    ...(ours ? { message: error.message.slice(0, MOST_TEXT) } : {}),
    stack: framesOf(error),
    ...(cause instanceof Error ? { cause: { name: cause.name, ...codeOf(cause), stack: framesOf(cause) } } : {}),
  }
}

function codeOf(error: Error): { code?: string } {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && name.test(code) ? { code } : {}
}

/** Where it happened; the first lines of a stack are the message and stay out. */
function framesOf({ stack }: Error): string[] {
  return (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, MOST_FRAMES)
    .map((line) => line.trim())
}
