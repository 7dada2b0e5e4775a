import { isTooDeep } from '@auren/core'

/**
 * Refuses JSON that is nested too deeply, as `express.json` takes it.
 *
 * @throws Error of type `entity.too.deep`
 */
export function refuseDeep(_request: unknown, _response: unknown, body: Uint8Array): void {
  if (isTooDeep(body)) throw Object.assign(new Error('the body is nested too deeply'), { type: 'entity.too.deep' })
}
