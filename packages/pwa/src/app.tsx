import { lazy, Suspense } from 'react'
import styles from './app.module.css'
import { Offline } from './offline/offline'
import { FactSheet } from './parts/fact-sheet'
import { Icon } from './parts/icons'
import { hrefOf, type Screen, screens, useRoute } from './parts/route'
import { Say, Waiting } from './parts/say'
import { Today } from './screens/today/today'
import { dropInvitation, useInvitation, useSession } from './session/state'

const Ask = lazy(() => import('./screens/ask/ask'))
const Data = lazy(() => import('./screens/data/data'))
const Memory = lazy(() => import('./screens/memory/memory'))
const You = lazy(() => import('./screens/you/you'))
const SignIn = lazy(() => import('./screens/sign-in/sign-in'))

const names: Readonly<Record<Screen, string>> = {
  today: 'Today',
  ask: 'Ask',
  data: 'Data',
  memory: 'Memory',
  you: 'You',
}

/** The app; where nobody is signed in and somebody must be, the sign-in and nothing else. */
export function App() {
  const session = useSession()
  switch (session) {
    case 'leaving':
      return (
        <p className="hidden" role="status">
          Signing out …
        </p>
      )
    case 'out':
      return (
        <Suspense>
          <SignIn />
        </Suspense>
      )
    default:
      return <Shell />
  }
}

/** The shell: navigation beside the screen, or below it on phones. */
function Shell() {
  const { screen, thread } = useRoute()
  return (
    <FactSheet>
      <button type="button" className={styles.skip} onClick={skip}>
        Skip to content
      </button>
      <div className={styles.shell}>
        <nav className={styles.nav} aria-label="Screens">
          <p className={styles.brand}>
            <img src="/icon.svg" width={28} height={28} alt="" />
            AUREN
          </p>
          <ul>
            {screens.map((one) => (
              <li key={one}>
                <a href={hrefOf(one)} aria-current={one === screen ? 'page' : undefined}>
                  <Icon name={one} />
                  {names[one]}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <main id="content" className={styles.main} tabIndex={-1}>
          <Offline />
          <Invited />
          <Suspense fallback={<Waiting what="Opening" />}>
            {screen === 'today' && <Today />}
            {screen === 'ask' && <Ask thread={thread} />}
            {screen === 'data' && <Data />}
            {screen === 'memory' && <Memory />}
            {screen === 'you' && <You />}
          </Suspense>
        </main>
      </div>
    </FactSheet>
  )
}

/** An invitation was opened where somebody is signed in already. */
function Invited() {
  const invitation = useInvitation()
  if (useSession() !== 'in' || invitation === null) return null
  return (
    <Say
      tone="notice"
      action={
        <button type="button" className="button" onClick={dropInvitation}>
          Not now
        </button>
      }
    >
      This is an invitation for somebody new, and you are signed in already. To use it, sign out first, then open the
      link again.
    </Say>
  )
}

/** A link would change the address, which is the screen. */
function skip(): void {
  document.getElementById('content')?.focus()
}
