import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { readTrace } from '../../api/neuros'
import { formatClockAt, formatDate, formatMoment } from '../dates'
import { formatNumber, type Reader } from '../format'
import { useNames } from '../queries'
import { Failed } from '../say'
import { Scroll } from '../scroll'
import { sourceName } from '../words'
import grounds from './grounds.module.css'
import { written } from './series'
import table from './series-table.module.css'
import styles from './trace.module.css'

/** Most measurements that are asked for. */
const MOST = 200

/** From a day down to its measurements, and when each was received. */
export function Trace({ metric, last, reader }: { metric: string; last: string; reader: Reader }) {
  const [open, setOpen] = useState(false)
  const [date, setDate] = useState(last)
  const { units } = useNames()
  const unit = units.get(metric) ?? ''
  const trace = useQuery({
    queryKey: ['trace', metric, date],
    queryFn: ({ signal }) => readTrace(metric, date, MOST, signal),
    enabled: open && date !== '',
  })
  const { data } = trace
  return (
    <details className={grounds.details} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Down to the measurements of a day</summary>
      <div className={styles.body}>
        <label className="field">
          Day
          <input type="date" value={date} onChange={(event) => setDate(event.currentTarget.value)} />
        </label>
        {trace.error && <Failed error={trace.error} onRetry={() => void trace.refetch()} />}
        {data && (
          <>
            <p>{data.text}</p>
            {data.rows.length > 0 && (
              <ul className={styles.sources}>
                {data.rows.map((row) => (
                  <li key={row.source}>
                    <span>{row.source === 'merged' ? 'All devices, merged' : sourceName(row.source)}</span>
                    <span>
                      {written(row.value, unit, metric, reader)}, {formatNumber(row.n, 0, reader.locale)} measurements
                    </span>
                  </li>
                ))}
              </ul>
            )}
            {data.samples.length > 0 && (
              <Scroll label={`Measurements of ${formatDate(date, reader.locale)}`}>
                <table className={table.table}>
                  <thead>
                    <tr>
                      <th scope="col">Time</th>
                      <th scope="col">Value</th>
                      <th scope="col">Source</th>
                      <th scope="col">Received</th>
                    </tr>
                  </thead>
                  <tbody>
                    {data.samples.map((sample) => (
                      <tr key={`${sample.source}/${sample.start}/${sample.value}/${sample.rawRef}`}>
                        <th scope="row">{formatClockAt(sample.start, sample.offset, reader.locale)}</th>
                        <td>{written(sample.value, unit, metric, reader)}</td>
                        <td>{sourceName(sample.source)}</td>
                        <td>{formatMoment(sample.receivedAt, reader.locale)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </Scroll>
            )}
            {data.more > 0 && <p className="quiet">and {formatNumber(data.more, 0, reader.locale)} more.</p>}
          </>
        )}
      </div>
    </details>
  )
}
