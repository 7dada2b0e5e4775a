import { useMutation } from '@tanstack/react-query'
import { confirmMemory, forgetMemory } from '../../api/neuros'
import { messageOf } from '../../api/problem'
import { Icon } from '../../parts/icons'
import { client } from '../../parts/queries'
import styles from './answer.module.css'
import type { Drafted } from './conversation'

/** What AUREN wrote down of what was said: shown at once, kept or undone with a tap. */
export function DraftedMemory({ record }: { record: Drafted }) {
  const changed = () => void client.invalidateQueries({ queryKey: ['memories'] })
  const undo = useMutation({ mutationFn: () => forgetMemory(record.id), onSuccess: changed })
  const keep = useMutation({ mutationFn: () => confirmMemory(record.id), onSuccess: changed })
  const busy = undo.isPending || keep.isPending
  const done = undo.isSuccess || keep.isSuccess
  const error = undo.error ?? keep.error
  const said =
    record.status === 'retired'
      ? 'Forgotten'
      : undo.isSuccess
        ? 'Not remembered'
        : keep.isSuccess
          ? 'Kept'
          : 'Remembered'
  return (
    <div className={styles.memory} role="status">
      <Icon name="memory" size={20} />
      <p>
        <strong>{said}:</strong> {record.text}
        {error && <span className={styles.error}> {messageOf(error)}</span>}
      </p>
      {record.status === 'drafted' && !done && (
        <div className={styles.choices}>
          <button type="button" className="button plain quiet" disabled={busy} onClick={() => undo.mutate()}>
            Undo
          </button>
          <button type="button" className="button plain" disabled={busy} onClick={() => keep.mutate()}>
            Keep
          </button>
        </div>
      )}
    </div>
  )
}
