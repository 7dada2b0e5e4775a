import { useEffect, useRef } from 'react'
import { Icon } from '../../parts/icons'
import { Page } from '../../parts/page'
import { useReader } from '../../parts/queries'
import { go, hrefOf } from '../../parts/route'
import { Failed, Say } from '../../parts/say'
import { Answer, Kept } from './answer'
import styles from './ask.module.css'
import { Composer } from './composer'
import { ask, beginConversation, isComing, openConversation, retry, stop, useConversation } from './conversation'
import { Conversations } from './conversations'

/** Questions that show what can be asked. */
const suggestions = [
  'How did I sleep last week?',
  'What was my average resting heart rate last month?',
  'Compare my steps this month with last month',
]

/** Where a conversation is that has not begun. */
const NEW = 'new'

/** A conversation with NEUROS. */
export default function Ask({ thread }: { thread: string | null }) {
  const { locale } = useReader()
  const conversation = useConversation(thread ?? NEW)
  const end = useRef<HTMLDivElement>(null)
  const coming = conversation.exchanges.some(isComing)
  const said = conversation.exchanges.reduce((sum, { sentences }) => sum + sentences.length + 1, 0)

  useEffect(() => {
    if (thread) void openConversation(thread)
  }, [thread])
  useEffect(() => {
    if (said > 0) end.current?.scrollIntoView({ block: 'end' })
  }, [said])

  const send = (text: string) => {
    const id = thread ?? crypto.randomUUID()
    if (!thread) {
      beginConversation(id)
      go(hrefOf('ask', id), { replace: true })
    }
    ask(id, text, locale)
  }
  const turns = conversation.turns ?? []
  const last = turns.at(-1)
  const unanswered = last?.role === 'person' && conversation.exchanges.length === 0 ? last : null
  const fresh = !thread || (conversation.turns !== null && turns.length === 0 && conversation.exchanges.length === 0)

  return (
    <div className={styles.ask}>
      <Page
        title="Ask"
        lead={
          fresh
            ? 'Ask about what your devices measured. Every number in an answer leads back to its measurements.'
            : undefined
        }
        aside={
          <div className={styles.tools}>
            {thread && (
              <a className="button plain" href={hrefOf('ask')}>
                <Icon name="add" size={18} /> New conversation
              </a>
            )}
          </div>
        }
      >
        {conversation.error != null && (
          <Failed error={conversation.error} onRetry={() => thread && void openConversation(thread)} />
        )}
        {fresh && (
          <>
            <ul className={styles.suggestions} aria-label="Questions to begin with">
              {suggestions.map((text) => (
                <li key={text}>
                  <button type="button" onClick={() => send(text)}>
                    {text}
                  </button>
                </li>
              ))}
            </ul>
            <Conversations />
          </>
        )}
        <div className={styles.turns}>
          {turns.map((turn) => (
            <Kept key={turn.id} turn={turn} />
          ))}
          {unanswered && (
            <Say
              action={
                <button type="button" className="button" onClick={() => send(unanswered.text)}>
                  Ask again
                </button>
              }
            >
              No answer to this question was kept.
            </Say>
          )}
          {conversation.exchanges.map((exchange) => (
            <Answer
              key={exchange.clientId}
              exchange={exchange}
              onRetry={() => thread && retry(thread, exchange, locale)}
            />
          ))}
        </div>
      </Page>
      <Composer coming={coming} onSend={send} onStop={() => thread && void stop(thread)} />
      <div ref={end} className={styles.end} />
    </div>
  )
}
