import { useMutation, useQuery } from '@tanstack/react-query'
import { readConsents, writeConsent } from '../../api/account'
import type { ConsentView } from '../../api/wire'
import { formatMoment } from '../../parts/dates'
import { client, useNames, useReader } from '../../parts/queries'
import { Failed, Waiting } from '../../parts/say'
import { titleOf } from '../../parts/words'
import styles from './account.module.css'
import { CONSENT_VERSION, purposes, standingOf } from './consent-words'

/** What the person allows, each with what it means, to be withdrawn and given again. */
export function Consents() {
  const consents = useQuery({ queryKey: ['consents'], queryFn: ({ signal }) => readConsents(signal) })
  if (consents.error) return <Failed error={consents.error} onRetry={() => void consents.refetch()} />
  if (!consents.data) return <Waiting what="Reading your consents" lines={1} />
  return (
    <ul className={styles.list} aria-label="Consents">
      {purposes.map((one) => (
        <Purpose key={one.purpose} {...one} said={consents.data} />
      ))}
    </ul>
  )
}

function Purpose({ purpose, name, means, said }: (typeof purposes)[number] & { said: readonly ConsentView[] }) {
  const { locale } = useReader()
  const names = useNames()
  const { granted, kinds, at } = standingOf(said, purpose)
  const write = useMutation({
    mutationFn: async (give: boolean) => {
      // Given again as a whole, what was withdrawn for single measures is given again too.
      for (const kind of give ? [...kinds, '*'] : ['*'])
        await writeConsent({ purpose, kind, granted: give, version: CONSENT_VERSION })
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['consents'] }),
  })
  return (
    <li>
      <label className={styles.consent}>
        <input
          type="checkbox"
          checked={granted}
          disabled={write.isPending}
          aria-describedby={`consent-${purpose}`}
          onChange={(event) => write.mutate(event.currentTarget.checked)}
        />
        <span className={styles.words}>{name}</span>
      </label>
      <div className={styles.means} id={`consent-${purpose}`}>
        <p className="quiet">{means}</p>
        {(at !== null || kinds.length > 0) && (
          <p className={styles.meta}>
            {at !== null && (
              <span>
                {granted ? 'Allowed' : 'Withdrawn'} {formatMoment(at, locale)}
              </span>
            )}
            {kinds.length > 0 && <span>for {kinds.map((kind) => titleOf(kind, names)).join(', ')}</span>}
          </p>
        )}
        {write.error && <Failed error={write.error} />}
      </div>
    </li>
  )
}
