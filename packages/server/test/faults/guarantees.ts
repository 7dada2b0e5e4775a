import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { describe, expect, it } from 'vitest'
import { type Installation, install } from '../harness.js'
import { createDriver, type Driver } from './driver.js'
import { usePrepared } from './hurt.js'
import { openMode } from './modes.js'
import { type Parcel, parcels } from './parcels.js'
import { type Mode, type Place, poisoner, tokenOf } from './place.js'
import { poisons } from './poison.js'
import { faultsOf, readEverything } from './stored.js'

/** T6-T9, T16 and erasure, with everything in one process, in one mode. */
export function holdGuarantees(name: string, mode: Mode): void {
  const open = openMode(mode)
  describe.skipIf(!open)(`the guarantees: ${name}`, () => {
    const copy = usePrepared(open)

    /** Runs a test against an installation, lets it come to rest and closes it; then holds it to the oracle. */
    const within = async (body: (here: Installation, driver: Driver) => Promise<void>): Promise<Place> => {
      const place = await copy()
      const here = await install({ AUREN_RATE_ADDRESS: '1000000', AUREN_RATE_PERSON: '1000000', ...place.env })
      const driver = createDriver(() => [here.services.addresses.biometric as string])
      try {
        await body(here, driver)
        await here.auren.ingest.settled()
      } finally {
        await here.close()
        await here.remove()
      }
      expect(driver.violations).toEqual([])
      expect(faultsOf(driver.oracle, await readEverything(place))).toEqual([])
      return place
    }
    const some = (seed: number, n: number): Parcel[] => {
      const source = parcels(seed)
      return Array.from({ length: n }, () => ({ ...source.next().value, once: false }))
    }

    it('G3, T6: ten times at once, again under another name, in overlapping parts: each counts once', async () => {
      await within(async (_here, driver) => {
        for (const parcel of some(61, 20)) {
          await Promise.all(Array.from({ length: 10 }, () => driver.deliver(parcel)))
          if (parcel.aside === 0) await driver.deliver({ ...parcel, key: `${parcel.key}-again` })
        }
        expect(driver.replayed()).toBe(20 * 9)
      })
    })

    it('G4, T7: any order of arrival gives the same tables', async () => {
      const sent = some(62, 80)
      const digests: string[] = []
      for (const order of [sent, [...sent].reverse(), shuffled(sent, 3)]) {
        const place = await within(async (_here, driver) => {
          const left = [...order]
          const send = async (): Promise<void> => {
            for (let next = left.shift(); next; next = left.shift()) await driver.deliver(next)
          }
          await Promise.all([send(), send(), send()])
        })
        digests.push((await readEverything(place)).digest)
      }
      expect(new Set(digests).size).toBe(1)
    })

    it('T16: who waits for a receipt reads what they wrote', async () => {
      await within(async (here, driver) => {
        for (const [i, parcel] of some(63, 60).entries()) {
          const { id } = await here.auren.ingest.observations({
            userId: parcel.person,
            provider: 'app.watch',
            key: parcel.key,
            observations: parcel.observations.map((one) => ({
              source: { name: 'watch', type: 'app' },
              ...one,
            })) as never,
          })
          driver.oracle.accepted(parcel)
          if (i % 6 > 0) continue
          await here.auren.ingest.processed(parcel.person, id)
          for (const { metric, start, date } of parcel.holds) {
            if (metric === 'tag') continue
            const { buckets } = await here.auren.series(parcel.person, { metric, from: date, to: date, buckets: 2000 })
            const there = buckets.some(({ from, to }) => Date.parse(from) <= start && start < Date.parse(to))
            expect(there).toBe(true)
          }
        }
      })
    })

    it('G6, T9: poison is refused or set aside with its reason, and others go on', async () => {
      const reasons: string[] = []
      const wrong: string[] = []
      const place = await within(async (here, driver) => {
        const good = some(64, 4 * poisons.length)
        for (const [i, { name: what, body, right }] of poisons.entries()) {
          const others = good.slice(4 * i, 4 * i + 4).map((parcel) => driver.deliver(parcel))
          const answer = await post(here, poisoner, `poison-${i}`, new Uint8Array(body))
          const said = (await answer.json()) as { items?: { reason?: string }[] }
          if (!right.includes(answer.status)) wrong.push(`${what}: ${answer.status} ${JSON.stringify(said)}`)
          reasons.push(...(said.items ?? []).flatMap(({ reason }) => reason ?? []))
          await Promise.all(others)
        }
      })
      expect(wrong).toEqual([])
      expect(reasons.length).toBeGreaterThan(7)
      const held = await place.look((ask) =>
        ask<{ reason: string }>(`select reason from auren.quarantine where user_id = '${poisoner}' order by seq`),
      )
      expect(held.map(({ reason }) => reason).sort()).toEqual([...reasons].sort())
    })

    it('G9: metrics say what was accepted, what is stored and what was set aside', async () => {
      await within(async (here, driver) => {
        const sent = some(66, 30)
        for (const parcel of sent) await driver.deliver(parcel)
        await here.auren.ingest.settled()
        const page = await (await fetch(`${here.services.addresses.biometric}/metrics`)).text()
        const read = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(page)?.[1])
        const aside = sent.reduce((sum, parcel) => sum + parcel.aside, 0)
        expect(read('auren_envelopes_accepted_total')).toBe(sent.length)
        expect(read('auren_envelopes_stored_total')).toBe(sent.length)
        expect(read('auren_outbox_waiting')).toBe(0)
        expect(read('auren_outbox_oldest_seconds')).toBe(0)
        expect(read('auren_reconciliation_difference')).toBe(0)
        expect(read('auren_quarantine_open')).toBe(aside)
        expect(aside).toBeGreaterThan(0)
      })
    })

    it('G8: an erasure reaches every table, and the erased does not come back', async () => {
      const sent = some(65, 40)
      const place = await within(async (here, driver) => {
        for (const parcel of sent) await driver.deliver(parcel)
        await here.auren.ingest.settled()
        await here.auren.memory.for('bob').erase()
        driver.oracle.erased('bob')
        // Whoever sends it again has no token any more.
        const again = sent.find(({ person }) => person === 'bob') as Parcel
        const body = JSON.stringify({ app: 'watch', observations: again.observations })
        const refused = await post(here, 'bob', again.key, body)
        expect(refused.status).toBe(401)
      })
      const left = await place.look(async (ask) => {
        const tables = await ask<{ name: string }>(
          `select table_name as name from information_schema.columns where table_schema = 'auren' and column_name = 'user_id'`,
        )
        const found: string[] = []
        for (const { name: table } of tables)
          if ((await ask(`select 1 from auren.${table} where user_id = 'bob'`)).length > 0) found.push(table)
        expect(tables.length).toBeGreaterThan(15)
        return found
      })
      expect(left).toEqual([])
    })
  })
}

function post(
  here: Installation,
  person: string,
  key: string,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<Response> {
  return fetch(`${here.services.addresses.biometric}/v1/observations`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${tokenOf(person)}`,
      'idempotency-key': key,
    },
    body,
  })
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = xoroshiro128plus(seed)
  const mixed = [...items]
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = uniformInt(random, 0, i)
    ;[mixed[i], mixed[j]] = [mixed[j] as T, mixed[i] as T]
  }
  return mixed
}
