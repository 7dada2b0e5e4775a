import { useEffect, useState } from 'react'
import { cancelImport, importEvents } from '../../api/biometric'
import { messageOf } from '../../api/problem'
import type { ImportView } from '../../api/wire'
import { formatMoment } from '../../parts/dates'
import { formatBytes, formatNumber } from '../../parts/format'
import { Icon } from '../../parts/icons'
import { client, dataChanged, useReader } from '../../parts/queries'
import { capital } from '../../parts/words'
import styles from './data.module.css'
import { MissingFromExport } from './missing'

/** Why something is left aside, for people. */
const reasons: Readonly<Record<string, string>> = {
  ignored: 'A kind of record that AUREN does not keep yet',
  unknown_metric: 'A measure that AUREN does not know',
  unknown_unit: 'A unit that AUREN does not know',
  hard_range: 'Outside what is possible for a body',
  order: 'Ends before it starts',
  future: 'Lies in the future',
  schema: 'Not complete',
  payload: 'Not readable',
}

const isActive = ({ state }: ImportView): boolean => state === 'waiting' || state === 'running'

/** Follows an import by its events while it runs, and picks it up again after a cut. */
function useFollowed(listed: ImportView): ImportView {
  const [view, setView] = useState(listed)
  const { id } = listed
  const active = isActive(listed)
  useEffect(() => setView(listed), [listed])
  useEffect(() => {
    if (!active) return
    const control = new AbortController()
    const watch = async (): Promise<void> => {
      for (let wait = 500; !control.signal.aborted; wait = Math.min(15_000, wait * 2)) {
        let last: ImportView | null = null
        try {
          for await (const next of importEvents(id, control.signal)) {
            last = next
            wait = 500
            setView(next)
          }
        } catch {
          // Whatever cut the stream: the import goes on, and so does the watching.
        }
        if (last && !isActive(last)) {
          dataChanged()
          await client.invalidateQueries({ queryKey: ['imports'] })
          return
        }
        await new Promise((resolve) => setTimeout(resolve, wait))
      }
    }
    void watch()
    return () => control.abort()
  }, [id, active])
  return view
}

/** A past or running import: how far it is, what came in, what was left aside and why. */
export function ImportRow({ listed }: { listed: ImportView }) {
  const view = useFollowed(listed)
  const { locale } = useReader()
  const [error, setError] = useState<string | null>(null)
  const { progress } = view
  const active = isActive(view)
  const number = (value: number) => formatNumber(value, 0, locale)
  const cancel = () =>
    cancelImport(view.id).then(
      () => client.invalidateQueries({ queryKey: ['imports'] }),
      (thrown: unknown) => setError(messageOf(thrown)),
    )
  return (
    <article className={styles.import}>
      <div className={styles.head}>
        <Icon name="file" />
        <div className={styles.name}>
          <h3>{view.name}</h3>
          <p className="quiet">
            {view.plugin === 'auto' ? 'kind not known yet' : view.plugin.split('-').map(capital).join(' ')},{' '}
            {formatMoment(view.startedAt, locale)}
          </p>
        </div>
        {(active || view.state === 'uploading') && (
          <button type="button" className="button plain quiet" onClick={() => void cancel()}>
            {active ? 'Stop' : 'Discard'}
          </button>
        )}
      </div>
      {active && (
        <progress
          aria-label={`Import of ${view.name}`}
          {...(progress.total ? { value: progress.bytes, max: progress.total } : {})}
        />
      )}
      <p role="status">{sayState(view, number, locale)}</p>
      {error && <p role="alert">{error}</p>}
      {view.error && view.state === 'dead' && <p className={styles.error}>{view.error}</p>}
      {view.rejected.length > 0 && (
        <details className={styles.details}>
          <summary>{number(progress.rejected)} left aside</summary>
          <ul>
            {view.rejected.map(({ reason, count }) => (
              <li key={reason}>
                <span>{reasons[reason] ?? capital(reason.replaceAll('_', ' '))}</span>
                <span>{number(count)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {view.missing && <MissingFromExport id={view.id} missing={view.missing} />}
    </article>
  )
}

function sayState(
  { state, progress, duplicate }: ImportView,
  number: (value: number) => string,
  locale: string,
): string {
  const read = progress.total
    ? `${formatBytes(progress.bytes, locale)} of ${formatBytes(progress.total, locale)}`
    : formatBytes(progress.bytes, locale)
  const found = `${number(progress.observations)} measurements`
  switch (state) {
    case 'uploading':
      return `Upload not finished: ${formatBytes(progress.bytes, locale)} arrived. Choose the same file again to go on.`
    case 'waiting':
      return 'Waiting for its turn.'
    case 'running':
      return `Reading: ${read}, ${found} so far.`
    case 'done':
      return duplicate ? 'This very file had been imported before: nothing changed.' : `Done: ${found}.`
    case 'dead':
      return `Stopped by an error, after ${found}.`
    case 'cancelled':
      return progress.observations === 0
        ? 'Stopped before anything was read.'
        : `Stopped. ${capital(found)} that were read so far stay.`
  }
}
