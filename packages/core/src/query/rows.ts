import { type DayRow, type LongTerm, MERGED, type Scope } from '../memory/ports.js'
import type { LocalDate } from '../observation/schema.js'

/** Days of metrics with everything that is known of them: the merged rows, then those of every single source. */
export async function readAllRows(
  longTerm: LongTerm,
  scope: Scope,
  q: { metrics: readonly string[]; from: LocalDate; to: LocalDate },
): Promise<DayRow[]> {
  const [merged, each] = await Promise.all([
    longTerm.days(scope, { ...q, source: MERGED }),
    longTerm.days(scope, { ...q, source: 'all' }),
  ])
  return [...merged, ...each]
}
