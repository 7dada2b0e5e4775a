import type { Held, Parcel } from './parcels.js'

/** A sample or tag as it must be, or is, in the tables. */
export type Row = Pick<Held, 'metric' | 'start' | 'end' | 'value'>

/** A day of a metric. */
export interface Day {
  metric: string
  date: string
  n: number
  sum: number
  min: number
  max: number
}

/** What the tables say of a person. */
export interface Stored {
  rows: Row[]
  days: Day[]
  /** Set aside, and not replayed. */
  aside: number
}

/** Knows what was accepted, by other means than AUREN's. */
export interface Oracle {
  /** It was answered with a 2xx. */
  accepted(parcel: Parcel): void
  /** It was sent, and nobody knows what became of it. */
  unknown(parcel: Parcel): void
  /** A person had everything erased. */
  erased(person: string): void
  count(): { accepted: number; unknown: number }
  /** What was accepted, and what came of the rest. */
  kept(of: ReadonlyMap<string, Stored>): Parcel[]
  /** Everything that is wrong with what is stored; empty where it is right. */
  faults(person: string, stored: Stored): string[]
}

/** A model of what was accepted: a map, and sums over it. */
export function createOracle(): Oracle {
  const accepted = new Map<string, Parcel>()
  const unknown = new Map<string, Parcel>()
  return {
    accepted(parcel) {
      accepted.set(parcel.key, parcel)
      unknown.delete(parcel.key)
    },
    unknown(parcel) {
      if (!accepted.has(parcel.key)) unknown.set(parcel.key, parcel)
    },
    erased(person) {
      for (const parcels of [accepted, unknown])
        for (const [key, parcel] of parcels) if (parcel.person === person) parcels.delete(key)
    },
    count: () => ({ accepted: accepted.size, unknown: unknown.size }),
    kept(of) {
      const seen = new Map([...of].map(([person, { rows }]) => [person, new Set(rows.map(text))]))
      const came = ({ person, holds }: Parcel): boolean => holds.every((one) => seen.get(person)?.has(text(one)))
      return [...accepted.values(), ...[...unknown.values()].filter(came)]
    },
    faults(person, stored) {
      const found: string[] = []
      const seen = new Set(stored.rows.map(text))
      if (seen.size !== stored.rows.length) found.push(`${stored.rows.length - seen.size} rows stand twice`)
      // Whole or not at all.
      const mine = [...accepted.values()].filter((parcel) => parcel.person === person)
      for (const parcel of unknown.values()) {
        if (parcel.person !== person) continue
        const there = parcel.holds.filter((one) => seen.has(text(one))).length
        if (there === parcel.holds.length) mine.push(parcel)
        else if (there > 0)
          found.push(`${parcel.key}: ${there} of ${parcel.holds.length} came, of which none was promised`)
      }
      const must = newest(mine)
      const wanted = new Set(must.map(text))
      for (const row of wanted) if (!seen.has(row)) found.push(`missing: ${row}`)
      for (const row of seen) if (!wanted.has(row)) found.push(`nobody sent: ${row}`)
      found.push(...differences(daysOf(must), stored.days))
      const aside = mine.reduce((sum, parcel) => sum + parcel.aside, 0)
      if (aside !== stored.aside) found.push(`set aside: ${stored.aside}, not ${aside}`)
      return found.map((one) => `${person}: ${one}`)
    },
  }
}

function text({ metric, start, end, value }: Row): string {
  return `${metric} ${start} ${end} ${value}`
}

function newest(parcels: readonly Parcel[]): Held[] {
  const held = new Map<string, Held>()
  for (const one of parcels.flatMap(({ holds }) => holds)) {
    const before = held.get(one.id)
    if (!before || before.version <= one.version) held.set(one.id, one)
  }
  return [...held.values()]
}

function daysOf(rows: readonly Held[]): Day[] {
  const days = new Map<string, Day>()
  for (const { metric, date, value } of rows) {
    if (metric === 'tag') continue
    const day = days.get(`${metric} ${date}`) ?? { metric, date, n: 0, sum: 0, min: value, max: value }
    day.n++
    day.sum += value
    day.min = Math.min(day.min, value)
    day.max = Math.max(day.max, value)
    days.set(`${metric} ${date}`, day)
  }
  return [...days.values()]
}

function differences(must: readonly Day[], are: readonly Day[]): string[] {
  const name = ({ metric, date, n, sum, min, max }: Day): string => `day ${metric} ${date}: ${n} ${sum} ${min}-${max}`
  const wanted = new Set(must.map(name))
  const seen = new Set(are.map(name))
  return [
    ...[...wanted].filter((day) => !seen.has(day)).map((day) => `missing ${day}`),
    ...[...seen].filter((day) => !wanted.has(day)).map((day) => `wrong ${day}`),
  ]
}
