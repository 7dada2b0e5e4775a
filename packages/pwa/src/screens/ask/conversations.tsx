import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { deleteThread } from '../../api/neuros'
import type { ThreadInfo } from '../../api/wire'
import { formatMoment } from '../../parts/dates'
import { Confirm } from '../../parts/dialog'
import { Icon } from '../../parts/icons'
import { Section } from '../../parts/page'
import { client, useReader, useThreads } from '../../parts/queries'
import { hrefOf } from '../../parts/route'
import { Failed } from '../../parts/say'
import styles from './conversations.module.css'

/** Earlier conversations; none, no heading. */
export function Conversations() {
  const threads = useThreads()
  const { locale } = useReader()
  const [asked, setAsked] = useState<ThreadInfo | null>(null)
  const remove = useMutation({
    mutationFn: (id: string) => deleteThread(id),
    onSuccess: () => client.invalidateQueries({ queryKey: ['threads'] }),
    onSettled: () => setAsked(null),
  })
  if (threads.error) return <Failed error={threads.error} onRetry={() => void threads.refetch()} />
  if (!threads.data || threads.data.length === 0) return null
  return (
    <Section title="Earlier conversations">
      {remove.error && <Failed error={remove.error} />}
      <ul className={styles.list}>
        {threads.data.map((thread) => (
          <li key={thread.id}>
            <a href={hrefOf('ask', thread.id)}>
              <span>{thread.title}</span>
              <small>{formatMoment(thread.updatedAt, locale)}</small>
            </a>
            <button
              type="button"
              onClick={() => setAsked(thread)}
              aria-label={`Delete the conversation “${thread.title}”`}
            >
              <Icon name="close" size={18} />
            </button>
          </li>
        ))}
      </ul>
      {asked && (
        <Confirm
          title="Delete this conversation?"
          action="Delete"
          busy={remove.isPending}
          onConfirm={() => remove.mutate(asked.id)}
          onClose={() => setAsked(null)}
        >
          <p>“{asked.title}” and its answers will be gone. What AUREN remembers stays until you forget it.</p>
        </Confirm>
      )}
    </Section>
  )
}
