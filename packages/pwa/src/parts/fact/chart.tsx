import { useEffect, useMemo, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Bucket } from '../../api/wire'
import type { Reader } from '../format'
import { useShade } from '../theme'
import styles from './chart.module.css'
import { readColours } from './colours'
import { axisSize, optionsOf, type Shaded } from './plot'
import { bucketDates, columnsOf, hasRange, written } from './series'

/**
 * A metric over time on a canvas. What a canvas cannot give, stands beside it: a slider that moves along the points by
 * key, finger or screen reader, the point in words, and (with the caller) a summary and a table.
 */
export default function Chart({
  buckets,
  unit,
  metric,
  reader,
  shaded,
  label,
}: {
  buckets: readonly Bucket[]
  unit: string
  metric: string
  reader: Reader
  shaded: Shaded
  label: string
}) {
  const holder = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const shade = useShade()
  const columns = useMemo(() => columnsOf(buckets), [buckets])
  const [index, setIndex] = useState(buckets.length - 1)
  // Other dates begin at their end.
  useEffect(() => setIndex(buckets.length - 1), [buckets])
  const bucket = buckets[Math.min(index, buckets.length - 1)]

  // biome-ignore lint/correctness/useExhaustiveDependencies: another shade has other colours
  useEffect(() => {
    const element = holder.current
    if (!element) return
    const show = (point: number | null | undefined) => {
      const at = point == null ? null : columns.at[point]
      if (at != null) setIndex(at)
    }
    const options = optionsOf({
      width: Math.max(240, element.clientWidth),
      buckets,
      unit,
      metric,
      reader,
      shaded,
      colours: readColours(element),
      onPoint: show,
    })
    const data: uPlot.AlignedData = hasRange(buckets)
      ? [columns.x, columns.high, columns.low, columns.value]
      : [columns.x, columns.value]
    const drawn = new uPlot(options, data, element)
    plot.current = drawn
    const resize = new ResizeObserver(() => {
      drawn.setSize({ width: Math.max(240, element.clientWidth), height: options.height })
    })
    resize.observe(element)
    return () => {
      resize.disconnect()
      drawn.destroy()
      plot.current = null
    }
  }, [buckets, columns, unit, metric, reader, shaded, shade])

  const move = (next: number) => {
    setIndex(next)
    const point = columns.at.indexOf(next)
    const drawn = plot.current
    if (!drawn || point < 0) return
    const left = drawn.valToPos(columns.x[point] as number, 'x')
    const top = drawn.valToPos(columns.value[point] as number, 'y')
    drawn.setCursor({ left, top }, false)
  }

  if (!bucket) return null
  const words = `${bucketDates(bucket, reader)}: ${written(bucket.value, unit, metric, reader)}`
  return (
    <div>
      <p className={styles.point} aria-hidden="true">
        <strong>{written(bucket.value, unit, metric, reader)}</strong>
        <span>{bucketDates(bucket, reader)}</span>
      </p>
      <div ref={holder} className={styles.plot} role="img" aria-label={label} />
      <input
        className={`${styles.slider} ${axisSize(unit) > 52 ? styles.wide : ''}`}
        type="range"
        min={0}
        max={buckets.length - 1}
        value={Math.min(index, buckets.length - 1)}
        onChange={(event) => move(event.currentTarget.valueAsNumber)}
        aria-label="Move along the chart"
        aria-valuetext={words}
      />
    </div>
  )
}
