import { useEffect, useRef, useState } from 'react'
import { Offline } from '../../offline/offline'
import { Say } from '../../parts/say'
import { checkNeed, goToProvider, offersProvider } from '../../session/enter'
import { dropInvitation, type Note, useInvitation, useNote } from '../../session/state'
import { PasswordForm } from './password-form'
import styles from './sign-in.module.css'
import { invitationOf } from './words'

const notes: Readonly<Partial<Record<Note, string>>> = {
  out: 'You are signed out. Nothing about you is kept in this browser.',
  ended: 'This sign-in has ended: sign in again. Nothing about you was kept in this browser.',
  erased: 'Everything about you has been erased, and the key that could read it destroyed.',
  AUREN_FORBIDDEN: 'You were not let in: the first time you need an invitation that still holds.',
}
const refused = 'Signing in at the provider did not come to its end. Try again.'

/** Where somebody signs in, or makes the account that they were invited to. */
export default function SignIn() {
  const note = useNote()
  const invitation = useInvitation()
  const [invited, setInvited] = useState(false)
  const [code, setCode] = useState('')
  const [provider, setProvider] = useState(false)
  const heading = useRef<HTMLHeadingElement>(null)
  const joining = invited || invitation !== null
  const title = joining ? 'Make your account' : 'Sign in'

  useEffect(() => {
    void checkNeed()
    void offersProvider().then(setProvider)
  }, [])
  useEffect(() => {
    document.title = `${title} · AUREN`
    heading.current?.focus()
  }, [title])

  return (
    <main className={styles.screen}>
      <div className={styles.column}>
        <p className={styles.brand}>
          <img src="/icon.svg" width={36} height={36} alt="" />
          AUREN
        </p>
        <Offline />
        {note && note !== 'other' && !joining && (
          <Say tone={note.startsWith('AUREN_') ? 'danger' : 'quiet'}>{notes[note] ?? refused}</Say>
        )}
        <section className={styles.card} aria-labelledby="sign-in">
          <h1 id="sign-in" ref={heading} tabIndex={-1} className={styles.title}>
            {title}
          </h1>
          {joining && <p className="quiet">You were invited. Choose what you will sign in with.</p>}
          <PasswordForm key={title} invitation={joining ? { given: invitation, code, setCode } : null} />
          {provider && (
            <>
              <p className={styles.or}>or</p>
              <button
                type="button"
                className="button"
                onClick={() => goToProvider(joining ? (invitation ?? invitationOf(code)) : null)}
              >
                Continue with your provider
              </button>
            </>
          )}
          <button
            type="button"
            className="button plain"
            onClick={() => {
              if (invitation !== null) dropInvitation()
              setInvited(!joining)
            }}
          >
            {joining ? 'I have an account already' : 'I have an invitation'}
          </button>
        </section>
      </div>
    </main>
  )
}
