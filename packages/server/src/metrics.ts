import type { Auren } from '@auren/core'
import type { RequestHandler } from 'express'
import type { Role } from './deployment.js'
import type { MetricsAccess } from './observe/config.js'
import { createInstruments, type Instruments } from './observe/instruments.js'
import { readDisk, readJournal } from './observe/journal.js'
import { metricsPage, type Scrape } from './observe/page.js'
import { methodOf, routeOf, statusOf } from './observe/requests.js'
import { countWork } from './observe/work.js'

/** Metrics of a service, and of the process that it runs in. No label names a person. */
export interface Metrics {
  scrape: Scrape
  /** Counts requests. */
  observe: RequestHandler
  /** The page `/metrics` of the service's own port. */
  page: RequestHandler
}

/** Who sees the metrics, and where the data is. */
export interface MetricsOptions {
  /** Default: requests of this very machine. */
  access?: MetricsAccess
  /** Folder whose disk is watched. Default: that of the process. */
  folder?: string
}

/** What this process counts: its channels and its event loop are the process's, whatever it serves. */
let counted: Instruments | undefined

function instrumentsOfProcess(): Instruments {
  if (!counted) {
    counted = createInstruments()
    countWork(counted)
  }
  return counted
}

/**
 * RED metrics of a service's HTTP, and with every scrape those of the process and of DESIGN G9 from the journal.
 * Services of one process show the same numbers: scrape one of them.
 */
export function createMetrics(service: Role, auren: Pick<Auren, 'lag'>, options: MetricsOptions = {}): Metrics {
  const instruments = instrumentsOfProcess()
  const { registry, http } = instruments
  const scrape: Scrape = async () => {
    await Promise.all([readJournal(instruments, auren), readDisk(instruments, options.folder ?? process.cwd())])
    return { type: registry.contentType, text: await registry.metrics() }
  }
  return {
    scrape,
    observe: (request, response, next) => {
      http.running.inc({ service })
      const end = http.seconds.startTimer({ service, method: methodOf(request) })
      response.once('close', () => {
        http.running.dec({ service })
        end({ route: routeOf(request), status: String(statusOf(response)) })
      })
      next()
    },
    page: metricsPage(scrape, options.access ?? { port: null, token: null, local: true }),
  }
}
