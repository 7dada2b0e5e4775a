import { type FormEvent, type ReactNode, useEffect, useId, useRef } from 'react'
import styles from './dialog.module.css'
import { Icon } from './icons'

/**
 * A modal dialog on the platform's own element: focus is kept inside and given back, Escape closes, what is behind is
 * inert. (React Aria's press handling would put a style element into the page, which the content policy forbids.)
 *
 * @param sheet large: a sheet from below on phones, a wide panel elsewhere
 */
export function Dialog({
  title,
  sheet = false,
  onClose,
  children,
}: {
  title: ReactNode
  sheet?: boolean
  onClose: () => void
  children: ReactNode
}) {
  const ref = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const dialog = ref.current
    const before = document.activeElement
    if (dialog && !dialog.open) dialog.showModal()
    return () => {
      dialog?.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click on the backdrop closes; the keyboard has Escape and the button
    <dialog
      ref={ref}
      className={sheet ? styles.sheet : styles.box}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose()
      }}
    >
      <div className={styles.inner}>
        <header className={styles.header}>
          <h2 id={heading} className={styles.title}>
            {title}
          </h2>
          <button type="button" className={styles.close} onClick={onClose} aria-label="Close">
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  )
}

/** Asks before something that cannot be undone. */
export function Confirm({
  title,
  action,
  busy = false,
  onConfirm,
  onClose,
  children,
}: {
  title: string
  action: string
  busy?: boolean
  onConfirm: () => void
  onClose: () => void
  children: ReactNode
}) {
  return (
    <Dialog title={title} onClose={onClose}>
      <div className={styles.body}>{children}</div>
      <footer className={styles.footer}>
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="button danger" disabled={busy} onClick={onConfirm}>
          {action}
        </button>
      </footer>
    </Dialog>
  )
}

/** What a dialog that tells something holds, and its one button. */
export function Told({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  return (
    <div className={styles.content}>
      {children}
      <div className={styles.end}>
        <button type="button" className="button primary" onClick={onClose}>
          Done
        </button>
      </div>
    </div>
  )
}

/** What a dialog that asks for something holds: a form with its buttons. */
export function Asked({
  action,
  disabled,
  onSubmit,
  onClose,
  children,
}: {
  action: string
  disabled: boolean
  onSubmit: () => void
  onClose: () => void
  children: ReactNode
}) {
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSubmit()
  }
  return (
    <form className={styles.content} onSubmit={submit}>
      {children}
      <div className={styles.end}>
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="button primary" disabled={disabled}>
          {action}
        </button>
      </div>
    </form>
  )
}
