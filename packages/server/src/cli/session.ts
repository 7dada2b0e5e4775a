import { compose } from '../compose.js'
import type { Config } from '../config.js'
import type { Logger } from '../log.js'
import { startServices } from '../services.js'
import { type Client, createClient } from './client.js'
import { runningAt } from './running.js'

/**
 * Runs a command against the server that has the data folder open; where none has, opens the folder for the length
 * of the command, on free loopback ports. Either way the command speaks HTTP: one code path.
 */
export async function withClient<T>(
  config: Config,
  log: Logger,
  note: (text: string) => void,
  fn: (client: Client) => Promise<T>,
): Promise<T> {
  // A shared database can be opened beside the servers that run on it; a data folder cannot.
  const running = config.postgres ? null : await runningAt(config.dataDir)
  if (running) return fn(createClient(running, config.identity.token))
  note(config.postgres ? 'Opening the database …' : `Opening ${config.dataDir} …`)
  // The deployment's workers do the work; a command that joined them would hold partitions up when it ends.
  const auren = await compose(config, log, config.postgres ? { work: 'none' } : {})
  try {
    const services = await startServices(auren, atThisMachine(config), log, { neuros: 0, biometric: 0, pwa: 0 })
    try {
      return await fn(createClient(services.addresses))
    } finally {
      await services.close()
    }
  } finally {
    await auren.close()
  }
}

/** Whoever can open the store with its key needs no token for it; nobody but this machine gets to the services. */
function atThisMachine(config: Config): Config {
  return {
    ...config,
    roles: new Set(['neuros', 'biometric']),
    host: '127.0.0.1',
    localPerson: true,
    drainSeconds: 0,
    metrics: { port: null, token: null, local: true },
  }
}
