import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { changePassword } from '../../api/account'
import { Failed } from '../../parts/say'
import styles from './account.module.css'

/** Changing the password. */
export function PasswordChange() {
  const client = useQueryClient()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const change = useMutation({
    mutationFn: () => changePassword(current, next),
    onSuccess: () => {
      setCurrent('')
      setNext('')
      return client.invalidateQueries({ queryKey: ['sign-ins'] })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate()
  }
  return (
    <details className={styles.more}>
      <summary>Change the password</summary>
      <form className={styles.form} onSubmit={submit}>
        <label className="field">
          Current password
          <input
            type="password"
            autoComplete="current-password"
            required
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
        </label>
        <label className="field">
          New password
          <input
            type="password"
            autoComplete="new-password"
            required
            minLength={12}
            maxLength={256}
            value={next}
            onChange={(event) => setNext(event.currentTarget.value)}
          />
          <small>At least 12 characters. Every other browser is signed out.</small>
        </label>
        <div className={styles.save}>
          {change.error && <Failed error={change.error} />}
          <p role="status">{change.isSuccess ? 'The password was changed.' : ''}</p>
          <button type="submit" className="button" disabled={change.isPending}>
            Change the password
          </button>
        </div>
      </form>
    </details>
  )
}
