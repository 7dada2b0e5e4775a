import { setTimeout as delay } from 'node:timers/promises'
import { type Auren, inParts, type UserId } from '@auren/core'
import type { Request } from 'express'
import type { ServerEvent } from '../http/sse.js'

/** Bytes appended in one transaction. */
const PART = 1024 * 1024
/** How often progress is looked at, in ms. */
const PROGRESS_MS = 500

/** Streams a body into an upload part by part, so that memory stays flat whatever its size. */
export async function receiveParts(
  auren: Auren,
  user: UserId,
  id: string,
  request: Request,
): Promise<{ size: number }> {
  let offset = 0
  let size = 0
  for await (const part of inParts(request, PART)) {
    size = (await auren.ingest.uploads.append(user, id, offset, part)).size
    offset += part.length
  }
  return { size }
}

/** The state of an import whenever it changed, until it ends or the reader leaves. */
export async function* importEvents(
  auren: Auren,
  user: UserId,
  id: string,
  signal: AbortSignal,
): AsyncIterable<ServerEvent> {
  let last = ''
  while (!signal.aborted) {
    const state = await auren.ingest.imports.get(user, id)
    const data = JSON.stringify(state)
    if (data !== last) {
      yield { event: 'progress', data }
      last = data
    }
    if (state.state === 'done' || state.state === 'dead' || state.state === 'cancelled') return
    await delay(PROGRESS_MS, undefined, { signal }).catch(() => undefined)
  }
}
