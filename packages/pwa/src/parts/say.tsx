import type { ReactNode } from 'react'
import { messageOf } from '../api/problem'
import styles from './say.module.css'

/** Something that the person has to know, told in place. */
export function Say({
  tone = 'quiet',
  action,
  children,
}: {
  tone?: 'quiet' | 'notice' | 'danger'
  action?: ReactNode
  children: ReactNode
}) {
  return (
    <div className={`${styles.say} ${styles[tone]}`} role={tone === 'danger' ? 'alert' : undefined}>
      <div className={styles.words}>{children}</div>
      {action}
    </div>
  )
}

/** What went wrong, with a way to try again. */
export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <Say
      tone="danger"
      action={
        onRetry && (
          <button type="button" className="button" onClick={onRetry}>
            Try again
          </button>
        )
      }
    >
      {messageOf(error)}
    </Say>
  )
}

/** A place that waits for data, of about the height that it will have. */
export function Waiting({ what, lines = 3 }: { what: string; lines?: number }) {
  return (
    <div className={styles.waiting} role="status">
      <span className="hidden">{what} …</span>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing but their place
        <span key={line} className={styles.line} />
      ))}
    </div>
  )
}
