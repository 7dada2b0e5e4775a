import { type AnyPlugin, type Auren, createAuren } from '@auren/core'
import { appleHealth } from '@auren/plugins/apple-health'
import { baselines } from '@auren/plugins/baselines'
import { composer } from '@auren/plugins/composer'
import { memoryKeeper } from '@auren/plugins/memory-keeper'
import { openai } from '@auren/plugins/openai'
import { oura } from '@auren/plugins/oura'
import { pglite } from '@auren/plugins/pglite'
import { question } from '@auren/plugins/question'
import { recall } from '@auren/plugins/recall'
import { recovery } from '@auren/plugins/recovery'
import { safety } from '@auren/plugins/safety'
import { sentenceParser } from '@auren/plugins/sentence-parser'
import { sleep } from '@auren/plugins/sleep'
import { verifier } from '@auren/plugins/verifier'
import type { Config } from './config.js'
import type { Logger } from './log.js'

/** The nodes of NEUROS. */
export function neuros(): AnyPlugin[] {
  return [safety(), sentenceParser(), recall(), question(), sleep(), recovery(), composer(), verifier(), memoryKeeper()]
}

/** Composes AUREN from a configuration: embedded, on PGlite in the data folder. */
export function compose(
  config: Config,
  log: Logger,
  options: { port?: number; now?: () => number } = {},
): Promise<Auren> {
  const plugins: AnyPlugin[] = [
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
