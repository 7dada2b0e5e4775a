import { AurenError } from '../errors.js'
import type { RawRequest } from '../plugin/types.js'
import { isTooDeep } from './depth.js'

/** JSON or a form, bounded in depth before it is parsed. Keys that would change an object's prototype are refused. */
export function parseBody({ body, headers }: Pick<RawRequest, 'body' | 'headers'>, plugin: string): unknown {
  if (isTooDeep(body)) throw new AurenError('AUREN_PAYLOAD_INVALID', 'The body is nested too deeply.', { plugin })
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body)
    if (headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
      return Object.fromEntries(new URLSearchParams(text))
    // Escapes can hide the name: only what has neither is sure not to hold it.
    return /__proto__|\\u/.test(text) ? JSON.parse(text, withoutPrototype) : JSON.parse(text)
  } catch (cause) {
    throw new AurenError('AUREN_PAYLOAD_INVALID', 'The body is not valid JSON.', { cause, plugin })
  }
}

function withoutPrototype(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value
}
