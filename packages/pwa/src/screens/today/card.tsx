import type { LocalDate, TodayItem } from '../../api/wire'
import { ago } from '../../parts/dates'
import { useOpenFact } from '../../parts/fact-sheet'
import { formatNumber, joinQuantity, joinRange } from '../../parts/format'
import { useReader } from '../../parts/queries'
import { RangeStrip } from '../../parts/range-strip'
import { capital, quantityOf, shownValue } from '../../parts/words'
import styles from './card.module.css'
import { judge, type Verdict } from './judge'

const verdicts: Readonly<Record<Verdict, string>> = {
  above: 'Above your usual',
  below: 'Below your usual',
  within: 'Within your usual',
  partial: 'So far today. Your usual',
  unknown: 'No usual range yet',
}

/** Days after which a value is told to be old. */
const OLD = 2

/** A metric of the day; the whole card opens its chart. */
export function Card({ item, today }: { item: TodayItem; today: LocalDate }) {
  const open = useOpenFact()
  const reader = useReader()
  const { fact, baseline } = item
  const usual = baseline?.baseline
  const verdict = judge(item, today, reader)
  const outside = verdict === 'above' || verdict === 'below'
  const quantity = (value: number) => quantityOf(baseline ?? fact, value, reader)
  const when = ago(item.date, today)
  const old = item.date < today && Number.parseInt(when, 10) > OLD
  const covered = baseline && baseline.coverage < 0.8
  return (
    <article className={`${styles.card} ${outside ? styles.outside : ''}`}>
      <header className={styles.header}>
        <h2>{capital(item.title)}</h2>
        <span className={old ? styles.old : undefined}>{when}</span>
      </header>
      <p className={styles.value}>
        {fact.value === null ? (
          shownValue(fact, reader)
        ) : (
          <>
            {quantity(fact.value).value} <span>{quantity(fact.value).unit}</span>
          </>
        )}
      </p>
      {usual && fact.value !== null && (
        <RangeStrip value={fact.value} low={usual.low} high={usual.high} median={usual.median} outside={outside} />
      )}
      <p className={styles.verdict}>
        <strong>{verdicts[verdict]}</strong>
        {usual && ` ${joinRange(quantity(usual.low), quantity(usual.high))}`}
      </p>
      <p className={styles.basis}>
        {usual && baseline
          ? `Median ${joinQuantity(quantity(usual.median))}, ${formatNumber(baseline.n, 0, reader.locale)} of the ${usual.window} days before`
          : 'It takes 14 days with data'}
        {covered && `. Data for ${formatNumber(baseline.coverage * 100, 0, reader.locale)} % of that day`}
      </p>
      <button type="button" className={styles.open} onClick={() => open({ fact: baseline ?? fact })}>
        <span className="hidden">{capital(item.title)}: open the chart</span>
      </button>
    </article>
  )
}
