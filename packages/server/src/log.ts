import { createHmac, randomBytes } from 'node:crypto'
import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino'
import { allowedFields } from './observe/fields.js'
import { currentSpan } from './trace.js'

/** Structured log. Only allow-listed fields are written; nothing that a person measured or said. */
export type Logger = PinoLogger

/** Where a log goes, and what persons are called in it. */
export interface LogOptions {
  /** `AUREN_MASTER_KEY`: the same person then has the same hash in all processes. Absent: a key for this process alone. */
  masterKey?: string | undefined
  /** Default: stderr, so that stdout stays for answers. */
  destination?: DestinationStream
}

/**
 * A logger that writes JSON lines. Fields that are not on the list (`observe/fields.ts`) are dropped. Lines within a
 * request carry its trace, and its person as a keyed hash.
 */
export function createLog(level: string, options: LogOptions = {}): Logger {
  const personOf = personHash(options.masterKey)
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: allowedFields, bindings: allowedFields },
      // `err` is described by the list: pino's own serializer would write the message of any library.
      serializers: { err: (described: unknown) => described },
      mixin() {
        const span = currentSpan()
        if (!span) return {}
        const { trace, span: id, user } = span
        return { trace_id: trace, span_id: id, ...(user === undefined ? {} : { person: personOf(user) }) }
      },
      hooks: {
        /** Takes (fields, message) or (message): a bare error would put its message into the line, `%s` anything. */
        logMethod([first, second], method) {
          if ((first as unknown) instanceof Error) method.call(this, { err: first } as never, messageOf(second))
          else if (typeof first === 'object') method.call(this, first as never, messageOf(second))
          else method.call(this, {} as never, messageOf(first))
        },
      },
    },
    options.destination ?? pino.destination({ fd: 2, sync: true }),
  )
  // Pino forgets the formatter of bindings for children.
  const { child } = log
  return Object.assign(log, {
    child(this: Logger, bindings: Record<string, unknown>) {
      return child.call(this, allowedFields(bindings))
    },
  }) as Logger
}

/** Stands for a person in logs: who has no key cannot go back, nor try ids. */
export function personHash(masterKey?: string): (user: string) => string {
  const key = masterKey === undefined ? randomBytes(32) : (masterKey.split(',')[0] as string)
  const secret = createHmac('sha256', key).update('auren persons in logs').digest()
  return (user) => createHmac('sha256', secret).update(user).digest('hex').slice(0, 16)
}

function messageOf(text: unknown): string {
  return typeof text === 'string' ? text : 'error'
}
