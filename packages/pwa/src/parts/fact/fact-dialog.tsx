import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo, useState } from 'react'
import { readPattern, readSeries } from '../../api/neuros'
import { daysIn, formatDate, formatSpan, shiftDate } from '../dates'
import { Dialog } from '../dialog'
import { formatQuantity, joinRange } from '../format'
import { useMetrics, useNames, useReader } from '../queries'
import { Failed, Say } from '../say'
import { capital, labelOf, shownValue, titleOf } from '../words'
import styles from './fact-dialog.module.css'
import { Grounds } from './grounds'
import type { Opened } from './opened'
import type { Shaded } from './plot'
import { hasRange, summaryOf, written } from './series'
import { SeriesTable } from './series-table'
import { drawnOf, type Span, spanOf } from './span'
import { Trace } from './trace'

const Chart = lazy(() => import('./chart'))

/** Spans that a chart can be widened to: days up to the end of what was asked about. */
const widths = [
  { days: 28, name: '4 weeks' },
  { days: 91, name: '3 months' },
  { days: 365, name: '1 year' },
] as const

/** What is behind a number: its chart against the usual range, the same as a table, and where it comes from. */
export default function FactDialog({ fact, sentence, onClose }: Opened & { onClose: () => void }) {
  const reader = useReader()
  const names = useNames()
  const { data: metrics } = useMetrics()
  const drawn = drawnOf(fact)
  const info = metrics?.find(({ metric }) => metric === drawn?.metric)
  const asked = spanOf(fact, info)
  const label = capital(labelOf(fact, names, reader))
  const day = fact.date ?? null
  const period = fact.from && fact.to ? formatSpan(fact.from, fact.to, reader.locale) : ''

  return (
    <Dialog title={label} sheet onClose={onClose}>
      <p className={styles.value}>
        <strong>{shownValue(fact, reader)}</strong>
        <span>{day ? formatDate(day, reader.locale) : period}</span>
      </p>
      {sentence && <blockquote className={styles.sentence}>{sentence}</blockquote>}
      {drawn && asked ? (
        <Drawing
          key={drawn.metric}
          metric={drawn.metric}
          title={titleOf(drawn.metric, names)}
          difference={drawn.difference}
          fact={fact}
          asked={asked}
          everything={info ? { from: info.from, to: info.to } : null}
        />
      ) : (
        <Say>There is no chart for this kind of number. What it stands on is below.</Say>
      )}
      <Grounds fact={fact} reader={reader} names={names} />
      {drawn && asked && <Trace metric={drawn.metric} last={day ?? asked.to} reader={reader} />}
    </Dialog>
  )
}

function Drawing({
  metric,
  title,
  difference,
  fact,
  asked,
  everything,
}: {
  metric: string
  title: string
  difference: string | null
  fact: Opened['fact']
  asked: Span
  everything: Span | null
}) {
  const reader = useReader()
  const [width, setWidth] = useState<'asked' | 'all' | number>('asked')
  const [view, setView] = useState<'chart' | 'table'>('chart')
  const span: Span =
    width === 'asked'
      ? asked
      : width === 'all'
        ? (everything ?? asked)
        : { from: shiftDate(asked.to, 1 - width), to: asked.to }
  const days = daysIn(span.from, span.to)
  // One bucket for every two pixels is more than an eye tells apart.
  const buckets = Math.min(2000, Math.max(120, Math.round(Math.min(820, window.innerWidth) / 2)))
  const series = useQuery({
    queryKey: ['series', metric, span.from, span.to, buckets],
    queryFn: ({ signal }) => readSeries(metric, span.from, span.to, buckets, signal),
    placeholderData: (before) => before,
  })
  const own = fact.baseline ? fact : null
  const usual = useQuery({
    queryKey: ['pattern', metric, asked.to],
    queryFn: () => readPattern({ pattern: 'deviation', metric, window: 28, date: asked.to }),
    enabled: !own,
  })
  const judged = own ?? (usual.data?.status === 'ok' ? usual.data : null)
  const baseline = judged?.baseline ?? null
  const { from, to } = fact
  const about = useMemo(
    () => (from && to && !('pattern' in fact.query) && daysIn(from, to) < days ? { from, to } : null),
    [from, to, fact.query, days],
  )
  const shaded = useMemo<Shaded>(() => {
    const date = judged?.date ?? asked.to
    const usual = baseline && { ...baseline, from: shiftDate(date, -baseline.window), to: date }
    return { usual, about }
  }, [baseline, judged, asked.to, about])

  const unit = series.data?.unit ?? ''
  const points = series.data?.buckets ?? []
  const summary = summaryOf(points, days, unit, metric, reader)
  const caption = `${capital(title)}, ${formatSpan(span.from, span.to, reader.locale)}`
  const choices = [
    { key: 'asked' as const, name: 'As asked' },
    ...widths
      .filter((one) => Math.abs(one.days - daysIn(asked.from, asked.to)) > 2)
      .map((one) => ({ key: one.days, name: one.name })),
    ...(everything ? [{ key: 'all' as const, name: 'All' }] : []),
  ]
  return (
    <figure className={styles.figure}>
      <div className={styles.bar}>
        <fieldset className={styles.choice}>
          <legend className="hidden">Dates</legend>
          {choices.map(({ key, name }) => (
            <label key={key}>
              <input type="radio" name="span" checked={width === key} onChange={() => setWidth(key)} />
              <span>{name}</span>
            </label>
          ))}
        </fieldset>
        <button
          type="button"
          className="button plain"
          aria-pressed={view === 'table'}
          onClick={() => setView(view === 'chart' ? 'table' : 'chart')}
        >
          View as table
        </button>
      </div>
      {series.error ? (
        <Failed error={series.error} onRetry={() => void series.refetch()} />
      ) : points.length === 0 ? (
        <div className={styles.empty}>{series.isPending ? 'Reading …' : summary}</div>
      ) : view === 'table' ? (
        <SeriesTable buckets={points} unit={unit} metric={metric} reader={reader} caption={caption} />
      ) : (
        <Suspense fallback={<div className={styles.empty}>Drawing …</div>}>
          <Chart
            buckets={points}
            unit={unit}
            metric={metric}
            reader={reader}
            shaded={shaded}
            label={`${caption}. ${summary}`}
          />
        </Suspense>
      )}
      <figcaption className={styles.caption}>
        <p>
          {summary}
          {hasRange(points) && ' Around the line: from the lowest to the highest.'}
        </p>
        {baseline && judged && (
          <p>
            <span className={styles.key} aria-hidden="true" />
            Usual range{' '}
            {joinRange(
              formatQuantity(baseline.low, unit || judged.unit, reader, { metric }),
              formatQuantity(baseline.high, unit || judged.unit, reader, { metric }),
            )}
            , median {written(baseline.median, unit || judged.unit, metric, reader)}, from {judged.n} of the{' '}
            {baseline.window} days before {formatDate(judged.date ?? asked.to, reader.locale)}.
          </p>
        )}
        {about && (
          <p>
            <span className={styles.aboutKey} aria-hidden="true" />
            The dates of this number, {formatSpan(about.from, about.to, reader.locale)}.
          </p>
        )}
        {difference && <p>{difference}</p>}
      </figcaption>
    </figure>
  )
}
