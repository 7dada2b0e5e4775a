import { useMutation } from '@tanstack/react-query'
import { createInvitation } from '../../api/account'
import { formatMoment } from '../../parts/dates'
import { Dialog, Told } from '../../parts/dialog'
import { useReader } from '../../parts/queries'
import { Failed } from '../../parts/say'
import { Secret } from '../../parts/secret'
import styles from './account.module.css'

/** Lets one more person in, by a link. For whoever runs the installation. */
export function Invite() {
  const { locale } = useReader()
  const invite = useMutation({ mutationFn: createInvitation })
  return (
    <div className={styles.group}>
      {invite.error && <Failed error={invite.error} />}
      <div className={styles.line}>
        <p className="quiet">You run this installation. Nobody comes in without an invitation.</p>
        <button type="button" className="button" disabled={invite.isPending} onClick={() => invite.mutate()}>
          Invite somebody …
        </button>
      </div>
      {invite.data && (
        <Dialog title="An invitation" onClose={() => invite.reset()}>
          <Told onClose={() => invite.reset()}>
            <p className="quiet">
              Whoever opens this link can make one account here, until {formatMoment(invite.data.expiresAt, locale)}.
              They see their own data only. It is shown this once.
            </p>
            <Secret label="Link" value={`${window.location.origin}/#invite=${invite.data.invitation}`} />
          </Told>
        </Dialog>
      )}
    </div>
  )
}
