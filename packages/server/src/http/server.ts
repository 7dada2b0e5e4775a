import { createServer, type Server } from 'node:http'

/** How long a client may take, in ms, and how much it may say before its body. */
export interface ServerBounds {
  /** For its header. */
  headersMs: number
  /** For all of its request, body included: an upload in parts has 4 MiB, the whole file of a local import its size. */
  requestMs: number
  /** That a connection may stand idle: longer than proxies keep theirs, or a request meets the end of it. */
  idleMs: number
  /** How often that is looked at. */
  checkMs: number
  /** Largest header, in bytes: a token has at most 8 KiB. */
  headerBytes: number
  headers: number
}

/** A connection that says little and slowly is ended with 408; one that says too much with 431. */
export const SERVER_BOUNDS: ServerBounds = {
  headersMs: 15_000,
  requestMs: 300_000,
  idleMs: 75_000,
  checkMs: 5_000,
  headerBytes: 16 * 1024,
  headers: 100,
}

/** An HTTP server that waits for nobody for ever. */
export function createBoundedServer(bounds: Partial<ServerBounds> = {}): Server {
  const { headersMs, requestMs, idleMs, checkMs, headerBytes, headers } = { ...SERVER_BOUNDS, ...bounds }
  const server = createServer({
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: idleMs,
    connectionsCheckingInterval: checkMs,
    maxHeaderSize: headerBytes,
  })
  server.maxHeadersCount = headers
  return server
}
