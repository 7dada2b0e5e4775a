import type { OuraServer } from '../../../plugins/test/servers/oura.js'
import type { Place } from '../faults/place.js'
import { clientOf, startKillable } from './server.js'

/** How the vendor's application is known to the server. */
export const application = { clientId: 'client', clientSecret: 's3cret' }

/** Environment of a server that knows this vendor. */
export const vendorEnv = (oura: OuraServer): Record<string, string> => ({
  OURA_CLIENT_ID: application.clientId,
  OURA_CLIENT_SECRET: application.clientSecret,
  OURA_VERIFICATION_TOKEN: 'token',
  OURA_BASE_URL: oura.url,
})

/** Makes a place whose person has connected the vendor's account, which is still empty. */
export async function connect(place: Place, oura: OuraServer): Promise<void> {
  const server = startKillable({ ...place.env, ...vendorEnv(oura) })
  const client = await clientOf(server)
  const { state } = await client.call<{ state: string }>('biometric', 'POST', '/v1/connections/oura')
  await client.raw('biometric', `/v1/connections/oura/callback?code=${oura.grant()}&state=${encodeURIComponent(state)}`)
  await server.stop()
}

/** What a vendor keeps of its deliveries. */
export interface Outcome {
  /** Kills that were planned, that fired, and that fired while a delivery was unanswered or its data not stored. */
  planned: number
  fired: number
  inFlight: number
  /** Deliveries that were sent again because no answer came. */
  retried: number
  statuses: Record<number, number>
}

const AT_ONCE = 4

/**
 * Sends a notification for each id as the vendor does, some at a time: what got a 2xx is never sent again, what got
 * none is, in the same words. The server is killed as planned and started again each time.
 */
export async function deliverThrough(
  place: Place,
  oura: OuraServer,
  ids: readonly string[],
  plan: readonly { place: string; nth: number }[],
): Promise<Outcome> {
  const unanswered = new Set(ids)
  const outcome: Outcome = { planned: plan.length, fired: 0, inFlight: 0, retried: 0, statuses: {} }

  const send = async (address: string, id: string): Promise<void> => {
    // Signed anew each time; the words stay those of the first time.
    const { headers, body } = oura.sign(
      {
        event_type: 'create',
        data_type: 'enhanced_tag',
        object_id: id,
        event_time: '2026-02-01T00:00:00Z',
        user_id: oura.account,
      },
      Date.now(),
    )
    const answer = await fetch(`${address}/webhooks/oura`, { method: 'POST', headers, body })
    outcome.statuses[answer.status] = (outcome.statuses[answer.status] ?? 0) + 1
    if (answer.ok) unanswered.delete(id)
  }
  const sendAll = async (address: string): Promise<void> => {
    const queue = [...unanswered]
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let id = queue.shift(); id !== undefined; id = queue.shift()) await send(address, id)
      }),
    )
  }

  const left = [...plan]
  let cutOff = 0
  for (;;) {
    const kill = left.shift()
    const before = await place.unfinished()
    const server = startKillable({
      ...place.env,
      ...vendorEnv(oura),
      ...(kill ? { AUREN_FAILPOINT: `${kill.place}@${kill.nth}` } : {}),
    })
    const found = before ?? (await server.found)
    // Of the kill before: something was on its way from the vendor to the tables.
    if (outcome.fired > 0 && (cutOff > 0 || (found && (found.fetches > 0 || found.waiting > 0)))) outcome.inFlight++
    let failed = false
    try {
      await clientOf(server)
      await sendAll((await server.addresses)?.biometric ?? '')
      await server.stop()
    } catch (error) {
      if ((await server.ended) !== 'SIGKILL') throw error
      failed = true
    }
    cutOff = failed ? unanswered.size : 0
    if (!failed) return outcome
    outcome.fired++
    outcome.retried += unanswered.size
  }
}
