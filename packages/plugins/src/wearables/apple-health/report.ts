/** Takes what could not be read: the item, a reason for machines, a sentence for people. */
export type Reject = (item: unknown, reason: string, detail: string) => void

/** Counts by reason and name, as kept in the cursor. */
export type Counts = [reason: string, name: string, n: number][]

const singly = 20
const maxNames = 500

/** Counts what is not read, so that nothing is dropped silently and millions of records need no more memory than one. */
export interface Report {
  /** One of many of a kind: told at the end, with a count. */
  count(reason: string, name: string): void
  /** Something wrong with one element: the first twenty of a reason and name are set aside one by one, the rest counted. */
  single(reason: string, name: string, item: unknown, detail: string): void
  /** Hands the counts over; call it once, at the end. */
  finish(why: (reason: string, name: string, n: number) => string): void
  counts(): Counts
}

/** A report that goes on from the counts of an earlier part of the import. */
export function createReport(reject: Reject, before: Counts = []): Report {
  const counters = new Map<string, { reason: string; name: string; n: number }>()
  const add = (reason: string, name: string): number => {
    const short = name.slice(0, 100)
    let entry = counters.get(`${reason} ${short}`)
    if (!entry) {
      const kept = counters.size < maxNames ? short : 'others'
      entry = counters.get(`${reason} ${kept}`)
      if (!entry) {
        entry = { reason, name: Buffer.from(kept, 'utf8').toString('utf8'), n: 0 }
        counters.set(`${reason} ${kept}`, entry)
      }
    }
    entry.n++
    return entry.n
  }
  for (const [reason, name, n] of before) counters.set(`${reason} ${name}`, { reason, name, n })
  return {
    count: add,
    single(reason, name, item, detail) {
      if (add(`one:${reason}`, name) <= singly) reject(item, reason, detail)
    },
    finish(why) {
      for (const { reason, name, n } of counters.values()) {
        if (!reason.startsWith('one:')) reject({ name, count: n }, reason, why(reason, name, n))
        else if (n > singly) {
          const plain = reason.slice(4)
          reject(
            { name, count: n - singly },
            plain,
            `${n - singly} more elements ${name} were set aside like this one.`,
          )
        }
      }
    },
    counts: () => [...counters.values()].map(({ reason, name, n }) => [reason, name, n]),
  }
}
