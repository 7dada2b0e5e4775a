import type { Bucket } from '../../api/wire'
import { formatNumber, type Reader } from '../format'
import { Scroll } from '../scroll'
import { bucketDates, hasRange, written } from './series'
import styles from './series-table.module.css'

/** The buckets of a chart as a table, newest first. */
export function SeriesTable({
  buckets,
  unit,
  metric,
  reader,
  caption,
}: {
  buckets: readonly Bucket[]
  unit: string
  metric: string
  reader: Reader
  caption: string
}) {
  const range = hasRange(buckets)
  return (
    <Scroll label={caption}>
      <table className={styles.table}>
        <caption className="hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Date</th>
            <th scope="col">Value</th>
            {range && <th scope="col">Lowest to highest</th>}
            <th scope="col">Measurements</th>
            <th scope="col">Coverage</th>
          </tr>
        </thead>
        <tbody>
          {[...buckets].reverse().map((bucket) => (
            <tr key={bucket.from}>
              <th scope="row">{bucketDates(bucket, reader)}</th>
              <td>{written(bucket.value, unit, metric, reader)}</td>
              {range && (
                <td>
                  {written(bucket.min, unit, metric, reader)} to {written(bucket.max, unit, metric, reader)}
                </td>
              )}
              <td>{formatNumber(bucket.n, 0, reader.locale)}</td>
              <td>{formatNumber(bucket.coverage * 100, 0, reader.locale)} %</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
