import { useMutation } from '@tanstack/react-query'
import { decideContradiction } from '../../api/neuros'
import type { ContradictionView } from '../../api/wire'
import { formatMoment } from '../../parts/dates'
import { Section } from '../../parts/page'
import { client, useContradictions, useReader } from '../../parts/queries'
import { Failed } from '../../parts/say'
import { kindNames } from './kinds'
import styles from './memory.module.css'

/** Memories that cannot both be so, for the person to decide; nothing is drawn where there are none. */
export function Contradictions() {
  const open = useContradictions()
  if (open.error) return <Failed error={open.error} onRetry={() => void open.refetch()} />
  if (!open.data || open.data.length === 0) return null
  return (
    <Section
      title="These do not agree"
      lead="AUREN keeps both, and asks you. Say which one holds; the other stays readable."
    >
      <ul className={styles.list}>
        {open.data.map((contradiction) => (
          <li key={contradiction.id}>
            <Decision of={contradiction} />
          </li>
        ))}
      </ul>
    </Section>
  )
}

const kinds: Readonly<Record<ContradictionView['kind'], string>> = {
  value: 'Two different values',
  negation: 'One says what the other denies',
  unit: 'The same number in different units',
  source: 'What you said, and what was measured or recorded',
}

function Decision({ of: { id, kind, acts, sides } }: { of: ContradictionView }) {
  const { locale } = useReader()
  const decide = useMutation({
    mutationFn: (keep: string) => decideContradiction(id, keep),
    onSuccess: () => client.invalidateQueries({ queryKey: ['memories'] }),
  })
  return (
    <fieldset className={styles.decision}>
      <legend>{kinds[kind]}</legend>
      {sides.map((side) => (
        <div key={side.id} className={styles.side}>
          <div className={styles.words}>
            <p className={styles.text}>{side.text}</p>
            <p className={styles.meta}>
              <span>{kindNames[side.kind].one}</span>
              <span>since {formatMoment(side.recordedAt, locale)}</span>
              {acts === side.id && <span className={styles.drafted}>counts until you decide</span>}
            </p>
          </div>
          <button
            type="button"
            className="button"
            aria-label={`This one holds: ${side.text}`}
            disabled={decide.isPending}
            onClick={() => decide.mutate(side.id)}
          >
            This one holds
          </button>
        </div>
      ))}
      {decide.error && <Failed error={decide.error} />}
    </fieldset>
  )
}
