import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { createToken } from '../../api/account'
import type { TokenScope } from '../../api/wire'
import { formatMoment } from '../../parts/dates'
import { Asked, Dialog, Told } from '../../parts/dialog'
import { client, useReader } from '../../parts/queries'
import { Failed } from '../../parts/say'
import { Secret } from '../../parts/secret'
import { mayOperate } from '../../session/token'
import styles from './account.module.css'

const scopes: readonly { scope: TokenScope; name: string; means: string }[] = [
  { scope: 'read', name: 'Read', means: 'your data and answers' },
  { scope: 'write', name: 'Write', means: 'send measurements, ask questions, change memories' },
  { scope: 'operate', name: 'Operate', means: 'invitations, keys and the audit log of this installation' },
]
const lives: readonly { days: number; name: string }[] = [
  { days: 7, name: '7 days' },
  { days: 30, name: '30 days' },
  { days: 90, name: '90 days' },
  { days: 365, name: '1 year' },
]

/** Makes a token, and shows it once. */
export function NewToken({ onClose }: { onClose: () => void }) {
  const { locale } = useReader()
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<ReadonlySet<TokenScope>>(new Set(['read']))
  const [days, setDays] = useState(90)
  const make = useMutation({
    mutationFn: () => createToken(name, [...chosen], days),
    onSuccess: () => client.invalidateQueries({ queryKey: ['tokens'] }),
  })
  const toggle = (scope: TokenScope) => {
    const next = new Set(chosen)
    if (!next.delete(scope)) next.add(scope)
    setChosen(next)
  }
  if (make.data)
    return (
      <Dialog title="Your new token" onClose={onClose}>
        <Told onClose={onClose}>
          <p className="quiet">
            Copy it now: it is shown this once and kept nowhere. It works until{' '}
            {formatMoment(make.data.expiresAt, locale)}.
          </p>
          <Secret label={`Token of “${name}”`} value={make.data.token} />
        </Told>
      </Dialog>
    )
  return (
    <Dialog title="Make a token" onClose={onClose}>
      <Asked
        action="Make the token"
        disabled={chosen.size === 0 || make.isPending}
        onSubmit={() => make.mutate()}
        onClose={onClose}
      >
        <label className="field">
          Which program is it for?
          <input
            type="text"
            autoComplete="off"
            required
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <fieldset className={styles.scopes}>
          <legend>What it may do</legend>
          {scopes
            .filter(({ scope }) => scope !== 'operate' || mayOperate())
            .map(({ scope, name: title, means }) => (
              <label key={scope}>
                <input type="checkbox" checked={chosen.has(scope)} onChange={() => toggle(scope)} />
                <span>
                  {title}: <span className="quiet">{means}</span>
                </span>
              </label>
            ))}
        </fieldset>
        <label className="field">
          Works for
          <select value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
            {lives.map(({ days: count, name: title }) => (
              <option key={count} value={count}>
                {title}
              </option>
            ))}
          </select>
        </label>
        {make.error && <Failed error={make.error} />}
      </Asked>
    </Dialog>
  )
}
