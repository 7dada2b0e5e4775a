import type { Client } from '../../src/cli/client.js'
import { until } from '../faults/driver.js'
import type { Place } from '../faults/place.js'
import { clientOf, type Found, type KillableServer, startKillable } from './server.js'

/** How a server is killed: at a named place the n-th time that it is passed, or some ms after it began to answer. */
export type Kill = { place: string; nth: number } | { afterMs: number }

/** What became of a kill. */
export interface Killed {
  kill: Kill
  /** The process died of it. */
  fired: boolean
  /** Something was unfinished in the folder afterwards. */
  inFlight: boolean
}

/** How an import ended that was killed along the way. */
export interface Survived {
  kills: Killed[]
  view: ImportSeen
}

/** An import as its person sees it. */
export interface ImportSeen {
  id: string
  state: string
  error: string | null
  progress: { bytes: number; total: number; observations: number; rejected: number }
  rejected: { reason: string; count: number }[]
}

const PART_BYTES = 1_000_000

/** Makes an upload that is complete and not started, in a place to be copied for each run. */
export async function prepareUpload(place: Place, bytes: Uint8Array): Promise<string> {
  const server = startKillable(place.env)
  const client = await clientOf(server)
  const { id } = await client.call<{ id: string }>('biometric', 'POST', '/v1/imports', {
    name: 'export.xml',
    size: bytes.length,
  })
  for (let at = 0; at < bytes.length; at += PART_BYTES)
    await client.send('biometric', 'PUT', `/v1/imports/${id}/parts?offset=${at}`, bytes.subarray(at, at + PART_BYTES))
  await server.stop()
  return id
}

/** Waits for the end of an import. */
async function watch(client: Client, id: string): Promise<ImportSeen> {
  let last = ''
  for await (const event of client.events('biometric', 'GET', `/v1/imports/${id}/events`)) last = event.data
  return JSON.parse(last) as ImportSeen
}

/** Starts the import of a prepared place, kills the server as planned, again and again, and then lets it end. */
export async function survive(place: Place, id: string, plan: readonly Kill[]): Promise<Survived> {
  const kills: Killed[] = []
  const left = [...plan]
  const judge = (found: Found | null): void => {
    const before = kills.at(-1)
    if (found && before?.fired) before.inFlight = isUnfinished(found)
  }
  for (;;) {
    const kill = left.shift()
    judge(await place.unfinished())
    const server = startKillable({
      ...place.env,
      ...(kill && 'place' in kill ? { AUREN_FAILPOINT: `${kill.place}@${kill.nth}` } : {}),
    })
    judge(await server.found)
    let view: ImportSeen | null = null
    try {
      const client = await clientOf(server)
      const timer = kill && 'afterMs' in kill ? setTimeout(server.kill, kill.afterMs) : null
      const { state } = await client.call<ImportSeen>('biometric', 'GET', `/v1/imports/${id}`)
      if (state === 'uploading') await client.call('biometric', 'POST', `/v1/imports/${id}/start`)
      view = await watch(client, id)
      await stored(place, server)
      await server.stop().finally(() => timer && clearTimeout(timer))
    } catch (error) {
      // Whatever the client was doing, it was the kill that ended it.
      if ((await server.ended) !== 'SIGKILL') throw error
    }
    const fired = (await server.ended) === 'SIGKILL'
    if (kill) kills.push({ kill, fired, inFlight: false })
    if (fired) continue
    // The work is done: what is still planned would find nothing to interrupt.
    if (view) return { kills, view }
    throw new Error('The server ended before the import')
  }
}

/** Waits until nothing waits, for a process of a deployment leaves what does to the others; or until it is killed. */
async function stored(place: Place, server: KillableServer): Promise<void> {
  let ended = false
  server.ended.then(() => {
    ended = true
  })
  await until(async () => ended || ((await place.unfinished())?.waiting ?? 0) === 0)
}

/** True where something accepted is not stored yet, or an import has not come to its end. */
function isUnfinished({ waiting, imports }: Found): boolean {
  return waiting > 0 || imports.some(({ state }) => state === 'waiting' || state === 'running')
}
