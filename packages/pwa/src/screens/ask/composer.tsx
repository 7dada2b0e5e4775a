import { type FormEvent, type KeyboardEvent, useRef, useState } from 'react'
import { Icon } from '../../parts/icons'
import styles from './ask.module.css'

/** Longest question, in characters. */
const LONGEST = 4000

/** Where a question is written. Enter sends, Shift and Enter begins a line. */
export function Composer({
  coming,
  onSend,
  onStop,
}: {
  coming: boolean
  onSend: (text: string) => void
  onStop: () => void
}) {
  const [text, setText] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  const send = (event?: FormEvent) => {
    event?.preventDefault()
    const question = text.trim()
    if (question === '' || coming) return
    setText('')
    onSend(question)
    field.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    // While a word is being composed (Japanese, Chinese …), Enter belongs to the input method.
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault()
      send()
    }
  }
  return (
    <form className={styles.composer} onSubmit={send}>
      <label className="hidden" htmlFor="question">
        Your question
      </label>
      <textarea
        id="question"
        ref={field}
        rows={1}
        maxLength={LONGEST}
        placeholder="Ask about your data"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {coming ? (
        <button type="button" className={styles.send} onClick={onStop} aria-label="Stop the answer">
          <Icon name="stop" />
        </button>
      ) : (
        <button type="submit" className={styles.send} disabled={text.trim() === ''} aria-label="Send the question">
          <Icon name="send" />
        </button>
      )}
    </form>
  )
}
