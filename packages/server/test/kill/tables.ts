import { createHash } from 'node:crypto'
import type { Place } from '../faults/place.js'

/** What must be equal between two runs over the same input: columns that are random by nature are left out. */
const tables: Readonly<Record<string, readonly string[]>> = {
  chunks: ['revision'],
  chunk_history: [],
  records: [],
  sources: [],
  // Words are sealed anew, and so differ, each time that they are written.
  entries: ['words'],
  days: [],
  source_days: [],
  person_versions: ['version'],
  quarantine: ['id', 'seq', 'sealed', 'replayed_at'],
  blobs: ['id', 'name'],
}

/** State of a place on which no server works. */
export interface Tables {
  /** Digest of each table. */
  digests: Record<string, string>
  rows: Record<string, number>
  accepted: number
  stored: number
  /** Envelopes still in the outbox. */
  waiting: number
  /** Jobs by state. */
  jobs: Record<string, number>
  /** Pages in which siblings of imports are counted. */
  pages: number
}

/** Reads all tables of a place. Ids and times of receipt are replaced by the deliveries that they belong to. */
export function readTables(place: Place): Promise<Tables> {
  return place.look(async (query) => {
    const inbox = await query<{ id: string; delivery_key: string; received_at: number }>(
      'select id::text, delivery_key, received_at::float8 as received_at from auren.inbox order by delivery_key',
    )
    const plain = (text: string): string =>
      inbox.reduce(
        (held, { id, delivery_key, received_at }) =>
          held.replaceAll(id, `raw of ${delivery_key}`).replaceAll(String(received_at), `receipt of ${delivery_key}`),
        text,
      )
    const digests: Record<string, string> = {}
    const rows: Record<string, number> = {}
    for (const [table, but] of Object.entries(tables)) {
      const found = await query<{ row: Record<string, unknown> }>(`select to_jsonb(t) as row from auren.${table} t`)
      const texts = found
        .map(({ row }) => plain(JSON.stringify(Object.entries(row).filter(([key]) => !but.includes(key)))))
        .sort()
      digests[table] = createHash('sha256').update(texts.join('\n')).digest('hex')
      rows[table] = texts.length
    }
    const counters = await query<{ name: string; value: number }>(
      'select name, sum(value)::float8 as value from auren.counters group by name',
    )
    const [outbox] = await query<{ n: number }>('select count(*)::float8 as n from auren.outbox')
    const jobs = await query<{ state: string; n: number }>(
      'select state, count(*)::float8 as n from auren.jobs group by state',
    )
    const [pages] = await query<{ n: number }>('select count(*)::float8 as n from auren.ordinals')
    const counted = Object.fromEntries(counters.map(({ name, value }) => [name, value]))
    return {
      digests,
      rows,
      accepted: counted.accepted ?? 0,
      stored: counted.stored ?? 0,
      waiting: outbox?.n ?? 0,
      jobs: Object.fromEntries(jobs.map(({ state, n }) => [state, n])),
      pages: pages?.n ?? 0,
    }
  })
}

/**
 * What of two runs must be equal. Not how many envelopes there were: an import that goes on after a kill cuts what is
 * left into steps of its own, and only all of them together are the file.
 */
export function comparable({
  accepted,
  stored,
  ...tables
}: Tables): Omit<Tables, 'accepted' | 'stored'> & { lost: number } {
  return { ...tables, lost: accepted - stored }
}

/** Tags that hold in a place on which no server works, by record id. */
export function readTags(place: Place): Promise<{ recordId: string; tag: string; revisions: number }[]> {
  return place.look((query) =>
    query(
      `select record_id as "recordId", max(name) filter (where held) as tag, count(*)::int4 as revisions
         from auren.entries where shape = 'tag' group by record_id order by record_id`,
    ),
  )
}
