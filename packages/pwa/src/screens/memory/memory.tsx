import { useState } from 'react'
import type { MemoryKind, MemoryRecord } from '../../api/wire'
import { Page, Section } from '../../parts/page'
import { useMemories } from '../../parts/queries'
import { Failed, Waiting } from '../../parts/say'
import { AddMemory } from './add-memory'
import { Chapters } from './chapters'
import { Contradictions } from './contradictions'
import { kindNames } from './kinds'
import styles from './memory.module.css'
import { MemoryRow } from './memory-row'

/** What AUREN remembers: what the person said, and what it concluded. */
export default function Memory() {
  const memories = useMemories()
  const { data } = memories
  return (
    <Page
      title="Memory"
      lead="Everything that AUREN remembers about you besides the measurements, and why. You can take back any of it."
    >
      <AddMemory />
      <Contradictions />
      {memories.error ? (
        <Failed error={memories.error} onRetry={() => void memories.refetch()} />
      ) : !data ? (
        <Waiting what="Reading what is remembered" />
      ) : (
        <>
          <Said records={data.filter(({ origin }) => origin === 'self')} />
          <Chapters />
          <Concluded records={data.filter(({ origin }) => origin !== 'self')} />
        </>
      )}
    </Page>
  )
}

/** What the person said; what is always kept in mind stands first. */
function Said({ records }: { records: readonly MemoryRecord[] }) {
  const ordered = [...records].sort((a, b) => Number(b.pinned) - Number(a.pinned) || b.recordedAt - a.recordedAt)
  return (
    <Section title="You told AUREN">
      {ordered.length === 0 ? (
        <p className="quiet">Nothing yet. Say “remember that …” in a conversation, or add it here.</p>
      ) : (
        <ul className={styles.list}>
          {ordered.map((record) => (
            <li key={record.id}>
              <MemoryRow record={record} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

/** What was concluded from the measurements, by kind. */
function Concluded({ records }: { records: readonly MemoryRecord[] }) {
  const kinds = [...new Set(records.map(({ kind }) => kind))]
  const [chosen, setChosen] = useState<MemoryKind | null>(null)
  const kind = chosen !== null && kinds.includes(chosen) ? chosen : (kinds[0] ?? null)
  const shown = records
    .filter((record) => record.kind === kind)
    .sort((a, b) => a.text.localeCompare(b.text, 'en', { numeric: true }))
  return (
    <Section title="AUREN concluded" lead="Computed from your measurements, without a language model.">
      {kinds.length > 1 && (
        <fieldset className={styles.kinds}>
          <legend className="hidden">Kind</legend>
          {kinds.map((one) => (
            <label key={one}>
              <input type="radio" name="kind" checked={one === kind} onChange={() => setChosen(one)} />
              <span>{kindNames[one].many}</span>
            </label>
          ))}
        </fieldset>
      )}
      {shown.length === 0 ? (
        <p className="quiet">Nothing yet: this takes some weeks of measurements.</p>
      ) : (
        <ul className={styles.list}>
          {shown.map((record) => (
            <li key={record.id}>
              <MemoryRow record={record} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}
