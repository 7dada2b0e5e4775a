import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { confirmMemory, correctMemory, forgetMemory, traceMemory } from '../../api/neuros'
import type { MemoryRecord, Provenance } from '../../api/wire'
import { formatMoment } from '../../parts/dates'
import { Confirm, Dialog } from '../../parts/dialog'
import { Icon } from '../../parts/icons'
import { client, useNames, useReader } from '../../parts/queries'
import { Failed } from '../../parts/say'
import { titleOf } from '../../parts/words'
import { kindNames } from './kinds'
import styles from './memory.module.css'

const refresh = () => client.invalidateQueries({ queryKey: ['memories'] })

/** One memory, with where it came from and the ways to change it. */
export function MemoryRow({ record }: { record: MemoryRecord }) {
  const [shown, setShown] = useState<'trace' | 'forget' | 'correct' | null>(null)
  const { locale } = useReader()
  const close = () => setShown(null)
  const confirm = useMutation({ mutationFn: () => confirmMemory(record.id), onSuccess: refresh })
  const forget = useMutation({ mutationFn: () => forgetMemory(record.id), onSuccess: refresh, onSettled: close })
  const own = record.origin === 'self'
  return (
    <article className={styles.row}>
      <div className={styles.words}>
        <p className={styles.text}>{record.text}</p>
        <p className={styles.meta}>
          {record.pinned && (
            <span className={styles.pin}>
              <Icon name="pin" size={14} /> Always kept in mind
            </span>
          )}
          <span>{kindNames[record.kind].one}</span>
          <span>since {formatMoment(record.recordedAt, locale)}</span>
          {record.status === 'drafted' && <span className={styles.drafted}>not confirmed</span>}
          {record.status === 'weakening' && <span className={styles.drafted}>holds less and less</span>}
        </p>
      </div>
      <div className={styles.actions}>
        {record.status === 'drafted' && (
          <button type="button" className="button plain" disabled={confirm.isPending} onClick={() => confirm.mutate()}>
            Confirm
          </button>
        )}
        <button
          type="button"
          className="button plain quiet"
          aria-label={`Why is this remembered: ${record.text}`}
          onClick={() => setShown('trace')}
        >
          Why
        </button>
        {own && (
          <button
            type="button"
            className="button plain quiet"
            aria-label={`Correct: ${record.text}`}
            onClick={() => setShown('correct')}
          >
            Correct
          </button>
        )}
        <button
          type="button"
          className="button plain quiet"
          aria-label={`Forget: ${record.text}`}
          onClick={() => setShown('forget')}
        >
          Forget
        </button>
      </div>
      {(confirm.error || forget.error) && <Failed error={confirm.error ?? forget.error} />}
      {shown === 'trace' && <Trace record={record} onClose={close} />}
      {shown === 'correct' && <Correct record={record} onClose={close} />}
      {shown === 'forget' && (
        <Confirm
          title="Forget this?"
          action="Forget"
          busy={forget.isPending}
          onConfirm={() => forget.mutate()}
          onClose={close}
        >
          <p>“{record.text}”</p>
          <p>
            {own
              ? 'It is gone then, with everything that was concluded from it alone.'
              : 'It is computed from your measurements, and comes back as long as they say so.'}
          </p>
        </Confirm>
      )}
    </article>
  )
}

function Correct({ record, onClose }: { record: MemoryRecord; onClose: () => void }) {
  const [text, setText] = useState(record.text)
  const correct = useMutation({
    mutationFn: () => correctMemory(record.id, text.trim()),
    onSuccess: async () => {
      await refresh()
      onClose()
    },
  })
  return (
    <Dialog title="Correct it" onClose={onClose}>
      <form
        className={styles.correct}
        onSubmit={(event) => {
          event.preventDefault()
          correct.mutate()
        }}
      >
        <label className="field">
          What is right
          <textarea rows={3} maxLength={4000} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        </label>
        {correct.error && <Failed error={correct.error} />}
        <button type="submit" className="button primary" disabled={text.trim() === '' || correct.isPending}>
          Save
        </button>
      </form>
    </Dialog>
  )
}

function Trace({ record, onClose }: { record: MemoryRecord; onClose: () => void }) {
  const trace = useQuery({
    queryKey: ['trace', 'memory', record.id],
    queryFn: ({ signal }) => traceMemory(record.id, signal),
  })
  return (
    <Dialog title="Why this is remembered" onClose={onClose}>
      {trace.error ? (
        <Failed error={trace.error} onRetry={() => void trace.refetch()} />
      ) : trace.data ? (
        <Origin of={trace.data} />
      ) : (
        <p className="quiet">Reading …</p>
      )}
    </Dialog>
  )
}

const origins: Readonly<Record<MemoryRecord['origin'], string>> = {
  self: 'You said it.',
  derived: 'Computed from your measurements.',
  record: 'Taken from a record that you brought.',
}

function Origin({ of }: { of: Provenance }) {
  const { locale } = useReader()
  const names = useNames()
  const { record, from, refs } = of
  return (
    <div className={styles.origin}>
      <p className={styles.text}>“{record.text}”</p>
      <dl>
        <div>
          <dt>Origin</dt>
          <dd>{origins[record.origin]}</dd>
        </div>
        <div>
          <dt>Known since</dt>
          <dd>{formatMoment(record.recordedAt, locale)}</dd>
        </div>
        {record.algorithm && (
          <div>
            <dt>Computed by</dt>
            <dd>{record.algorithm}</dd>
          </div>
        )}
        {record.about.length > 0 && (
          <div>
            <dt>About</dt>
            <dd>{record.about.map((id) => titleOf(id, names)).join(', ')}</dd>
          </div>
        )}
        {refs.length > 0 && (
          <div>
            <dt>Made from</dt>
            <dd>
              {refs.length === 1
                ? record.origin === 'self'
                  ? 'what you said in a conversation'
                  : 'one delivery of data'
                : `${refs.length} conversations or deliveries of data`}
            </dd>
          </div>
        )}
      </dl>
      {from.map((one) => (
        <Origin key={one.record.id} of={one} />
      ))}
    </div>
  )
}
