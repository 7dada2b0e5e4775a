import type { ChapterView } from '../../api/wire'
import { Section } from '../../parts/page'
import { useChapters } from '../../parts/queries'
import { Failed } from '../../parts/say'
import styles from './chapters.module.css'

/** The chapters of a life as a picture, with what is known of each beneath. */
export function Chapters() {
  const chapters = useChapters()
  const { data } = chapters
  return (
    <Section
      title="Chapters"
      lead="Stretches in which your levels held, told from years of weeks. What coincides is named, and is no cause."
    >
      {chapters.error ? (
        <Failed error={chapters.error} onRetry={() => void chapters.refetch()} />
      ) : !data || data.length === 0 ? (
        <p className="quiet">
          {data ? 'None yet: they need eight weeks of measurements, and a night to be computed.' : 'Reading …'}
        </p>
      ) : (
        <>
          <Timeline chapters={data} />
          <ol className={styles.list}>
            {data.map(({ id, text }) => (
              <li key={id}>{text}</li>
            ))}
          </ol>
        </>
      )}
    </Section>
  )
}

const DAY_MS = 86_400_000
/** Narrowest band in which its number is written, as a share of the whole. */
const READABLE = 0.03

/** Bands on a line of years; the list beneath says the same in words. */
function Timeline({ chapters }: { chapters: readonly ChapterView[] }) {
  const begin = Date.parse(chapters[0]?.from ?? '')
  const end = Math.max(...chapters.map(({ until }) => Date.parse(until) + DAY_MS))
  const share = (at: number): number => (at - begin) / (end - begin)
  const percent = (part: number): string => `${(100 * part).toFixed(2)}%`
  const first = new Date(begin).getUTCFullYear() + 1
  const years = Array.from({ length: Math.max(0, new Date(end).getUTCFullYear() - first + 1) }, (_, i) => first + i)
  // Names of years beside each other need room.
  const every = Math.ceil(years.length / 8)
  return (
    <div className={styles.timeline} aria-hidden="true">
      <div className={styles.bands}>
        {chapters.map(({ id, from, until }, index) => {
          const [left, right] = [share(Date.parse(from)), share(Date.parse(until) + DAY_MS)]
          return (
            <span
              key={id}
              style={{ left: percent(left), width: percent(right - left) }}
              data-open={chapters[index]?.to === null}
            >
              {right - left >= READABLE ? index + 1 : ''}
            </span>
          )
        })}
      </div>
      <div className={styles.years}>
        {years.map((year, index) => (
          <span key={year} style={{ left: percent(share(Date.UTC(year, 0, 1))) }}>
            {index % every === 0 ? year : ''}
          </span>
        ))}
      </div>
    </div>
  )
}
