import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { endSignIns, readSignIns } from '../../api/account'
import type { SignInView } from '../../api/wire'
import { formatMoment } from '../../parts/dates'
import { Confirm } from '../../parts/dialog'
import { useReader } from '../../parts/queries'
import { Failed, Waiting } from '../../parts/say'
import { signOut } from '../../session/enter'
import styles from './account.module.css'

/** Devices that are signed in, and ways out. */
export function SignIns() {
  const signIns = useQuery({ queryKey: ['sign-ins'], queryFn: ({ signal }) => readSignIns(signal) })
  const [asked, setAsked] = useState(false)
  const out = useMutation({ mutationFn: () => signOut() })
  const everywhere = useMutation({
    mutationFn: async () => {
      await endSignIns()
      await signOut()
    },
    onSettled: () => setAsked(false),
  })
  return (
    <div className={styles.group}>
      {signIns.error ? (
        <Failed error={signIns.error} onRetry={() => void signIns.refetch()} />
      ) : !signIns.data ? (
        <Waiting what="Reading where you are signed in" lines={1} />
      ) : (
        <Listed signIns={signIns.data} />
      )}
      {everywhere.error && <Failed error={everywhere.error} />}
      <div className={styles.buttons}>
        <button type="button" className="button" disabled={out.isPending} onClick={() => out.mutate()}>
          Sign out
        </button>
        <button type="button" className="button plain" onClick={() => setAsked(true)}>
          Sign out everywhere …
        </button>
      </div>
      {asked && (
        <Confirm
          title="Sign out everywhere?"
          action="Sign out everywhere"
          busy={everywhere.isPending}
          onConfirm={() => everywhere.mutate()}
          onClose={() => setAsked(false)}
        >
          <p>Every browser that you are signed in with, this one too, has to sign in again. Tokens of programs stay.</p>
        </Confirm>
      )}
    </div>
  )
}

/** How many are shown at first. */
const SHOWN = 4

function Listed({ signIns }: { signIns: readonly SignInView[] }) {
  const [all, setAll] = useState(false)
  const { locale } = useReader()
  const sorted = [...signIns].sort((a, b) => Number(b.current) - Number(a.current) || b.usedAt - a.usedAt)
  const more = sorted.length - SHOWN
  return (
    <>
      <ul className={styles.list} aria-label="Sign-ins">
        {(all ? sorted : sorted.slice(0, SHOWN)).map(({ id, current, createdAt, usedAt, expiresAt }) => (
          <li key={id}>
            <div className={styles.words}>
              <p>{current ? <strong>This browser</strong> : 'Another browser'}</p>
              <p className={styles.meta}>
                <span>signed in {formatMoment(createdAt, locale)}</span>
                <span>last seen {formatMoment(usedAt, locale)}</span>
                <span>until {formatMoment(expiresAt, locale)}</span>
              </p>
            </div>
          </li>
        ))}
      </ul>
      {!all && more > 0 && (
        <div>
          <button type="button" className="button plain" onClick={() => setAll(true)}>
            Show {more} more
          </button>
        </div>
      )}
    </>
  )
}
