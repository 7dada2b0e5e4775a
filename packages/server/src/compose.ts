import { type AnyPlugin, type Auren, createAuren } from '@auren/core'
import { appleHealth } from '@auren/plugins/apple-health'
import { baselines } from '@auren/plugins/baselines'
import { neuros } from '@auren/plugins/neuros'
import { openai } from '@auren/plugins/openai'
import { oura } from '@auren/plugins/oura'
import { pglite } from '@auren/plugins/pglite'
import type { Config } from './config.js'
import type { Logger } from './log.js'

/** Composes AUREN from a configuration: embedded, on PGlite in the data folder. */
export function compose(
  config: Config,
  log: Logger,
  options: { port?: number; now?: () => number } = {},
): Promise<Auren> {
  const plugins: readonly AnyPlugin[] = [
    pglite({
      dataDir: config.dataDir,
      ...(config.masterKey === undefined ? {} : { masterKey: config.masterKey }),
      ...(options.port === undefined ? {} : { port: options.port }),
    }),
    appleHealth(),
    ...(config.oura ? [oura(config.oura)] : []),
    ...(config.model ? [openai(config.model)] : []),
    baselines(),
    ...neuros(),
  ]
  return createAuren({
    plugins,
    zone: config.zone,
    ...(options.now ? { now: options.now } : {}),
    log: (level, message, fields) => log[level](fields ?? {}, message),
  })
}
