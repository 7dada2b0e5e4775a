import type { AnyPlugin } from '@auren/core'
import { appleHealth } from '@auren/plugins/apple-health'
import { oura } from '@auren/plugins/oura'
import type { Config } from './config.js'

/** The wearables of an installation: those that need no secret, and those whose secrets are set. */
export function wearablesOf(config: Pick<Config, 'oura'>): AnyPlugin[] {
  return [appleHealth(), ...(config.oura ? [oura(config.oura)] : [])]
}
