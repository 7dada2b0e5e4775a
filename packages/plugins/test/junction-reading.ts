import { type NormalizeContext, Observation, type ObservationInput } from '@auren/core'
import { expect } from 'vitest'
import { junction } from '../src/wearables/junction/index.js'

export const plugin = junction({ webhookSecret: `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}` })
export const RECEIVED = Date.parse('2026-11-01T00:00:00Z')

/** What a payload becomes, and what is set aside with which words. */
export function normalize(payload: unknown, zone: string | null = null) {
  const rejected: string[] = []
  const details: string[] = []
  const ctx: NormalizeContext = {
    receivedAt: RECEIVED,
    account: 'u1',
    zoneAt: () => zone,
    reject: (_item, reason, detail) => {
      rejected.push(reason)
      details.push(detail)
    },
  }
  const observations: ObservationInput[] = [...plugin.normalize(plugin.payload.parse(payload), ctx)]
  for (const one of observations) expect(Observation.safeParse(one).error?.issues ?? []).toEqual([])
  return { observations, rejected, details }
}

export const planned = (event: unknown) => plugin.webhook!.plan(event, { receivedAt: RECEIVED })
