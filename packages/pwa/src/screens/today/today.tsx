import type { TodayItem, TodayView } from '../../api/wire'
import { ago, formatDate } from '../../parts/dates'
import type { Reader } from '../../parts/format'
import { Page } from '../../parts/page'
import { useMetrics, useReader, useToday } from '../../parts/queries'
import { hrefOf } from '../../parts/route'
import { Failed, Say, Waiting } from '../../parts/say'
import { Card } from './card'
import { judge } from './judge'
import styles from './today.module.css'

/** The last values against the person's own usual range. */
export function Today() {
  const today = useToday()
  const reader = useReader()
  const { data } = today
  const title = data
    ? formatDate(data.date, reader.locale, { weekday: 'long', day: 'numeric', month: 'long' })
    : 'Today'
  return (
    <Page title={title} lead={data && data.items.length > 0 ? leadOf(data, reader) : undefined}>
      {today.error ? (
        <Failed error={today.error} onRetry={() => void today.refetch()} />
      ) : !data ? (
        <Waiting what="Reading your latest values" />
      ) : data.items.length === 0 ? (
        <Empty notes={data.notes} />
      ) : (
        <>
          <ul className={styles.cards}>
            {data.items.map((item) => (
              <li key={item.metric}>
                <Card item={item} today={data.date} />
              </li>
            ))}
          </ul>
          {data.notes.length > 0 && (
            <Say tone="notice">
              {data.notes.map((note) => (
                <p key={note}>{note}</p>
              ))}
            </Say>
          )}
          <p className="quiet">
            Usual is your own: the median and spread of your last 28 days, never other people’s. This is not medical
            advice.
          </p>
        </>
      )}
    </Page>
  )
}

/** What stands out, and how fresh it is, in a sentence. */
function leadOf({ date, items }: TodayView, reader: Reader): string {
  const judged = items.map((item) => ({ item, verdict: judge(item, date, reader) }))
  const outside = judged.filter(({ verdict }) => verdict === 'above' || verdict === 'below').map(({ item }) => item)
  const compared = judged.filter(({ verdict }) => verdict === 'above' || verdict === 'below' || verdict === 'within')
  const newest =
    items
      .map((item) => item.date)
      .sort()
      .at(-1) ?? date
  const fresh = `Latest measurements: ${ago(newest, date)}.`
  if (compared.length === 0) return `${fresh} There are not enough days yet to say what is usual for you.`
  if (outside.length === 0) return `Everything is within your usual range. ${fresh}`
  return `Outside your usual range: ${named(outside)}. ${fresh}`
}

function named(items: readonly TodayItem[]): string {
  const titles = items.map(({ title }) => title)
  return titles.length < 2 ? (titles[0] ?? '') : `${titles.slice(0, -1).join(', ')} and ${titles.at(-1)}`
}

/** No value of the last two weeks: there never was one, or they are older. */
function Empty({ notes }: { notes: readonly string[] }) {
  const { data: metrics } = useMetrics()
  const before = metrics !== undefined && metrics.length > 0
  return (
    <div className={styles.empty}>
      <h2>{before ? 'Nothing new in the last two weeks' : 'Nothing has been measured yet'}</h2>
      {before && notes.map((note) => <p key={note}>{note}</p>)}
      <p>
        {before
          ? 'Bring in a newer export, or see whether your devices are still connected.'
          : 'Bring what your devices already know: an Apple Health export, or a connected ring.'}
      </p>
      <a className="button primary" href={hrefOf('data')}>
        Add your data
      </a>
    </div>
  )
}
