import { useState } from 'react'
import styles from './secret.module.css'

/** Something that is shown this once, to be copied. */
export function Secret({ label, value }: { label: string; value: string }) {
  const [said, setSaid] = useState('')
  const copy = () =>
    navigator.clipboard.writeText(value).then(
      () => setSaid('Copied.'),
      () => setSaid('The browser did not allow it: select the text and copy it yourself.'),
    )
  return (
    <div className={styles.secret}>
      <label className="field">
        {label}
        <input
          type="text"
          readOnly
          autoComplete="off"
          spellCheck={false}
          value={value}
          onFocus={(event) => event.currentTarget.select()}
        />
      </label>
      <button type="button" className="button" onClick={() => void copy()}>
        Copy
      </button>
      <p role="status">{said}</p>
    </div>
  )
}
