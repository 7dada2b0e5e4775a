import type { LocalDate, TodayItem } from '../../api/wire'

/** How a value stands to the person's usual range; `partial`: the day is not over; `unknown`: there is none yet. */
export type Verdict = 'above' | 'below' | 'within' | 'partial' | 'unknown'

/** Units of what adds up over a day. */
const totals = new Set(['{steps}', 'kcal', '{floors}', 'm'])

/** Compares a value with the usual range; a total of a day that is not over is not compared. */
export function judge({ date, fact, baseline }: TodayItem, today: LocalDate): Verdict {
  if (date === today && totals.has(fact.unit)) return 'partial'
  const usual = baseline?.baseline
  if (!usual || fact.value === null) return 'unknown'
  if (fact.value > usual.high) return 'above'
  return fact.value < usual.low ? 'below' : 'within'
}
