import { subscribe } from 'node:diagnostics_channel'
import { type MessagePort, parentPort } from 'node:worker_threads'
import { AurenError, asAurenError, channels, createAuren, type Messages } from '@auren/core'
import { neuros } from '@auren/plugins/neuros'
import { pglite } from '@auren/plugins/pglite'
import type { Config } from '../config.js'
import { detectorsOf } from '../detectors.js'
import { wearablesOf } from '../wearables.js'

/** What the thread is given. */
export interface WorkOrder {
  config: Pick<Config, 'dataDir' | 'masterKey' | 'zone' | 'wearables' | 'publicBiometricUrl'>
  /** Of `share()` of the storage that has the folder open. */
  database: MessagePort
}

/** What the thread tells: that it is ready, what there is to log, and what its diagnostics channels said. */
export type WorkTold =
  | { kind: 'ready' }
  | { kind: 'log'; level: 'debug' | 'info' | 'warn' | 'error'; message: string; fields: Record<string, unknown> }
  | { kind: 'channel'; name: keyof Messages; message: unknown }
  | { kind: 'failed'; code: string; message: string }

/** What the thread is told: to look for work, or to end. */
export type WorkAsked = 'wake' | 'stop'

/**
 * Relay, consumer and jobs, in a thread of their own, over a database that another thread has open. Runs until it is
 * asked to stop; a second AUREN beside the one that serves, as a worker process is in a deployment.
 */
export async function work({ config, database }: WorkOrder): Promise<void> {
  if (parentPort === null) throw new AurenError('AUREN_INTERNAL', 'work() runs in a worker thread only.')
  const port = parentPort
  const tell = (told: WorkTold): void => port.postMessage(told)
  try {
    const auren = await createAuren({
      plugins: [
        pglite({
          shared: database,
          dataDir: config.dataDir,
          ...(config.masterKey === undefined ? {} : { masterKey: config.masterKey }),
        }),
        ...wearablesOf(config),
        ...detectorsOf(),
        // Nobody asks here, but an AUREN without them is none.
        ...neuros(),
      ],
      zone: config.zone,
      ...(config.publicBiometricUrl === null ? {} : { publicUrl: config.publicBiometricUrl }),
      log: (level, message, fields) => tell({ kind: 'log', level, message, fields: fields ?? {} }),
    })
    for (const name of Object.keys(channels) as (keyof Messages)[])
      subscribe(channels[name], (message) => tell({ kind: 'channel', name, message }))
    port.on('message', (asked: WorkAsked) => {
      if (asked === 'wake') auren.ingest.wake()
      else auren.close().finally(() => port.close())
    })
    tell({ kind: 'ready' })
  } catch (cause) {
    const { code, message } = asAurenError(cause)
    tell({ kind: 'failed', code, message })
    port.close()
    database.close()
  }
}
