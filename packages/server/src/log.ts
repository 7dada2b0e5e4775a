import { type Logger as PinoLogger, pino } from 'pino'

/** Structured log. Only named fields are written; nothing that a person measured or said. */
export type Logger = PinoLogger

/** A logger that writes JSON lines to stderr, so that stdout stays for answers. */
export function createLog(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 2, sync: true }))
}
