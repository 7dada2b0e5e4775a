import { lazy, Suspense } from 'react'
import { Page, Section } from '../../parts/page'
import { useProfile } from '../../parts/queries'
import { Failed, Waiting } from '../../parts/say'
import { setTheme, type Theme, useTheme } from '../../parts/theme'
import { useSession } from '../../session/state'
import { Erase } from './erase'
import { Export } from './export'
import { ProfileForm } from './profile-form'
import styles from './you.module.css'

const Account = lazy(() => import('./account'))

const themes: readonly { theme: Theme; name: string }[] = [
  { theme: 'system', name: 'As this device' },
  { theme: 'light', name: 'Light' },
  { theme: 'dark', name: 'Dark' },
]

/** The person: profile, appearance, where somebody signs in their account, their data as a whole. */
export default function You() {
  const profile = useProfile()
  const chosen = useTheme()
  const session = useSession()
  return (
    <Page title="You">
      <Section title="Profile" lead="Each item is optional. What is missing is never assumed.">
        {profile.error ? (
          <Failed error={profile.error} onRetry={() => void profile.refetch()} />
        ) : profile.data ? (
          <ProfileForm profile={profile.data} />
        ) : (
          <Waiting what="Reading your profile" lines={1} />
        )}
      </Section>
      <Section title="Appearance">
        <fieldset className={styles.themes}>
          <legend className="hidden">Light or dark</legend>
          {themes.map(({ theme, name }) => (
            <label key={theme}>
              <input type="radio" name="theme" checked={chosen === theme} onChange={() => setTheme(theme)} />
              <span>{name}</span>
            </label>
          ))}
        </fieldset>
      </Section>
      {session === 'in' && (
        <Suspense fallback={<Waiting what="Opening your account" lines={2} />}>
          <Account />
        </Suspense>
      )}
      <Section
        title="Your data"
        lead="Everything that AUREN has of you, as one file: measurements, memories, conversations (newline-delimited JSON)."
        aside={<Export />}
      >
        <Erase />
      </Section>
    </Page>
  )
}
