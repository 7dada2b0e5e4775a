import type { Fact } from '../api/wire'
import styles from './fact-number.module.css'
import { useOpenFact } from './fact-sheet'
import { useNames, useReader } from './queries'
import { capital, labelOf, shownValue } from './words'

/** A number in running text; a tap opens the chart behind it. */
export function FactNumber({ fact, text, sentence }: { fact: Fact; text: string; sentence: string }) {
  const open = useOpenFact()
  const names = useNames()
  const reader = useReader()
  return (
    <button
      type="button"
      className={styles.number}
      onClick={() => open({ fact, sentence })}
      aria-label={`${text}, open ${labelOf(fact, names, reader)}`}
    >
      {text}
    </button>
  )
}

/** The facts that a sentence stands on. */
export function FactChips({ facts, sentence }: { facts: readonly Fact[]; sentence: string }) {
  const open = useOpenFact()
  const names = useNames()
  const reader = useReader()
  if (facts.length === 0) return null
  return (
    <ul className={styles.chips} aria-label="Numbers of this sentence">
      {facts.map((fact) => (
        <li key={fact.id}>
          <button type="button" className={styles.chip} onClick={() => open({ fact, sentence })}>
            <span>{capital(labelOf(fact, names, reader))}</span>
            <strong>{shownValue(fact, reader)}</strong>
          </button>
        </li>
      ))}
    </ul>
  )
}
