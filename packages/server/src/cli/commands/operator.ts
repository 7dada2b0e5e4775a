import { AurenError } from '@auren/core'
import type { Client } from '../client.js'
import { type Output, table } from '../output.js'

const root = '/v1/operator/quarantine'

/** Which items. */
export interface OperatorFilter {
  provider?: string
  reason?: string
}

interface Seen {
  id: string
  person: string | null
  provider: string
  receivedAt: number
  reason: string
}

interface Outcome {
  replayed: number
  accepted: number
  quarantined: number
  refused: { id: string; code: string }[]
  next: string | null
}

/** What was set aside, of everybody and of nobody: for who runs the installation. */
export const operatorQuarantine = {
  async list(
    client: Client,
    output: Output,
    options: OperatorFilter & { all?: boolean; limit?: string },
  ): Promise<number> {
    const query = new URLSearchParams({
      all: String(options.all === true),
      ...(options.limit === undefined ? {} : { limit: options.limit }),
      ...filterOf(options),
    })
    const items = await client.call<Seen[]>('biometric', 'GET', `${root}?${query}`)
    if (output.json) output.data(items)
    else if (items.length === 0) output.print('Nothing is set aside.')
    else
      output.print(
        table(
          items.map(({ id, person, provider, receivedAt, reason }) => [
            id,
            person?.slice(0, 8) ?? 'nobody',
            provider,
            new Date(receivedAt).toISOString().slice(0, 10),
            reason,
          ]),
        ),
      )
    return 0
  },

  async show(client: Client, output: Output, id: string, options: { reveal?: boolean }): Promise<number> {
    const item = await client.call(
      'biometric',
      'GET',
      `${root}/${encodeURIComponent(id)}?reveal=${options.reveal === true}`,
    )
    if (output.json) output.data(item)
    else output.print(JSON.stringify(item, null, 2))
    return 0
  },

  async replay(
    client: Client,
    output: Output,
    ids: readonly string[],
    options: OperatorFilter & { all?: boolean },
  ): Promise<number> {
    const filter = filterOf(options)
    if (ids.length > 0) {
      for (const id of ids) {
        const outcome = await client.call('biometric', 'POST', `${root}/${encodeURIComponent(id)}/replay`)
        if (output.json) output.data({ id, outcome })
        else output.print(`${id}: ${JSON.stringify(outcome)}`)
      }
      return 0
    }
    if (!options.all && Object.keys(filter).length === 0)
      throw new AurenError('AUREN_INPUT_INVALID', 'Name the items to replay, or use --provider, --reason or --all.')
    const sum: Outcome = { replayed: 0, accepted: 0, quarantined: 0, refused: [], next: null }
    do {
      const part: Outcome = await client.call<Outcome>('biometric', 'POST', `${root}/replay`, {
        ...filter,
        ...(sum.next === null ? {} : { after: sum.next }),
      })
      sum.replayed += part.replayed
      sum.accepted += part.accepted
      sum.quarantined += part.quarantined
      sum.refused.push(...part.refused)
      sum.next = part.next
    } while (sum.next !== null)
    if (output.json) output.data(sum)
    else {
      output.print(
        `Replayed ${sum.replayed}: ${sum.accepted} observations accepted, ${sum.quarantined} set aside anew.`,
      )
      for (const { id, code } of sum.refused) output.print(`${id}: stays (${code})`)
    }
    return 0
  },
}

function filterOf({ provider, reason }: OperatorFilter): Record<string, string> {
  return { ...(provider === undefined ? {} : { provider }), ...(reason === undefined ? {} : { reason }) }
}
