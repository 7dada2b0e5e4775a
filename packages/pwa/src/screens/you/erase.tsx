import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { eraseEverything } from '../../api/neuros'
import { Dialog } from '../../parts/dialog'
import { client } from '../../parts/queries'
import { Failed, Say } from '../../parts/say'
import { signOut } from '../../session/enter'
import { sessionState } from '../../session/state'
import styles from './you.module.css'

const WORDS = 'erase everything'

/** Erases the person: the words have to be typed. */
export function Erase() {
  const [open, setOpen] = useState(false)
  const [typed, setTyped] = useState('')
  const erase = useMutation({
    mutationFn: eraseEverything,
    onSuccess: () => {
      if (sessionState() === 'in') return signOut('erased')
      // Nothing of the person stays in this browser either.
      localStorage.clear()
      sessionStorage.clear()
      client.clear()
      return undefined
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (typed.trim().toLowerCase() === WORDS) erase.mutate()
  }
  const close = () => {
    setOpen(false)
    setTyped('')
    erase.reset()
  }
  if (erase.isSuccess) {
    return (
      <Say
        action={
          <button type="button" className="button" onClick={() => window.location.replace('/')}>
            Begin anew
          </button>
        }
      >
        Everything about you has been erased, and the key that could read it destroyed.
      </Say>
    )
  }
  return (
    <div className={styles.erase}>
      <p>Erase everything: measurements, files, memories and conversations. Nobody can bring it back.</p>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        Erase everything …
      </button>
      {open && (
        <Dialog title="Erase everything about you?" onClose={close}>
          <form className={styles.confirm} onSubmit={submit}>
            <p className="quiet">
              Every measurement, file, memory and conversation goes, and the key that reads them is destroyed. Export
              first if you want to keep a copy.
            </p>
            <label className="field">
              Type “{WORDS}”
              <input
                type="text"
                autoComplete="off"
                value={typed}
                onChange={(event) => setTyped(event.currentTarget.value)}
              />
            </label>
            {erase.error && <Failed error={erase.error} />}
            <div className={styles.buttons}>
              <button type="button" className="button" onClick={close}>
                Cancel
              </button>
              <button
                type="submit"
                className="button danger"
                disabled={typed.trim().toLowerCase() !== WORDS || erase.isPending}
              >
                Erase
              </button>
            </div>
          </form>
        </Dialog>
      )}
    </div>
  )
}
