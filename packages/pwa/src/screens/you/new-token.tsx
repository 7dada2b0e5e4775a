import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { createToken } from '../../api/account'
import type { TokenScope } from '../../api/wire'
import { formatMoment } from '../../parts/dates'
import { Dialog } from '../../parts/dialog'
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
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  const toggle = (scope: TokenScope) => {
    const next = new Set(chosen)
    if (!next.delete(scope)) next.add(scope)
    setChosen(next)
  }
  if (make.data)
    return (
      <Dialog title="Your new token" onClose={onClose}>
        <div className={styles.dialog}>
          <p className="quiet">
            Copy it now: it is shown this once and kept nowhere. It works until{' '}
            {formatMoment(make.data.expiresAt, locale)}.
          </p>
          <Secret label={`Token of “${name}”`} value={make.data.token} />
          <div className={styles.end}>
            <button type="button" className="button primary" onClick={onClose}>
              Done
            </button>
          </div>
        </div>
      </Dialog>
    )
  return (
    <Dialog title="Make a token" onClose={onClose}>
      <form className={styles.dialog} onSubmit={submit}>
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
        <div className={styles.end}>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={chosen.size === 0 || make.isPending}>
            Make the token
          </button>
        </div>
      </form>
    </Dialog>
  )
}
