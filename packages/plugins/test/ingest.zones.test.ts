import type { FileContext, ObservationInput, WearablePlugin } from '@auren/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openRig, pieces, type Rig, start } from './ingest-rig.js'
import { type DialectServer, delivery, dialect, startDialect } from './servers/dialect.js'

const hour = 3_600_000
const year = 365 * 24 * hour
const home = 'Europe/Berlin'
/** Until the new year at home, then abroad. */
const zones = [
  { from: start - year, zone: 'America/New_York' },
  { from: Date.UTC(2026, 0, 1), zone: 'Asia/Kolkata' },
]
const winter = { at: '2025-12-20T07:00:00', bpm: 61 }
const now = { at: '2026-01-04T07:00:00', bpm: 62 }

let rig: Rig
let vendor: DialectServer
let pulled: (typeof now)[] = []
const files: Pick<FileContext, 'receivedAt' | 'account'>[] = []
let person = ''
let n = 0

/** Knows its files by how they end, and writes down the zone that it was told. */
const file: NonNullable<WearablePlugin['file']> = {
  async recognises(_name, head, source) {
    if (Buffer.from(head.subarray(0, 3)).toString() !== 'END') return false
    return Buffer.from(await source.read(source.size - 3, 3)).toString() === 'end'
  },
  async *read(_source, { zoneAt, receivedAt, account }) {
    files.push({ receivedAt, account })
    const observations = [winter, now].map(
      ({ at, bpm }): ObservationInput => ({
        shape: 'sample',
        metric: 'heart_rate',
        start: Date.parse(`${at}Z`),
        value: bpm,
        unit: '/min',
        source: { name: 'File', type: 'watch' },
        offset: null,
        zoneBasis: 'absent',
        recordId: `${zoneAt(Date.parse(`${at}Z`))}`,
      }),
    )
    yield { observations, rejected: [], cursor: 1, progress: { bytes: 1, total: 1 } }
  },
}

beforeAll(async () => {
  vendor = await startDialect()
  const pull: WearablePlugin['pull'] = {
    everyMs: year,
    async *all() {
      yield { payload: { clocks: pulled } }
    },
  }
  rig = await openRig({ plugins: [dialect(vendor, { pull, file } as Partial<WearablePlugin>)] })
})
afterAll(async () => {
  await rig.close()
  await vendor.close()
})
beforeEach(async () => {
  pulled = []
  person = `person-${n++}`
  await rig.auren.ingest.connections.adopt(person, 'dialect', person, { accessToken: 'x' })
  await rig.auren.memory.for(person).setProfile({ zones })
  await rig.auren.ingest.settled()
})

/** The zone that was told for each value. */
const told = async (user = person): Promise<Record<string, string | null>> => {
  const samples = await rig.longTerm.samples(
    { user, purpose: 'display' },
    { metric: 'heart_rate', from: start - year, to: start + year },
  )
  return Object.fromEntries(samples.map(({ value, recordId }) => [value, recordId]))
}
const abroad = { 61: 'America/New_York', 62: 'Asia/Kolkata' }

describe('a person’s zones', () => {
  it('are told for what a webhook brings, and the installation’s to whoever has none', async () => {
    const other = `${person}-b`
    await rig.auren.ingest.connections.adopt(other, 'dialect', other, { accessToken: 'x' })
    const plans = [person, other].map((account) => ({ account, payload: { clocks: [winter, now] } }))
    await rig.auren.ingest.webhook('dialect', delivery(plans))
    await rig.auren.ingest.settled()
    expect(await told()).toEqual(abroad)
    expect(await told(other)).toEqual({ 61: home, 62: home })
  })

  it('are told for what a pull brings', async () => {
    pulled = [winter, now]
    await rig.auren.ingest.connections.sync(person, 'dialect')
    await rig.auren.ingest.settled()
    expect(await told()).toEqual(abroad)
  })

  it('are told for a file, with when it was received; it may be known by any part of it', async () => {
    const bytes = Buffer.concat([Buffer.from('END'), Buffer.alloc(3_000_000, 0x20), Buffer.from(`${n} end`)])
    const before = files.length
    const view = await rig.auren.ingest.file('auto', pieces(bytes), { userId: person, name: 'x' })
    expect(view).toMatchObject({ plugin: 'dialect', state: 'done' })
    expect(files.slice(before)).toEqual([{ receivedAt: start, account: person }])
    expect(await told()).toEqual(abroad)
    const cut = rig.auren.ingest.file('auto', pieces(bytes.subarray(0, -1)), { userId: person, name: 'x' })
    await expect(cut).rejects.toThrow(/not recognised/)
  })

  it('are told for what came before anybody had connected the account', async () => {
    const account = `late-${person}`
    await rig.auren.ingest.webhook('dialect', delivery([{ account, payload: { clocks: [winter, now] } }]))
    await rig.auren.ingest.connections.adopt(person, 'dialect', account, { accessToken: 'x' })
    await rig.auren.ingest.settled()
    expect(await told()).toEqual(abroad)
  })
})

describe('keys that a vendor publishes', () => {
  it('are fetched before a delivery is verified, only from hosts that the plugin names', async () => {
    const held = dialect(vendor)
    const asked: string[] = []
    const webhook: WearablePlugin['webhook'] = {
      ...(held.webhook as NonNullable<WearablePlugin['webhook']>),
      async prepare(_request, { fetch }) {
        const answer = await fetch(`${vendor.url}/application`)
        asked.push(`keys ${answer.status}`)
        await fetch('https://elsewhere.example/keys').catch((error: Error) => asked.push(error.message))
      },
      verify() {
        asked.push('verify')
        return { ok: false, reason: 'no key fits' }
      },
    }
    const other = await openRig({ plugins: [{ ...held, webhook }] })
    try {
      await expect(other.auren.ingest.webhook('dialect', delivery([]))).rejects.toThrow(/no key fits/)
      expect(asked).toEqual(['keys 200', 'dialect may not call elsewhere.example.', 'verify'])
    } finally {
      await other.close()
    }
  })
})
