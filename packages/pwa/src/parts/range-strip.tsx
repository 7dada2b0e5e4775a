import styles from './range-strip.module.css'

/** Room for the mark at both ends, in per cent of the width. */
const EDGE = 4

/**
 * A value on the person's usual range: a band, a tick at the median, and a mark that is a diamond where the value
 * is told to be outside, else a dot. It says nothing that the words beside it do not say, so it is
 * hidden from screen readers.
 */
export function RangeStrip({
  value,
  low,
  high,
  median,
  outside,
}: {
  value: number
  low: number
  high: number
  median: number
  outside: boolean
}) {
  const spread = high - low || Math.abs(median) * 0.1 || 1
  const least = Math.min(low - spread * 0.6, value)
  const most = Math.max(high + spread * 0.6, value)
  const at = (one: number) => EDGE + ((one - least) / (most - least)) * (100 - 2 * EDGE)
  return (
    <svg className={styles.strip} aria-hidden="true" focusable="false">
      <line className={styles.track} x1="0%" x2="100%" y1={14} y2={14} />
      <rect className={styles.band} x={`${at(low)}%`} width={`${at(high) - at(low)}%`} y={8} height={12} rx={6} />
      <line className={styles.median} x1={`${at(median)}%`} x2={`${at(median)}%`} y1={8} y2={20} />
      <svg x={`${at(value)}%`} y={14} className={styles.mark} aria-hidden="true">
        {outside ? (
          <path className={styles.outside} d="M0 -8L8 0L0 8L-8 0Z" />
        ) : (
          <circle className={styles.inside} r={6} />
        )}
      </svg>
    </svg>
  )
}
