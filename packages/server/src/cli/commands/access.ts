import { type AccessScope, type ApiToken, type AuditReport, type AuditRow, AurenError } from '@auren/core'
import type { Client } from '../client.js'
import { type Output, table } from '../output.js'

const day = (at: number | null): string => (at === null ? '–' : new Date(at).toISOString().slice(0, 10))
const names: readonly AccessScope[] = ['read', 'write', 'operate']

/** Personal API tokens. */
export const token = {
  async create(
    client: Client,
    output: Output,
    name: string,
    options: { scopes?: string; days?: string },
  ): Promise<number> {
    const scopes = (options.scopes ?? 'read').split(',').map((part) => part.trim())
    const unknown = scopes.find((scope) => !(names as readonly string[]).includes(scope))
    if (unknown !== undefined)
      throw new AurenError('AUREN_INPUT_INVALID', `There is no scope "${unknown}": choose from ${names.join(', ')}.`)
    const made = await client.call<{ id: string; token: string; expiresAt: number }>('neuros', 'POST', '/v1/tokens', {
      name,
      scopes,
      ...(options.days === undefined ? {} : { days: numberOf(options.days) }),
    })
    if (output.json) output.data(made)
    else {
      output.print(made.token)
      output.note(
        `It is not shown again. It holds until ${day(made.expiresAt)}; revoke it with: auren token revoke ${made.id}`,
      )
    }
    return 0
  },
  async list(client: Client, output: Output): Promise<number> {
    const tokens = await client.call<Omit<ApiToken, 'user'>[]>('neuros', 'GET', '/v1/tokens')
    if (output.json) output.data(tokens)
    else if (tokens.length === 0) output.print('There are no tokens.')
    else
      output.print(
        table([
          ['id', 'name', 'scopes', 'until', 'last used', 'revoked'],
          ...tokens.map((held) => [
            held.id,
            held.name,
            held.scopes.join(','),
            day(held.expiresAt),
            day(held.usedAt),
            day(held.revokedAt),
          ]),
        ]),
      )
    return 0
  },
  async revoke(client: Client, output: Output, id: string): Promise<number> {
    await client.call('neuros', 'DELETE', `/v1/tokens/${encodeURIComponent(id)}`)
    if (output.json) output.data({ revoked: id })
    else output.print('Revoked: whoever has it is refused from now on.')
    return 0
  },
}

/** Lets one more person in: prints an invitation to sign up with. */
export async function invite(
  client: Client,
  output: Output,
  options: { operate?: boolean; days?: string },
): Promise<number> {
  const made = await client.call<{ invitation: string; expiresAt: number }>('neuros', 'POST', '/v1/invitations', {
    operate: options.operate === true,
    ...(options.days === undefined ? {} : { days: numberOf(options.days) }),
  })
  if (output.json) output.data(made)
  else {
    output.print(made.invitation)
    output.note(`One person can sign up with it, until ${day(made.expiresAt)}. Whoever has it can: send it safely.`)
  }
  return 0
}

/** The audit log. */
export const audit = {
  async verify(client: Client, output: Output): Promise<number> {
    const report = await client.call<AuditReport>('neuros', 'GET', '/v1/audit/verify')
    if (output.json) output.data(report)
    else if (report.brokenAt !== null)
      output.print(`Row ${report.brokenAt} is not as it was written, or one before it is missing.`)
    else
      output.print(
        `${report.rows} rows, each as it was written. Newest: ${report.head ?? 'none'}. Note it elsewhere: it shows whether the end is cut off later.`,
      )
    return report.brokenAt === null ? 0 : 1
  },
  async list(client: Client, output: Output, options: { limit?: string }): Promise<number> {
    const limit = options.limit === undefined ? 100 : numberOf(options.limit)
    const rows = await client.call<AuditRow[]>('neuros', 'GET', `/v1/audit/log?limit=${limit}`)
    if (output.json) output.data(rows)
    else
      output.print(
        table(
          rows.map((row) => [
            String(row.seq),
            new Date(row.at).toISOString(),
            row.action,
            row.actor?.slice(0, 8) ?? '–',
            row.subject?.slice(0, 8) ?? '–',
            row.reason,
          ]),
        ),
      )
    return 0
  },
}

/** Makes a new key for access tokens. */
export async function rotateKey(client: Client, output: Output): Promise<number> {
  await client.call('neuros', 'POST', '/v1/signing-keys')
  if (output.json) output.data({ rotated: true })
  else output.print('Access tokens are now signed with a new key. Those of the older ones hold until they expire.')
  return 0
}

function numberOf(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw new AurenError('AUREN_INPUT_INVALID', `"${text}" is not a whole number.`)
}
