import { address, BIOMETRIC } from './address'
import { getJson, request, sendJson } from './http'
import { readEvents } from './sse'
import type { ConnectionView, ImportView, VendorView } from './wire'

const at = (parts: string[], query?: Record<string, string | number | undefined>) => address(BIOMETRIC, parts, query)

/** Largest part of an upload, in bytes: edge proxies cut longer requests. */
export const PART = 4 * 1024 * 1024

/** Imports, newest first. */
export const readImports = (signal?: AbortSignal) => getJson<ImportView[]>(at(['imports']), signal)
export const readImport = (id: string, signal?: AbortSignal) => getJson<ImportView>(at(['imports', id]), signal)
export const beginImport = (name: string, size: number) =>
  sendJson<{ id: string }>('POST', at(['imports']), { name, size })
/** The upload is complete: import it. */
export const startImport = (id: string) => sendJson<ImportView>('POST', at(['imports', id, 'start']))
/** Stops an import; what was imported so far stays. */
export const cancelImport = (id: string) => sendJson<void>('DELETE', at(['imports', id]))

/** Withdraws what a complete export lacks and earlier ones held. */
export const withdrawMissing = (id: string) => sendJson<ImportView>('POST', at(['imports', id, 'withdrawal']))
/** Takes that back. */
export const restoreMissing = (id: string) => sendJson<ImportView>('DELETE', at(['imports', id, 'withdrawal']))

/** Appends bytes; returns how many the server has. The browser streams the slice from the disk. */
export async function appendPart(id: string, offset: number, part: Blob, signal: AbortSignal): Promise<number> {
  const response = await request(at(['imports', id, 'parts'], { offset }), {
    method: 'PUT',
    body: part,
    headers: { 'content-type': 'application/octet-stream' },
    signal,
  })
  return ((await response.json()) as { size: number }).size
}

/** The state of an import whenever it changes, until it ends or the stream breaks. */
export async function* importEvents(id: string, signal: AbortSignal): AsyncIterable<ImportView> {
  const response = await request(at(['imports', id, 'events']), { signal, headers: { accept: 'text/event-stream' } })
  for await (const { data } of readEvents(response)) yield JSON.parse(data) as ImportView
}

/** Connections to vendors. */
export const readConnections = (signal?: AbortSignal) => getJson<ConnectionView[]>(at(['connections']), signal)
/** What can be connected here, and how. */
export const readVendors = (signal?: AbortSignal) => getJson<VendorView[]>(at(['vendors']), signal)
/** Begins to connect: the address to go to, or to enter elsewhere; empty where what was given has connected it. */
export const beginConnection = (provider: string, given?: Readonly<Record<string, string>>) =>
  sendJson<{ url: string; state: string; connection?: ConnectionView }>(
    'POST',
    at(['connections', provider]),
    given && { given },
  )
export const syncConnection = (provider: string) => sendJson<unknown>('POST', at(['connections', provider, 'sync']))
export const removeConnection = (provider: string) => sendJson<void>('DELETE', at(['connections', provider]))
