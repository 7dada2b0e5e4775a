import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { beginConnection } from '../../api/biometric'
import type { VendorView } from '../../api/wire'
import { Dialog } from '../../parts/dialog'
import { client } from '../../parts/queries'
import { Failed } from '../../parts/say'
import { Secret } from '../../parts/secret'
import styles from './data.module.css'

/** Connects a vendor, the way that it is connected. A page of the vendor's own is gone to at once. */
export function Connect({ vendor, onClose }: { vendor: VendorView; onClose: () => void }) {
  const [said, setSaid] = useState<Readonly<Record<string, string>>>({})
  const begin = useMutation({
    mutationFn: () => beginConnection(vendor.provider, vendor.connect === 'site' ? said : undefined),
    onSuccess: () => client.invalidateQueries({ queryKey: ['connections'] }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    begin.mutate()
  }
  if (begin.data && vendor.connect === 'address')
    return (
      <Dialog title={`Connect ${vendor.title}`} onClose={onClose}>
        <div className={styles.form}>
          <p>Enter this address in {vendor.title}, as where it sends to. Whoever has it can send in your name.</p>
          <Secret label="Address" value={begin.data.url} />
          <div className={styles.end}>
            <button type="button" className="button primary" onClick={onClose}>
              Done
            </button>
          </div>
        </div>
      </Dialog>
    )
  if (begin.data)
    return (
      <Dialog title={`${vendor.title} is connected`} onClose={onClose}>
        <div className={styles.form}>
          <p>What it has is being fetched.</p>
          <div className={styles.end}>
            <button type="button" className="button primary" onClick={onClose}>
              Done
            </button>
          </div>
        </div>
      </Dialog>
    )
  return (
    <Dialog title={`Connect ${vendor.title}`} onClose={onClose}>
      <form className={styles.form} onSubmit={submit}>
        {vendor.connect === 'address' && (
          <p>{vendor.title} sends by itself, from your phone. AUREN gives you the address to enter there.</p>
        )}
        {vendor.fields.map(({ name, title, hint, secret }) => (
          <label key={name} className="field">
            {title}
            <input
              type={secret ? 'password' : 'text'}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              required
              maxLength={500}
              value={said[name] ?? ''}
              onChange={({ currentTarget: { value } }) => setSaid((before) => ({ ...before, [name]: value }))}
            />
            {hint !== null && <small>{hint}</small>}
          </label>
        ))}
        {begin.error && <Failed error={begin.error} />}
        <div className={styles.end}>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={begin.isPending}>
            {begin.isPending ? 'One moment …' : vendor.connect === 'address' ? 'Show the address' : 'Connect'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
