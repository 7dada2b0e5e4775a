import { useMutation } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { readImport, restoreMissing, withdrawMissing } from '../../api/biometric'
import type { ImportView, Missing } from '../../api/wire'
import { formatNumber } from '../../parts/format'
import { client, dataChanged, useNames, useReader } from '../../parts/queries'
import { Failed } from '../../parts/say'
import { capital, titleOf } from '../../parts/words'
import styles from './data.module.css'

/** Kinds that are named one by one. */
const MOST_KINDS = 10
/** Between two looks at what is being done, in ms. */
const LOOK_MS = 1000

/** What earlier complete exports held and this one lacks, and what becomes of it: it counts on until the person says otherwise. */
export function MissingFromExport({ id, missing }: { id: string; missing: Missing }) {
  const { locale } = useReader()
  const names = useNames()
  const [asked, setAsked] = useState(false)
  const { state, kinds } = missing
  const number = (value: number) => formatNumber(value, 0, locale)
  const count = missing.count === 1 ? '1 record' : `${number(missing.count)} records`
  const change = useMutation({
    mutationFn: (what: 'withdraw' | 'restore') => (what === 'withdraw' ? withdrawMissing(id) : restoreMissing(id)),
    onSuccess: (view) => {
      setAsked(false)
      show(view)
    },
  })
  const working = state === 'withdrawing' || state === 'restoring'
  useEffect(() => {
    if (!working) return
    const timer = setInterval(() => void readImport(id).then(show, () => undefined), LOOK_MS)
    return () => clearInterval(timer)
  }, [id, working])

  return (
    <section className={styles.missing} aria-label="Not in this export">
      <p role="status">{sayMissing(state, count)}</p>
      <details className={styles.details}>
        <summary>What it is</summary>
        <ul>
          {kinds.slice(0, MOST_KINDS).map(({ shape, of, missing: lacking, held }) => (
            <li key={`${shape} ${of}`}>
              <span>{capital(titleOf(of, names))}</span>
              <span>
                {number(lacking)} of {number(held)}
              </span>
            </li>
          ))}
          {kinds.length > MOST_KINDS && <li>and {number(kinds.length - MOST_KINDS)} other kinds</li>}
        </ul>
      </details>
      {change.error && (
        <Failed error={change.error} onRetry={() => change.variables && change.mutate(change.variables)} />
      )}
      {(state === 'proposed' || state === 'restored') &&
        (asked ? (
          <div className={styles.decide}>
            <p>Remove {count}? They no longer count anywhere. You can put them back.</p>
            <button
              type="button"
              className="button"
              disabled={change.isPending}
              onClick={() => change.mutate('withdraw')}
            >
              Remove {count}
            </button>
            <button type="button" className="button plain" onClick={() => setAsked(false)}>
              Keep them
            </button>
          </div>
        ) : (
          <button type="button" className="button plain" onClick={() => setAsked(true)}>
            Remove {missing.count === 1 ? 'it' : 'them'} …
          </button>
        ))}
      {state === 'withdrawn' && (
        <button
          type="button"
          className="button plain"
          disabled={change.isPending}
          onClick={() => change.mutate('restore')}
        >
          Put {missing.count === 1 ? 'it' : 'them'} back
        </button>
      )}
    </section>
  )
}

/** Puts a newer view into the list, and has everything that counts measurements read again once it is done. */
function show(view: ImportView): void {
  client.setQueryData<ImportView[]>(['imports'], (all) => all?.map((one) => (one.id === view.id ? view : one)))
  const done = view.missing?.state === 'withdrawn' || view.missing?.state === 'restored'
  if (done) dataChanged()
}

function sayMissing(state: Missing['state'], count: string): string {
  switch (state) {
    case 'proposed':
      return `Earlier exports had ${count} that this one lacks. They still count. If you deleted or changed them on your device, remove them here, too.`
    case 'withdrawing':
      return `Removing ${count} …`
    case 'withdrawn':
      return `Removed ${count} that this export lacks.`
    case 'restoring':
      return `Putting ${count} back …`
    case 'restored':
      return `${capital(count)} that this export lacks were put back, and count.`
  }
}
