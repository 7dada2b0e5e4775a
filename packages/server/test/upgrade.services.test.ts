import { randomUUID } from 'node:crypto'
import { ENVELOPE_VERSION, type Envelope, type Journal } from '@auren/core'
import { describe, expect, it } from 'vitest'
import { openPostgres } from '../../plugins/src/storage/postgres/sql.js'
import { createJournal } from '../../plugins/src/storage/sql/journal/index.js'
import { parseMasterKeys } from '../../plugins/src/storage/sql/master-key.js'
import { createVault } from '../../plugins/src/storage/sql/vault.js'
import { createDriver, until } from './faults/driver.js'
import { startFleet } from './faults/fleet.js'
import { usePrepared } from './faults/hurt.js'
import { openMode } from './faults/modes.js'
import type { Parcel } from './faults/parcels.js'
import { type Mode, type Place, persons } from './faults/place.js'
import { readEverything, type Stored } from './faults/stored.js'

// Rolling upgrade: processes of two versions work on one database; what one writes the other reads or leaves alone.

const start = Date.UTC(2025, 4, 4, 10)
const beat = {
  shape: 'sample',
  metric: 'heart_rate',
  value: 61,
  unit: '/min',
  offset: 0,
  zoneBasis: 'carried',
} as const

function parcelOf(person: string, minute: number): Parcel {
  const at = start + minute * 60_000
  const id = String(at)
  return {
    person,
    key: `${person}-${minute}`,
    observations: [{ ...beat, start: at }],
    holds: [{ id, metric: 'heart_rate', start: at, end: null, value: 61, date: '2025-05-04', version: 0 }],
    aside: 0,
    once: false,
  }
}

/** Accepts a delivery as a process of another version would: with its own number in the envelope. */
async function acceptAs(v: number, place: Place, { person, key, observations }: Parcel): Promise<void> {
  const sql = await openPostgres({ url: place.env.POSTGRES_URL as string })
  try {
    const vault = createVault(sql, parseMasterKeys(place.env.AUREN_MASTER_KEY as string))
    const journal: Journal = createJournal(sql, vault, { partitions: 4, now: Date.now })
    const receivedAt = Date.now()
    await journal.transaction(async (tx) => {
      const body = new TextEncoder().encode(JSON.stringify(observations))
      const receipt = await journal.receive(
        tx,
        { provider: 'app.watch', deliveryKey: key, user: person, account: person, body },
        receivedAt,
      )
      const envelope = {
        v,
        id: randomUUID(),
        user: person,
        account: person,
        receivedAt,
        provider: 'app.watch',
        rawRef: receipt.id,
        observations: observations.map((one) => ({ ...one, source: { name: 'watch', type: 'app' } })),
      }
      await journal.enqueue(tx, [envelope as unknown as Envelope])
    })
  } finally {
    await sql.close()
  }
}

const modes: { name: string; mode: Mode }[] = [
  { name: 'PostgreSQL', mode: 'table' },
  { name: 'PostgreSQL, Kafka, Redis', mode: 'kafka' },
]

describe.each(modes)('processes of two versions: $name', ({ mode }) => {
  const open = openMode(mode)
  const copy = usePrepared(open)

  it.skipIf(!open)(
    'stores what the version before wrote, and keeps what a newer one wrote until it can be read',
    async () => {
      const place = await copy()
      const fleet = await startFleet(place, [{ roles: 'biometric' }, { roles: 'worker' }])
      const driver = createDriver(() => fleet.addresses('biometric'))
      const waiting = async (): Promise<number | undefined> => (await place.unfinished())?.waiting
      try {
        await driver.deliver(parcelOf('ada', 0))
        await acceptAs(ENVELOPE_VERSION - 1, place, parcelOf('ada', 1))
        driver.oracle.accepted(parcelOf('ada', 1))
        await until(async () => (await waiting()) === 0)
        // Nobody here can read it: it is neither lost nor set aside, and other persons' partitions go on.
        await acceptAs(ENVELOPE_VERSION + 1, place, parcelOf('bob', 0))
        for (const person of persons) if (person !== 'bob') await driver.deliver(parcelOf(person, 2))
        await until(async () => ((await waiting()) ?? 0) < persons.length)
      } finally {
        await fleet.end()
      }
      const found = await readEverything(place)
      const kept = await place.look((ask) => ask<{ who: string }>('select user_id as who from auren.outbox'))
      const blocked = new Set(kept.map(({ who }) => who))
      expect(blocked).toContain('bob')
      expect(driver.violations).toEqual([])
      expect(found.accepted - found.stored).toBe(kept.length)
      for (const person of persons)
        if (!blocked.has(person)) expect(driver.oracle.faults(person, found.of.get(person) as Stored)).toEqual([])
      expect([...found.of.values()].map(({ aside }) => aside)).toEqual(persons.map(() => 0))
    },
  )
})
