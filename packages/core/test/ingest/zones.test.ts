import { describe, expect, it } from 'vitest'
import { createZones, normalizeFor } from '../../src/ingest/zones.js'
import type { WearablePlugin } from '../../src/plugin/types.js'
import { account, pulse, start, toy, user } from './toy.js'

describe('zones', () => {
  it('are those of the profile by the time from which each holds, else the installation’s', async () => {
    const held = async (profile: { zones?: { from: number; zone: string }[] }) =>
      (await createZones({ profile: async () => profile }, 'UTC')(user))(start)
    expect(await held({})).toBe('UTC')
    expect(await held({ zones: [] })).toBe('UTC')
    expect(await held({ zones: [{ from: start + 1, zone: 'Asia/Tokyo' }] })).toBe('Asia/Tokyo')
    const two = [
      { from: 0, zone: 'Asia/Tokyo' },
      { from: start, zone: 'Asia/Kathmandu' },
    ]
    expect(await held({ zones: two })).toBe('Asia/Kathmandu')
  })

  it('are read only where a normalizer asks, which begins anew then', async () => {
    let reads = 0
    let runs = 0
    const zonesOf = async () => {
      reads++
      return () => 'Asia/Tokyo'
    }
    const plugin = (asks: boolean) =>
      toy({
        normalize: function* (_payload: unknown, ctx: { zoneAt(at: number): string | null }) {
          runs++
          yield pulse(start, 60, asks ? { recordId: `${ctx.zoneAt(start)}` } : {})
        },
      } as Partial<WearablePlugin>) as WearablePlugin
    const from = { user, account, receivedAt: start }
    const payload = { account, items: [] }
    expect((await normalizeFor(zonesOf, plugin(false), payload, from)).observations).toHaveLength(1)
    expect([reads, runs]).toEqual([0, 1])
    expect((await normalizeFor(zonesOf, plugin(true), payload, from)).observations).toMatchObject([
      { recordId: 'Asia/Tokyo' },
    ])
    expect([reads, runs]).toEqual([1, 3])
  })
})
