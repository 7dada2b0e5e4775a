import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { readTokens, revokeToken } from '../../api/account'
import type { ApiTokenView } from '../../api/wire'
import { formatMoment } from '../../parts/dates'
import { Confirm } from '../../parts/dialog'
import { client, useReader } from '../../parts/queries'
import { Failed, Waiting } from '../../parts/say'
import styles from './account.module.css'
import { NewToken } from './new-token'
import { scopeNames, tokenStands } from './token-words'

/** Tokens of programs: make, see when they were used, revoke. */
export function Tokens() {
  const { locale } = useReader()
  const tokens = useQuery({ queryKey: ['tokens'], queryFn: ({ signal }) => readTokens(signal) })
  const [making, setMaking] = useState(false)
  const [asked, setAsked] = useState<ApiTokenView | null>(null)
  const revoke = useMutation({
    mutationFn: (id: string) => revokeToken(id),
    onSuccess: () => client.invalidateQueries({ queryKey: ['tokens'] }),
    onSettled: () => setAsked(null),
  })
  const now = Date.now()
  return (
    <div className={styles.group}>
      {tokens.error ? (
        <Failed error={tokens.error} onRetry={() => void tokens.refetch()} />
      ) : !tokens.data ? (
        <Waiting what="Reading your tokens" lines={1} />
      ) : tokens.data.length === 0 ? (
        <p className="quiet">No program has a token.</p>
      ) : (
        <ul className={styles.list} aria-label="Tokens">
          {tokens.data.map((token) => (
            <li key={token.id}>
              <div className={styles.words}>
                <p>{token.name}</p>
                <p className={styles.meta}>
                  <span>{token.scopes.map((scope) => scopeNames[scope]).join(', ')}</span>
                  <span>{tokenStands(token, now, locale)}</span>
                  <span>
                    {token.usedAt === null ? 'never used' : `last used ${formatMoment(token.usedAt, locale)}`}
                  </span>
                </p>
              </div>
              {token.revokedAt === null && token.expiresAt > now && (
                <button
                  type="button"
                  className="button plain quiet"
                  aria-label={`Revoke the token “${token.name}”`}
                  onClick={() => setAsked(token)}
                >
                  Revoke
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {revoke.error && <Failed error={revoke.error} />}
      <div className={styles.buttons}>
        <button type="button" className="button" onClick={() => setMaking(true)}>
          Make a token …
        </button>
      </div>
      {making && <NewToken onClose={() => setMaking(false)} />}
      {asked && (
        <Confirm
          title={`Revoke “${asked.name}”?`}
          action="Revoke"
          busy={revoke.isPending}
          onConfirm={() => revoke.mutate(asked.id)}
          onClose={() => setAsked(null)}
        >
          <p>The program that has it is let in no more, from this moment on.</p>
        </Confirm>
      )}
    </div>
  )
}
