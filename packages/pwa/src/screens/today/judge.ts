import type { LocalDate, TodayItem } from '../../api/wire'
import { joinQuantity, type Reader } from '../../parts/format'
import { quantityOf } from '../../parts/words'

/** How a value stands to the person's usual range; `partial`: the day is not over; `unknown`: there is none yet. */
export type Verdict = 'above' | 'below' | 'within' | 'partial' | 'unknown'

/** Units of what adds up over a day. */
const totals = new Set(['{steps}', 'kcal', '{floors}', 'm'])

/**
 * Compares a value with the usual range, by the numbers as they are shown: 48 is not below "48 to 65". A total of a
 * day that is not over is not compared.
 */
export function judge({ date, fact, baseline }: TodayItem, today: LocalDate, reader: Reader): Verdict {
  if (date === today && totals.has(fact.unit)) return 'partial'
  const usual = baseline?.baseline
  if (!usual || fact.value === null) return 'unknown'
  const shown = (value: number) => joinQuantity(quantityOf(baseline, value, reader))
  const value = shown(fact.value)
  if (value === shown(usual.low) || value === shown(usual.high)) return 'within'
  if (fact.value > usual.high) return 'above'
  return fact.value < usual.low ? 'below' : 'within'
}
