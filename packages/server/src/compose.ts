import { createHmac } from 'node:crypto'
import { type AnyPlugin, type Auren, createAuren } from '@auren/core'
import { kafka } from '@auren/plugins/kafka'
import { neuros } from '@auren/plugins/neuros'
import { openai } from '@auren/plugins/openai'
import { pglite } from '@auren/plugins/pglite'
import { postgres } from '@auren/plugins/postgres'
import { redis } from '@auren/plugins/redis'
import type { Config } from './config.js'
import { detectorsOf } from './detectors.js'
import type { Logger } from './log.js'
import { wearablesOf } from './wearables.js'

/** How AUREN is composed beside its configuration. */
export interface ComposeOptions {
  /** Port of the server, told to whoever tries to open the data folder meanwhile. */
  port?: number
  now?: () => number
  /** `none`: relay, consumer and jobs are other processes' work. Default: as the roles say. */
  work?: 'all' | 'none'
  /** With `work: 'none'`: told when there is work for them. */
  onWork?: () => void
}

/** Composes AUREN from a configuration: on PGlite in the data folder, or on the deployment's servers. */
export function compose(config: Config, log: Logger, options: ComposeOptions = {}): Promise<Auren> {
  const plugins: readonly AnyPlugin[] = [
    ...stores(config, options),
    ...wearablesOf(config),
    ...(config.model ? [openai(config.model)] : []),
    ...detectorsOf(),
    ...neuros(),
  ]
  return createAuren({
    plugins,
    zone: config.zone,
    ...(config.publicBiometricUrl === null ? {} : { publicUrl: config.publicBiometricUrl }),
    work: options.work ?? (config.roles.has('worker') ? 'all' : 'none'),
    ...(options.now ? { now: options.now } : {}),
    ...(options.onWork ? { onWork: options.onWork } : {}),
    log: (level, message, fields) => log[level](fields ?? {}, message),
  })
}

function stores(config: Config, options: ComposeOptions): AnyPlugin[] {
  const { masterKey } = config
  if (!config.postgres || masterKey === undefined)
    return [
      pglite({
        dataDir: config.dataDir,
        ...(masterKey === undefined ? {} : { masterKey }),
        ...(options.port === undefined ? {} : { port: options.port }),
      }),
    ]
  return [
    postgres({ ...config.postgres, masterKey }),
    ...(config.redis ? [redis({ ...config.redis, keySecret: keySecretOf(masterKey) })] : []),
    ...(config.kafka ? [kafka(config.kafka)] : []),
  ]
}

/** Names of persons' keys in Redis: the same in all processes, and nobody's to guess. A rotation empties the cache. */
function keySecretOf(masterKey: string): string {
  return createHmac('sha256', masterKey.split(',')[0] as string)
    .update('auren redis keys')
    .digest('hex')
}
