import styles from './range-strip.module.css'

const WIDTH = 240
const HEIGHT = 28
/** Room for the mark at both ends. */
const EDGE = 8

/**
 * A value on the person's usual range: a band, a tick at the median, and a mark that is a dot inside and a diamond
 * outside. It says nothing that the words beside it do not say, so it is hidden from screen readers.
 */
export function RangeStrip({ value, low, high, median }: { value: number; low: number; high: number; median: number }) {
  const spread = high - low || Math.abs(median) * 0.1 || 1
  const least = Math.min(low - spread * 0.6, value)
  const most = Math.max(high + spread * 0.6, value)
  const at = (one: number) => EDGE + ((one - least) / (most - least)) * (WIDTH - 2 * EDGE)
  const inside = value >= low && value <= high
  const x = at(value)
  const y = HEIGHT / 2
  return (
    <svg className={styles.strip} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" focusable="false">
      <line className={styles.track} x1={0} x2={WIDTH} y1={y} y2={y} />
      <rect className={styles.band} x={at(low)} width={at(high) - at(low)} y={y - 6} height={12} rx={6} />
      <line className={styles.median} x1={at(median)} x2={at(median)} y1={y - 6} y2={y + 6} />
      {inside ? (
        <circle className={styles.inside} cx={x} cy={y} r={6} />
      ) : (
        <path className={styles.outside} d={`M${x} ${y - 8}L${x + 8} ${y}L${x} ${y + 8}L${x - 8} ${y}Z`} />
      )}
    </svg>
  )
}
