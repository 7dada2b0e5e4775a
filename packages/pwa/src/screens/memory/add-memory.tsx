import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { addMemory, addNote } from '../../api/neuros'
import type { MemoryKind } from '../../api/wire'
import { client } from '../../parts/queries'
import { Failed } from '../../parts/say'
import { addable, kindNames } from './kinds'
import styles from './memory.module.css'

/** Tells AUREN something to remember. */
export function AddMemory() {
  const [kind, setKind] = useState<MemoryKind>('note')
  const [text, setText] = useState('')
  const add = useMutation({
    // A note is read for what it tells: an allergy in it becomes a draft of its own.
    mutationFn: async () =>
      kind === 'note' ? (await addNote(text.trim())).drafts.length : void (await addMemory(kind, text.trim())),
    onSuccess: () => {
      setText('')
      return client.invalidateQueries({ queryKey: ['memories'] })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() !== '') add.mutate()
  }
  const { hint } = addable.find((one) => one.kind === kind) ?? addable[0]
  return (
    <form className={styles.add} onSubmit={submit}>
      <label className="field">
        Kind
        <select value={kind} onChange={(event) => setKind(event.currentTarget.value as MemoryKind)}>
          {addable.map((one) => (
            <option key={one.kind} value={one.kind}>
              {kindNames[one.kind].one}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        Remember
        <input
          type="text"
          maxLength={4000}
          value={text}
          placeholder="I am allergic to …"
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <button type="submit" className="button primary" disabled={text.trim() === '' || add.isPending}>
        Add
      </button>
      <p className={styles.hint}>{hint}</p>
      {add.data ? (
        <p className={styles.hint} role="status">
          Noted. {add.data === 1 ? 'One thing in it waits' : `${add.data} things in it wait`} to be confirmed below.
        </p>
      ) : null}
      {add.error && <Failed error={add.error} />}
    </form>
  )
}
