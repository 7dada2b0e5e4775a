import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { beginConnection, removeConnection, syncConnection } from '../../api/biometric'
import type { ConnectionView, VendorView } from '../../api/wire'
import { formatMoment } from '../../parts/dates'
import { Confirm } from '../../parts/dialog'
import { Section } from '../../parts/page'
import { client, useConnections, useReader, useVendors } from '../../parts/queries'
import { Failed } from '../../parts/say'
import { capital } from '../../parts/words'
import { Connect } from './connect'
import styles from './data.module.css'

const refresh = () => client.invalidateQueries({ queryKey: ['connections'] })

/** Connections to vendors, each as it really is. */
export function Connections() {
  const connections = useConnections()
  const vendors = useVendors()
  const [entering, setEntering] = useState<VendorView | null>(null)
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
  const error = connections.error ?? vendors.error ?? connect.error ?? sync.error ?? remove.error
  const held = connections.data ?? []
  const missing = (vendors.data ?? []).filter(
    ({ provider, connect }) => connect !== null && !held.some((one) => one.provider === provider),
  )
  const vendorOf = (provider: string) => vendors.data?.find((vendor) => vendor.provider === provider)
  const titleOf = (provider: string) => vendorOf(provider)?.title ?? capital(provider)
  const begin = (provider: string) => {
    const vendor = vendorOf(provider)
    if (vendor?.connect === 'site' || vendor?.connect === 'address') setEntering(vendor)
    else connect.mutate(provider)
  }
  return (
    <Section title="Connections" lead="Vendors that AUREN fetches from by itself.">
      {error && <Failed error={error} />}
      {connections.data && vendors.data && (
        <ul className={styles.list}>
          {held.map((one) => (
            <li key={`${one.provider}/${one.account}`} className={styles.import}>
              <div className={styles.head}>
                <div className={styles.name}>
                  <h3>{titleOf(one.provider)}</h3>
                  <p className={one.status === 'active' ? 'quiet' : styles.error}>
                    {one.status === 'active' ? 'Connected' : capital(one.status)},{' '}
                    {one.lastSyncAt === null ? 'never heard yet' : `last heard ${formatMoment(one.lastSyncAt, locale)}`}
                  </p>
                </div>
                {one.status === 'active' && vendorOf(one.provider)?.connect === 'address' ? (
                  // It sends by itself: there is nothing to fetch, and its address may be wanted again.
                  <button type="button" className="button plain" onClick={() => begin(one.provider)}>
                    Show the address
                  </button>
                ) : one.status === 'active' ? (
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
                    onClick={() => begin(one.provider)}
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
          {missing.map(({ provider, title }) => (
            <li key={provider} className={styles.import}>
              <div className={styles.head}>
                <div className={styles.name}>
                  <h3>{title}</h3>
                  <p className="quiet">Not connected</p>
                </div>
                <button
                  type="button"
                  className="button"
                  aria-label={`Connect ${title}`}
                  disabled={connect.isPending}
                  onClick={() => begin(provider)}
                >
                  Connect
                </button>
              </div>
            </li>
          ))}
        </ul>
      )}
      {entering && <Connect vendor={entering} onClose={() => setEntering(null)} />}
      {leaving && (
        <Confirm
          title={`Disconnect ${titleOf(leaving.provider)}?`}
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
