import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { AurenError, type ConnectionView } from '@auren/core'
import type { Vendor } from '../../biometric/vendors.js'
import type { Client } from '../client.js'
import { type Output, table } from '../output.js'

const when = (at: number | null): string => (at === null ? 'never' : new Date(at).toISOString().slice(0, 16))

/** Connections to vendors. */
export const connections = {
  async list(client: Client, output: Output): Promise<number> {
    const held = await client.call<ConnectionView[]>('biometric', 'GET', '/v1/connections')
    if (output.json) {
      output.data(held)
      return 0
    }
    if (held.length === 0) output.print('Nothing is connected.')
    else
      output.print(
        table([
          ['vendor', 'account', 'status', 'last heard', 'wrong with it'],
          ...held.map((one) => [one.provider, one.account, one.status, when(one.lastSyncAt), one.error ?? '']),
        ]),
      )
    const vendors = await client.call<Vendor[]>('biometric', 'GET', '/v1/vendors')
    const others = vendors.filter((one) => one.connect && !held.some(({ provider }) => provider === one.provider))
    if (others.length > 0)
      output.print(['', 'Can be connected:', ...others.map((one) => `  ${commandOf(one)}`)].join('\n'))
    return 0
  },

  /** Prints where to sign in; of a site of one's own, connects it with what is given. */
  async begin(client: Client, output: Output, provider: string, said: readonly string[]): Promise<number> {
    const given = said.length === 0 ? {} : { given: await givenOf(said) }
    const begun = await client.call<{ url: string; connection?: ConnectionView }>(
      'biometric',
      'POST',
      pathOf(provider),
      given,
    )
    if (output.json) output.data(begun)
    else if (begun.url !== '') {
      output.note(
        begun.connection
          ? 'Enter this address there; whoever has it can send in your name:'
          : 'Open this in a browser:',
      )
      output.print(begun.url)
    } else output.print(`Connected: ${begun.connection?.account}. What it has is being fetched.`)
    return 0
  },

  async sync(client: Client, output: Output, provider: string): Promise<number> {
    const { jobs } = await client.call<{ jobs: string[] }>('biometric', 'POST', `${pathOf(provider)}/sync`)
    if (output.json) output.data({ jobs })
    else output.print('What is new is being fetched.')
    return 0
  },

  async remove(client: Client, output: Output, provider: string): Promise<number> {
    await client.call('biometric', 'DELETE', pathOf(provider))
    if (output.json) output.data({ provider })
    else output.print('Disconnected. What was measured so far stays.')
    return 0
  },
}

/** What connects it. A secret is asked of the standard input. */
function commandOf({ provider, fields }: Vendor): string {
  const given = fields.map(
    ({ name, hint, secret }) => `${name}=${secret ? '-' : hint?.startsWith('https://') ? hint : '…'}`,
  )
  return ['auren connect', provider, ...given].join(' ')
}

function pathOf(provider: string): string {
  return `/v1/connections/${encodeURIComponent(provider)}`
}

/**
 * `name=value`. What opens something does not belong on a command line, where others of the machine see it: `token=-` is read
 * from the standard input, `token=@file` from a file.
 */
async function givenOf(said: readonly string[]): Promise<Record<string, string>> {
  const given: Record<string, string> = {}
  for (const part of said) {
    const [, name, value] = /^(\w+)=(.+)$/s.exec(part) ?? []
    if (name === undefined || value === undefined)
      throw new AurenError('AUREN_INPUT_INVALID', 'Write what the vendor needs as name=value: url=https://… token=-')
    if (value === '-') given[name] = (await text(process.stdin)).trim()
    else given[name] = value.startsWith('@') ? (await readFile(value.slice(1), 'utf8')).trim() : value
  }
  return given
}
