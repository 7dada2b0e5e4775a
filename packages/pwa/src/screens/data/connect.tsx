import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { beginConnection } from '../../api/biometric'
import type { VendorView } from '../../api/wire'
import { Asked, Dialog, Told } from '../../parts/dialog'
import { client } from '../../parts/queries'
import { Failed } from '../../parts/say'
import { Secret } from '../../parts/secret'

/** Connects a vendor, the way that it is connected. A page of the vendor's own is gone to at once. */
export function Connect({ vendor, onClose }: { vendor: VendorView; onClose: () => void }) {
  const [said, setSaid] = useState<Readonly<Record<string, string>>>({})
  const begin = useMutation({
    mutationFn: () => beginConnection(vendor.provider, vendor.connect === 'site' ? said : undefined),
    onSuccess: () => client.invalidateQueries({ queryKey: ['connections'] }),
  })
  if (begin.data)
    return (
      <Dialog
        title={vendor.connect === 'address' ? `Connect ${vendor.title}` : `${vendor.title} is connected`}
        onClose={onClose}
      >
        <Told onClose={onClose}>
          {vendor.connect === 'address' ? (
            <>
              <p>Enter this address in {vendor.title}, as where it sends to. Whoever has it can send in your name.</p>
              <Secret label="Address" value={begin.data.url} />
            </>
          ) : (
            <p>What it has is being fetched.</p>
          )}
        </Told>
      </Dialog>
    )
  const action = vendor.connect === 'address' ? 'Show the address' : 'Connect'
  return (
    <Dialog title={`Connect ${vendor.title}`} onClose={onClose}>
      <Asked
        action={begin.isPending ? 'One moment …' : action}
        disabled={begin.isPending}
        onSubmit={() => begin.mutate()}
        onClose={onClose}
      >
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
      </Asked>
    </Dialog>
  )
}
