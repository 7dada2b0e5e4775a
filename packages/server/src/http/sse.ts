import type { Response } from 'express'

/** Seconds between comment pings: edge proxies cut streams that are silent for about half a minute. */
const PING_SECONDS = 15

/** One event of a stream. */
export interface ServerEvent {
  id?: string | number
  event?: string
  data: string
}

/**
 * Writes Server-Sent Events until the source ends or the client leaves. Honours back-pressure.
 */
export async function stream(
  response: Response,
  events: AsyncIterable<ServerEvent>,
  headers: Record<string, string> = {},
): Promise<void> {
  response.status(200)
  response.setHeader('content-type', 'text/event-stream; charset=utf-8')
  response.setHeader('cache-control', 'no-store, no-transform')
  response.setHeader('x-accel-buffering', 'no')
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.flushHeaders()
  const ping = setInterval(() => response.write(': ping\n\n'), PING_SECONDS * 1000)
  try {
    for await (const { id, event, data } of events) {
      if (response.destroyed) return
      const frame = `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n`
      if (!response.write(frame)) await drained(response)
    }
    response.end()
  } finally {
    clearInterval(ping)
  }
}

function drained(response: Response): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
  })
}
