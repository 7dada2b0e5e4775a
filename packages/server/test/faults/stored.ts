import { createHash } from 'node:crypto'
import type { Oracle, Stored } from './oracle.js'
import { type Ask, type Place, persons, poisoner } from './place.js'

export type { Stored } from './oracle.js'

/** The tables of a place, as its databases tell them: per person, and what must balance. */
export interface Everything {
  of: Map<string, Stored>
  waiting: number
  accepted: number
  stored: number
  deliveries: number
  /** Of everything that does not depend on when a delivery came, or on the order. */
  digest: string
}

const widest = '-62135596800000, 253402300799999'

/** Reads what is stored, by SQL of this test's own. */
export function readEverything(place: Place): Promise<Everything> {
  return place.look(async (ask) => {
    const of = new Map<string, Stored>()
    for (const person of persons) of.set(person, await readPerson(ask, person))
    const counters = await ask<{ name: string; n: number }>(
      'select name, sum(value)::float8 as n from auren.counters group by name',
    )
    const one = async (text: string): Promise<number> => (await ask<{ n: number }>(text))[0]?.n ?? 0
    const counted = new Map(counters.map(({ name, n }) => [name, n]))
    return {
      of,
      waiting: await one('select count(*)::float8 as n from auren.outbox'),
      accepted: counted.get('accepted') ?? 0,
      stored: counted.get('stored') ?? 0,
      deliveries: await one(
        `select count(*)::float8 as n from auren.inbox where user_id is distinct from '${poisoner}'`,
      ),
      digest: await digest(ask),
    }
  })
}

async function readPerson(ask: Ask, person: string): Promise<Stored> {
  const rows: Stored['rows'] = []
  for (const metric of ['heart_rate', 'steps'] as const)
    for (const row of await ask<{ start: number; end: number | null; value: number }>(
      `select start_ms::float8 as start, end_ms::float8 as "end", value
       from auren.samples('${person}', '${metric}', ${widest})`,
    ))
      rows.push({ metric, ...row })
  for (const { start } of await ask<{ start: number }>(
    `select start_at::float8 as start from auren.entries where user_id = '${person}' and shape = 'tag' and held`,
  ))
    rows.push({ metric: 'tag', start, end: null, value: 1 })
  const days = await ask<Stored['days'][number]>(
    `select metric, date::text as date, n, sum, min, max from auren.days
     where user_id = '${person}' and source_id = 0 and metric in ('heart_rate', 'steps')`,
  )
  const [aside] = await ask<{ n: number }>(
    `select count(*)::float8 as n from auren.quarantine where user_id = '${person}' and replayed_at is null`,
  )
  return { rows, days, aside: aside?.n ?? 0 }
}

async function digest(ask: Ask): Promise<string> {
  const parts = [
    ...persons.flatMap((person) =>
      ['heart_rate', 'steps'].map(
        (metric) =>
          `select '${person} ${metric}' as who, t::text as row from auren.samples('${person}', '${metric}', ${widest}) t`,
      ),
    ),
    `select 'day', row_to_json(t)::text from (select d.user_id, d.metric, s.key, d.date, d.value, d.n, d.sum, d.min, d.max,
       d.mean, d.sd, d.first, d.last, d.whole, d.slots, d.slot_count from auren.days d
       left join auren.sources s on s.user_id = d.user_id and s.id = d.source_id) t`,
    `select 'worn', row_to_json(t)::text from (select d.user_id, s.key, d.date, d.slots, d.slot_count
       from auren.source_days d join auren.sources s on s.user_id = d.user_id and s.id = d.source_id) t`,
    `select 'entry', row_to_json(t)::text from (select user_id, id, hash, shape, name, record_id, ordinal, start_at,
       end_at, date, value, flags, version, gone, held from auren.entries) t`,
    `select 'aside', row_to_json(t)::text from (select user_id, provider, account, reason from auren.quarantine
       where user_id is distinct from '${poisoner}') t`,
  ]
  const rows = await ask<{ row: string }>(
    `select who || ' ' || row as row from (${parts.join(' union all ')}) as all_rows`,
  )
  return createHash('sha256')
    .update(
      rows
        .map(({ row }) => row)
        .sort()
        .join('\n'),
    )
    .digest('hex')
}

/** Everything that is wrong with a place at rest; empty where all is as the oracle knows it. */
export function faultsOf(oracle: Oracle, found: Everything): string[] {
  const { accepted, unknown } = oracle.count()
  const faults = persons.flatMap((person) => oracle.faults(person, found.of.get(person) as Stored))
  if (found.waiting > 0) faults.push(`${found.waiting} still wait`)
  if (found.accepted !== found.stored) faults.push(`accepted ${found.accepted}, stored ${found.stored}`)
  if (found.deliveries < accepted || found.deliveries > accepted + unknown)
    faults.push(`${found.deliveries} deliveries are kept, ${accepted} were accepted and ${unknown} may have been`)
  return faults.slice(0, 20)
}
