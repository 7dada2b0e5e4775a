import type { Fact } from '../../api/wire'
import { formatSpan } from '../dates'
import { formatNumber, joinQuantity, type Reader } from '../format'
import { conditionsOf, isPattern, type Names, overOf, quantityOf, sourceName } from '../words'
import styles from './grounds.module.css'

/** Most rows of a grouped fact that are listed. */
const MOST_ROWS = 60

function basisOf(fact: Fact, reader: Reader): string {
  const n = formatNumber(fact.n, 0, reader.locale)
  const needed = fact.n < fact.minimum ? ` (at least ${fact.minimum} are needed)` : ''
  if (isPattern(fact.query)) return `${n} ${fact.query.pattern === 'trend' ? 'weeks' : 'days before it'}${needed}`
  const over = { day: 'days', sample: 'measurements', session: 'sessions' }[overOf(fact.query)]
  return `${n} ${over}${needed}`
}

function methodOf({ query }: Fact): string {
  if (isPattern(query)) {
    if (query.pattern === 'trend') return 'Theil–Sen slope of the weekly medians, tested by Mann–Kendall'
    return `Median and median absolute deviation of the ${query.window ?? 28} days before, the day itself left out`
  }
  const over = { day: 'daily values', sample: 'single measurements', session: 'sessions' }[overOf(query)]
  const group = query.group ? `, grouped by ${query.group}` : ''
  return `${query.aggregate} over ${over}${group}`
}

/** What a number stands on: how many, how complete, from which devices, computed how. */
export function Grounds({ fact, reader, names }: { fact: Fact; reader: Reader; names: Names }) {
  const conditions = conditionsOf(fact, reader, names)
  const { comparison } = fact
  const other =
    comparison && !isPattern(fact.query) && comparison.value !== null
      ? `${joinQuantity(quantityOf(fact, comparison.value, reader))}${comparison.from && comparison.to ? `, ${formatSpan(comparison.from, comparison.to, reader.locale)}` : ''} (n ${comparison.n})`
      : null
  return (
    <section className={styles.grounds} aria-labelledby="grounds">
      <h3 id="grounds">Where this number comes from</h3>
      <dl className={styles.list}>
        <Row name="Stands on">{basisOf(fact, reader)}</Row>
        {fact.from && fact.to && <Row name="Period">{formatSpan(fact.from, fact.to, reader.locale)}</Row>}
        <Row name="Coverage">{formatNumber(fact.coverage * 100, 0, reader.locale)} % of the period has data</Row>
        {other && <Row name="Compared with">{other}</Row>}
        {conditions.length > 0 && <Row name="Only">{conditions.join('; ')}</Row>}
        <Row name="Sources">{fact.sources.map(sourceName).join(', ') || 'none'}</Row>
        <Row name="Computed as">{methodOf(fact)}</Row>
        <Row name="Computed by">{fact.algorithm}</Row>
        {fact.notes.length > 0 && <Row name="Note">{fact.notes.join(' ')}</Row>}
      </dl>
      {fact.rows && fact.rows.length > 0 && (
        <details className={styles.details}>
          <summary>{fact.rows.length} values behind it</summary>
          <ul>
            {fact.rows.slice(0, MOST_ROWS).map((row) => (
              <li key={row.key}>
                <span>{row.key.includes('/') ? sourceName(row.key) : row.key.replaceAll('_', ' ')}</span>
                <span>{row.value === null ? 'no data' : joinQuantity(quantityOf(fact, row.value, reader))}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      <details className={styles.details}>
        <summary>The query, as it was run</summary>
        <pre>{JSON.stringify(fact.query, null, 2)}</pre>
      </details>
    </section>
  )
}

function Row({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
