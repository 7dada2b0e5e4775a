import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { beginConnection, removeConnection, syncConnection } from '../../api/biometric'
import type { ConnectionView } from '../../api/wire'
import { formatMoment } from '../../parts/dates'
import { Confirm } from '../../parts/dialog'
import { Section } from '../../parts/page'
import { client, useConnections, useReader } from '../../parts/queries'
import { Failed } from '../../parts/say'
import { capital } from '../../parts/words'
import styles from './data.module.css'

const refresh = () => client.invalidateQueries({ queryKey: ['connections'] })

/** Vendors that can be connected by signing in, as far as this version has them. */
const offered = ['oura']

/** Connections to vendors, each as it really is. */
export function Connections() {
  const connections = useConnections()
  const [leaving, setLeaving] = useState<ConnectionView | null>(null)
  const { locale } = useReader()
  const connect = useMutation({
    mutationFn: (provider: string) => beginConnection(provider),
    onSuccess: ({ url }) => window.location.assign(url),
  })
  const sync = useMutation({ mutationFn: (provider: string) => syncConnection(provider), onSuccess: refresh })
  const remove = useMutation({
    mutationFn: (provider: string) => removeConnection(provider),
    onSuccess: refresh,
    onSettled: () => setLeaving(null),
  })
  const error = connections.error ?? connect.error ?? sync.error ?? remove.error
  const held = connections.data ?? []
  const missing = offered.filter((provider) => !held.some((one) => one.provider === provider))
  return (
    <Section title="Connections" lead="Vendors that AUREN fetches from by itself.">
      {error && <Failed error={error} />}
      {connections.data && (
        <ul className={styles.list}>
          {held.map((one) => (
            <li key={`${one.provider}/${one.account}`} className={styles.import}>
              <div className={styles.head}>
                <div className={styles.name}>
                  <h3>{capital(one.provider)}</h3>
                  <p className={one.status === 'active' ? 'quiet' : styles.error}>
                    {one.status === 'active' ? 'Connected' : capital(one.status)},{' '}
                    {one.lastSyncAt === null ? 'never heard yet' : `last heard ${formatMoment(one.lastSyncAt, locale)}`}
                  </p>
                </div>
                {one.status === 'active' ? (
                  <button
                    type="button"
                    className="button plain"
                    disabled={sync.isPending}
                    onClick={() => sync.mutate(one.provider)}
                  >
                    Fetch now
                  </button>
                ) : (
                  <button
                    type="button"
                    className="button"
                    disabled={connect.isPending}
                    onClick={() => connect.mutate(one.provider)}
                  >
                    Connect again
                  </button>
                )}
                <button type="button" className="button plain quiet" onClick={() => setLeaving(one)}>
                  Disconnect
                </button>
              </div>
              {one.error && <p className={styles.error}>{one.error}</p>}
            </li>
          ))}
          {missing.map((provider) => (
            <li key={provider} className={styles.import}>
              <div className={styles.head}>
                <div className={styles.name}>
                  <h3>{capital(provider)}</h3>
                  <p className="quiet">Not connected</p>
                </div>
                <button
                  type="button"
                  className="button"
                  disabled={connect.isPending}
                  onClick={() => connect.mutate(provider)}
                >
                  Connect
                </button>
              </div>
            </li>
          ))}
        </ul>
      )}
      {leaving && (
        <Confirm
          title={`Disconnect ${capital(leaving.provider)}?`}
          action="Disconnect"
          busy={remove.isPending}
          onConfirm={() => remove.mutate(leaving.provider)}
          onClose={() => setLeaving(null)}
        >
          <p>AUREN destroys its access and fetches nothing more. What was measured so far stays.</p>
        </Confirm>
      )}
    </Section>
  )
}
