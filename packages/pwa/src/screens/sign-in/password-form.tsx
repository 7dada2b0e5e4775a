import { type FormEvent, useRef, useState } from 'react'
import { messageOf, Problem } from '../../api/problem'
import { Say } from '../../parts/say'
import { signIn, signUp } from '../../session/enter'
import styles from './sign-in.module.css'
import { invitationOf, SHORTEST, waitWords } from './words'

/** How somebody was invited: by the address, or by what they paste. */
export interface Invited {
  given: string | null
  code: string
  setCode: (code: string) => void
}

/** Name and password of an account that is there; with an invitation, of a new one. */
export function PasswordForm({ invitation }: { invitation: Invited | null }) {
  const joining = invitation !== null
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [shown, setShown] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const field = useRef<HTMLInputElement>(null)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setError(null)
    try {
      if (invitation) await signUp(name, password, invitation.given ?? invitationOf(invitation.code))
      else await signIn(name, password)
    } catch (thrown) {
      setError(errorOf(thrown))
      setBusy(false)
      field.current?.select()
    }
  }

  return (
    <form className={styles.form} onSubmit={submit}>
      <label className="field">
        Name or e-mail address
        <input
          type="text"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          minLength={3}
          maxLength={254}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <div className="field">
        <label htmlFor="password">Password</label>
        <div className={styles.secret}>
          <input
            id="password"
            ref={field}
            type={shown ? 'text' : 'password'}
            name="password"
            autoComplete={joining ? 'new-password' : 'current-password'}
            required
            minLength={joining ? SHORTEST : undefined}
            maxLength={256}
            aria-describedby={joining ? 'password-rule' : undefined}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <button
            type="button"
            className="button plain quiet"
            aria-label={shown ? 'Hide the password' : 'Show the password'}
            onClick={() => setShown(!shown)}
          >
            {shown ? 'Hide' : 'Show'}
          </button>
        </div>
        {joining && <small id="password-rule">At least {SHORTEST} characters. A few words in a row do well.</small>}
      </div>
      {invitation && invitation.given === null && (
        <label className="field">
          Invitation
          <input
            type="text"
            autoComplete="off"
            spellCheck={false}
            value={invitation.code}
            onChange={(event) => invitation.setCode(event.currentTarget.value)}
          />
          <small>The link or the code that you were given.</small>
        </label>
      )}
      {error !== null && <Say tone="danger">{error}</Say>}
      <button type="submit" className="button primary" disabled={busy}>
        {busy ? 'One moment …' : joining ? 'Make the account' : 'Sign in'}
      </button>
    </form>
  )
}

function errorOf(thrown: unknown): string {
  if (thrown instanceof Problem && thrown.status === 429)
    return `Too many attempts. Try again ${thrown.retryAfter === null ? 'later' : `in ${waitWords(thrown.retryAfter)}`}.`
  return messageOf(thrown)
}
