import type { Fact, Turn } from '../../api/wire'
import { bindSentence } from '../../parts/bind'
import { FactChips, FactNumber } from '../../parts/fact-number'
import type { Reader } from '../../parts/format'
import { useReader } from '../../parts/queries'
import { Say } from '../../parts/say'
import { shownValue } from '../../parts/words'
import styles from './answer.module.css'
import { type Exchange, isComing } from './conversation'
import { DraftedMemory } from './drafted-memory'

/** A sentence as plain text, whatever it holds; numbers that are surely a fact's can be tapped. */
function Sentence({ text, facts }: { text: string; facts: readonly Fact[] }) {
  const reader = useReader()
  return (
    <p className={styles.sentence}>
      {bindSentence(text, facts, reader).map((segment, place) =>
        segment.fact ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: a sentence does not change
          <FactNumber key={place} fact={segment.fact} text={segment.text} sentence={text} />
        ) : (
          segment.text
        ),
      )}
    </p>
  )
}

function Question({ text }: { text: string }) {
  return (
    <div className={styles.question}>
      <h2 className="hidden">You asked</h2>
      <p>{text}</p>
    </div>
  )
}

/**
 * The facts to list below a sentence: those that no sentence before it cites, and those whose number is written in it
 * without being a button. (Sentences that say what an answer is based on cite all of its facts once more.)
 */
function toList(text: string, facts: readonly Fact[], before: ReadonlySet<string>, reader: Reader): Fact[] {
  const tapped = new Set(bindSentence(text, facts, reader).map(({ fact }) => fact?.id))
  return facts.filter(
    (fact) => !before.has(fact.id) || (!tapped.has(fact.id) && text.includes(shownValue(fact, reader))),
  )
}

/** An answer as it comes: sentences appear when they have been verified. */
export function Answer({ exchange, onRetry }: { exchange: Exchange; onRetry: () => void }) {
  const { sentences, facts, memories, degraded, state, error } = exchange
  const coming = isComing(exchange)
  const reader = useReader()
  return (
    <article className={styles.exchange} aria-busy={coming}>
      <Question text={exchange.question} />
      <div className={styles.answer}>
        <h2 className="hidden">Answer</h2>
        <div aria-live="polite" className={styles.sentences}>
          {sentences.map(({ id, text, facts: ids }, at) => {
            const bound = ids.flatMap((one) => facts.get(one) ?? [])
            const before = new Set(sentences.slice(0, at).flatMap((one) => one.facts))
            return (
              <div key={id} className={styles.part}>
                <Sentence text={text} facts={bound} />
                <FactChips facts={toList(text, bound, before, reader)} sentence={text} />
              </div>
            )
          })}
        </div>
        {memories.map((record) => (
          <DraftedMemory key={record.id} record={record} />
        ))}
        {degraded.length > 0 && (
          <p className={styles.aside}>
            Answered without:{' '}
            {degraded.map(({ node, reason }) => `${node.replaceAll('-', ' ')} (${reason})`).join('; ')}.
          </p>
        )}
        {coming && (
          <p className={styles.status} role="status">
            <span className={styles.dots} aria-hidden="true" />
            {state === 'cut' ? 'The connection broke; picking the answer up again' : exchange.status || 'Thinking'} …
          </p>
        )}
        <End state={state} error={error} onRetry={onRetry} />
      </div>
    </article>
  )
}

const endings: Partial<Record<Exchange['state'], string>> = {
  cancelled: 'You stopped this answer.',
  failed: 'The answer failed.',
  interrupted: 'AUREN was stopped while it was answering.',
}

function End({ state, error, onRetry }: { state: Exchange['state']; error: string | null; onRetry: () => void }) {
  const text = state === 'lost' ? error : endings[state]
  if (!text) return error ? <Say tone="notice">{error}</Say> : null
  return (
    <Say
      tone={state === 'cancelled' ? 'quiet' : 'danger'}
      action={
        <button type="button" className="button" onClick={onRetry}>
          {state === 'cancelled' ? 'Ask again' : 'Try again'}
        </button>
      }
    >
      {text}
      {state === 'failed' && error && ` ${error}`}
    </Say>
  )
}

const isFact = (value: unknown): value is Fact =>
  typeof value === 'object' && value !== null && 'id' in value && 'query' in value && 'status' in value

/**
 * A turn that was kept. Which of its sentences a fact belongs to is not kept, so that a number is bound only where the
 * whole turn leaves no doubt, and the facts are listed once, below.
 */
export function Kept({ turn }: { turn: Turn }) {
  if (turn.role === 'person') return <Question text={turn.text} />
  const facts = turn.facts.filter(isFact)
  return (
    <article className={styles.answer}>
      <h2 className="hidden">Answer</h2>
      <Sentence text={turn.text} facts={facts} />
      <FactChips facts={facts} sentence="" />
    </article>
  )
}
